// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/mediatypes.h"

#include "server/http/requesthead.h"

#include <algorithm>
#include <iterator>

namespace loopscope::web {

namespace {

struct Entry {
    QByteArrayView extension; // lower case
    QByteArrayView type;
};

// Sorted by extension. https://www.iana.org/assignments/media-types
constexpr Entry table[] = {
    {"7z", "application/x-7z-compressed"},
    {"aac", "audio/aac"},
    {"apk", "application/vnd.android.package-archive"},
    {"atom", "application/atom+xml; charset=utf-8"},
    {"avi", "video/x-msvideo"},
    {"avif", "image/avif"},
    {"bin", "application/octet-stream"},
    {"bmp", "image/bmp"},
    {"bz2", "application/x-bzip2"},
    {"c", "text/x-c; charset=utf-8"},
    {"cc", "text/x-c; charset=utf-8"},
    {"cjs", "application/node; charset=utf-8"},
    {"cpp", "text/x-c; charset=utf-8"},
    {"css", "text/css; charset=utf-8"},
    {"csv", "text/csv; charset=utf-8"},
    {"doc", "application/msword"},
    {"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    {"eot", "application/vnd.ms-fontobject"},
    {"epub", "application/epub+zip"},
    {"flac", "audio/x-flac"},
    {"gif", "image/gif"},
    {"gz", "application/gzip"},
    {"h", "text/x-c; charset=utf-8"},
    {"htm", "text/html; charset=utf-8"},
    {"html", "text/html; charset=utf-8"},
    {"ico", "image/vnd.microsoft.icon"},
    {"ics", "text/calendar; charset=utf-8"},
    {"iso", "application/x-iso9660-image"},
    {"jar", "application/java-archive"},
    {"jpeg", "image/jpeg"},
    {"jpg", "image/jpeg"},
    {"js", "text/javascript; charset=utf-8"},
    {"json", "application/json; charset=utf-8"},
    {"jsonld", "application/ld+json; charset=utf-8"},
    {"jxl", "image/jxl"},
    {"log", "text/plain; charset=utf-8"},
    {"m3u8", "application/vnd.apple.mpegurl"},
    {"m4a", "audio/mp4"},
    {"m4v", "video/x-m4v"},
    {"map", "application/json; charset=utf-8"},
    {"markdown", "text/markdown; charset=utf-8"},
    {"md", "text/markdown; charset=utf-8"},
    {"mid", "audio/midi"},
    {"mjs", "text/javascript; charset=utf-8"},
    {"mkv", "video/x-matroska"},
    {"mov", "video/quicktime"},
    {"mp3", "audio/mpeg"},
    {"mp4", "video/mp4"},
    {"mpd", "application/dash+xml; charset=utf-8"},
    {"mpeg", "video/mpeg"},
    {"mpg", "video/mpeg"},
    {"odp", "application/vnd.oasis.opendocument.presentation"},
    {"ods", "application/vnd.oasis.opendocument.spreadsheet"},
    {"odt", "application/vnd.oasis.opendocument.text"},
    {"oga", "audio/ogg"},
    {"ogg", "audio/ogg"},
    {"ogv", "video/ogg"},
    {"opus", "audio/ogg"},
    {"otf", "font/otf"},
    {"pdf", "application/pdf"},
    {"png", "image/png"},
    {"ppt", "application/vnd.ms-powerpoint"},
    {"pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
    {"ps", "application/postscript"},
    {"rar", "application/vnd.rar"},
    {"rss", "application/rss+xml; charset=utf-8"},
    {"rtf", "application/rtf"},
    {"sh", "application/x-sh; charset=utf-8"},
    {"svg", "image/svg+xml"},
    {"tar", "application/x-tar"},
    {"tif", "image/tiff"},
    {"tiff", "image/tiff"},
    {"toml", "application/toml; charset=utf-8"},
    {"ts", "video/mp2t"},
    {"ttf", "font/ttf"},
    {"txt", "text/plain; charset=utf-8"},
    {"vtt", "text/vtt; charset=utf-8"},
    {"wasm", "application/wasm"},
    {"wav", "audio/wav"},
    {"weba", "audio/webm"},
    {"webm", "video/webm"},
    {"webmanifest", "application/manifest+json; charset=utf-8"},
    {"webp", "image/webp"},
    {"woff", "font/woff"},
    {"woff2", "font/woff2"},
    {"xhtml", "application/xhtml+xml; charset=utf-8"},
    {"xls", "application/vnd.ms-excel"},
    {"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {"xml", "text/xml; charset=utf-8"},
    {"xsl", "application/xslt+xml; charset=utf-8"},
    {"xz", "application/x-xz"},
    {"yaml", "text/yaml; charset=utf-8"},
    {"yml", "text/yaml; charset=utf-8"},
    {"zip", "application/zip"},
    {"zst", "application/zstd"},
};

constexpr qsizetype longestExtension = 11; // webmanifest

constexpr bool comesBefore(QByteArrayView a, QByteArrayView b)
{
    for (qsizetype i = 0; i < a.size() && i < b.size(); ++i) {
        if (a[i] != b[i])
            return a[i] < b[i];
    }
    return a.size() < b.size();
}

constexpr bool isTableSorted()
{
    for (std::size_t i = 1; i < std::size(table); ++i) {
        if (!comesBefore(table[i - 1].extension, table[i].extension) || table[i].extension.size() > longestExtension)
            return false;
    }
    return true;
}
static_assert(isTableSorted());

bool endsWithIgnoringCase(QByteArrayView text, QByteArrayView end)
{
    return text.size() >= end.size() && http::equalsIgnoringCase(text.last(end.size()), end);
}

bool startsWithIgnoringCase(QByteArrayView text, QByteArrayView start)
{
    return text.size() >= start.size() && http::equalsIgnoringCase(text.first(start.size()), start);
}

} // namespace

QByteArrayView mediaTypeOf(QByteArrayView fileName) noexcept
{
    static constexpr QByteArrayView unknown = "application/octet-stream";
    const qsizetype dot = fileName.lastIndexOf('.');
    if (dot < 0 || fileName.size() - dot - 1 > longestExtension)
        return unknown;
    char lower[longestExtension];
    const QByteArrayView extension = fileName.sliced(dot + 1);
    std::transform(extension.begin(), extension.end(), lower,
                   [](char c) { return c >= 'A' && c <= 'Z' ? char(c + ('a' - 'A')) : c; });
    const QByteArrayView wanted(lower, extension.size());
    const Entry *found = std::lower_bound(std::begin(table), std::end(table), wanted, [](const Entry &entry, QByteArrayView e) {
        return comesBefore(entry.extension, e);
    });
    return found != std::end(table) && found->extension == wanted ? found->type : unknown;
}

bool isCompressible(QByteArrayView mediaType) noexcept
{
    const qsizetype semicolon = mediaType.indexOf(';');
    const QByteArrayView type = http::trimmedOws(semicolon < 0 ? mediaType : mediaType.first(semicolon));
    if (startsWithIgnoringCase(type, "text/") || endsWithIgnoringCase(type, "+json") || endsWithIgnoringCase(type, "+xml")
        || endsWithIgnoringCase(type, "+text"))
        return true;
    static constexpr QByteArrayView others[] = {
        "application/json", "application/javascript", "application/xml", "application/x-javascript", "application/node",
        "application/toml", "application/x-sh", "application/wasm", "application/rtf", "application/x-ndjson",
        "application/vnd.ms-fontobject", "application/vnd.apple.mpegurl", "font/otf", "font/ttf", "image/bmp",
        "image/vnd.microsoft.icon", "image/x-icon",
    };
    return std::any_of(std::begin(others), std::end(others),
                       [&](QByteArrayView other) { return http::equalsIgnoringCase(type, other); });
}

} // namespace loopscope::web
