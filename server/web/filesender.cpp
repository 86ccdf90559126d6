// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/filesender.h"

#include "server/http/date.h"
#include "server/web/accept.h"
#include "server/web/apperror.h"
#include "server/web/conditional.h"
#include "server/web/contentdisposition.h"
#include "server/web/encoder.h"
#include "server/web/mediatypes.h"

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QRandomGenerator>

#include <new>
#include <stdexcept>
#include <system_error>

namespace loopscope::web {

using namespace Qt::StringLiterals;

struct FileSender::State {
    QByteArray root;
    FileOptions options;
    int openFiles = 0;
};

namespace {

using SharedState = std::shared_ptr<FileSender::State>;
using Status = OpenedFile::Status;

// What a worker reads into, and the loop sends from, never both at a time. Shared so that a job that nobody waits for
// any more still has somewhere to write.
struct Block {
    // Of a page: a page of the system's cache is copied much slower to where its bytes fall a few bytes further within a
    // page, as malloc() gives large blocks (AMD's "rep movsb"; measured: 0.86 s a GiB against 0.54 s).
    static constexpr std::align_val_t alignment{4096};
    struct Free {
        void operator()(char *bytes) const noexcept { ::operator delete(bytes, alignment); }
    };

    explicit Block(qsizetype capacity)
        : bytes(static_cast<char *>(::operator new(std::size_t(capacity), alignment))) // not cleared: it is read into first
    {
    }
    std::unique_ptr<char, Free> bytes;
};
using SharedBlock = std::shared_ptr<Block>;

// Written at a time, bytes: what the kernel does not take of a piece is copied into the connection's buffer, the rest of
// the block waits where it is.
constexpr qint64 pieceBytes = 64 * 1024;

// --- on a worker ---

// What a worker is asked to open. Values only.
struct OpenJob {
    QByteArray root;
    QByteArray file;
    QByteArray index; // set: the path is a folder's
    bool acceptsBrotli = false;
    bool acceptsGzip = false;
    bool prefersGzip = false;
    qsizetype readBytes = 0; // of the file's start, to be read at once
    bool needsNoPlace = false; // it must not stay open: of what does not fit into readBytes nothing can be sent
    bool isHead = false; // nothing is to be sent
    PathResolver resolver = PathResolver::Kernel;
};

struct OpenJobResult {
    OpenedFile opened;
    QByteArray file; // with the index
    Coding coding = Coding::Identity;
    SharedBlock start;
    qint64 startBytes = 0; // read of it, or a negated errno
    bool isTooLarge = false; // to be sent without a place
};

// Opens name.br or name.gz if it is as new as the file itself, and gives it in the file's place.
bool openSibling(const OpenJob &job, Coding coding, OpenJobResult &result)
{
    const QByteArray name = result.file + (coding == Coding::Brotli ? ".br" : ".gz");
    OpenedFile sibling = openBeneath(job.root, name, job.resolver);
    if (sibling.status != Status::Open || sibling.modified < result.opened.modified)
        return false;
    result.opened = std::move(sibling);
    result.coding = coding;
    return true;
}

// Only of what could be compressed, so that name.tar.gz is nobody's form of name.tar, and every answer of such a type can
// say that it varies.
void findSibling(const OpenJob &job, OpenJobResult &result)
{
    if (!isCompressible(mediaTypeOf(result.file)))
        return;
    const Coding first = job.prefersGzip ? Coding::Gzip : Coding::Brotli;
    const Coding second = job.prefersGzip ? Coding::Brotli : Coding::Gzip;
    for (const Coding coding : {first, second}) {
        const bool accepted = coding == Coding::Brotli ? job.acceptsBrotli : job.acceptsGzip;
        if (accepted && openSibling(job, coding, result))
            return;
    }
}

// Opens, looks, and for a small file that is all: it is read and closed in the same job.
OpenJobResult open(const OpenJob &job)
{
    OpenJobResult result;
    result.file = job.file;
    if (!job.index.isEmpty())
        result.file += (result.file.isEmpty() ? "" : "/") + job.index;
    result.opened = openBeneath(job.root, result.file, job.resolver);
    if (result.opened.status != Status::Open)
        return result;
    findSibling(job, result);
    OpenedFile &opened = result.opened;
    if (job.needsNoPlace && (job.isHead || opened.size > job.readBytes)) {
        opened.descriptor.close();
        result.isTooLarge = !job.isHead;
        return result;
    }
    if (const qint64 bytes = qMin<qint64>(job.readBytes, opened.size); bytes > 0) {
        result.start = std::make_shared<Block>(bytes);
        result.startBytes = opened.descriptor.readAt(0, result.start->bytes.get(), bytes);
    }
    if (opened.size <= job.readBytes)
        opened.descriptor.close();
    return result;
}

// --- on the loop ---

// A place among FileOptions::maxOpenFiles, from before a file is opened until after it is closed.
class OpenPlace {
public:
    explicit OpenPlace(SharedState state)
        : m_state(std::move(state))
    {
        ++m_state->openFiles;
    }
    ~OpenPlace() { --m_state->openFiles; }
    OpenPlace(const OpenPlace &) = delete;
    OpenPlace &operator=(const OpenPlace &) = delete;

private:
    SharedState m_state;
};

// A file that is being sent. closeOnPool() ends it; only where the loop ends before is it closed by the destructor.
class SentFile {
public:
    SentFile(SharedState state, std::shared_ptr<OpenPlace> place, OpenJobResult result)
        : m_state(std::move(state))
        , m_place(std::move(place))
        , m_result(std::move(result))
    {
    }
    SentFile(const SentFile &) = delete;
    SentFile &operator=(const SentFile &) = delete;

    [[nodiscard]] const FileOptions &options() const noexcept { return m_state->options; }
    [[nodiscard]] const QByteArray &name() const noexcept { return m_result.file; }
    [[nodiscard]] qint64 size() const noexcept { return m_result.opened.size; }
    [[nodiscard]] Coding coding() const noexcept { return m_result.coding; }
    [[nodiscard]] const Descriptor &descriptor() const noexcept { return m_result.opened.descriptor; }
    // Lets a worker close it, for that may wait for a disk, too. No job reads it any more.
    void closeOnPool()
    {
        if (!descriptor().isOpen())
            return;
        auto closing = std::make_shared<Descriptor>(std::move(m_result.opened.descriptor));
        loop::EventLoop::current()->pool().submit("close", [closing] { closing->close(); },
                                                  [place = std::move(m_place)](std::exception_ptr) { });
    }
    // The start of the file, a block of it at most, if it was read when it was opened; else null.
    [[nodiscard]] SharedBlock takeStart() { return std::move(m_result.start); }
    [[nodiscard]] qint64 startBytes() const noexcept { return m_result.startBytes; }
    [[nodiscard]] std::chrono::sys_seconds modified() const
    {
        return std::chrono::floor<std::chrono::seconds>(m_result.opened.modified);
    }
    // As send's; a coded one has its coding in it (RFC 9110 §8.8.3.3).
    [[nodiscard]] QByteArray etag() const
    {
        const auto time = std::chrono::floor<std::chrono::milliseconds>(m_result.opened.modified);
        QByteArray tag = "W/\"" + QByteArray::number(size(), 16) + '-'
            + QByteArray::number(qint64(time.time_since_epoch().count()), 16);
        if (coding() != Coding::Identity)
            tag += '-' + toString(coding()).toByteArray();
        return tag + '"';
    }

private:
    SharedState m_state;
    std::shared_ptr<OpenPlace> m_place;
    OpenJobResult m_result;
};
using SharedFile = std::shared_ptr<SentFile>;

// What goes out: text (the head of a part), then bytes of the file.
struct Piece {
    QByteArray text;
    qint64 offset = 0;
    qint64 bytes = 0;
};

// Gives the pieces in slices of a block at most.
class Slices {
public:
    struct Slice {
        QByteArray text; // before it
        qint64 offset = 0;
        qint64 bytes = 0;
    };

    Slices(std::vector<Piece> pieces, qsizetype blockBytes)
        : m_pieces(std::move(pieces))
        , m_blockBytes(blockBytes)
    {
    }
    // Nothing at the end.
    std::optional<Slice> next()
    {
        if (m_at == m_pieces.size())
            return std::nullopt;
        Piece &piece = m_pieces[m_at];
        Slice slice{std::exchange(piece.text, QByteArray()), piece.offset, qMin<qint64>(piece.bytes, m_blockBytes)};
        piece.offset += slice.bytes;
        piece.bytes -= slice.bytes;
        if (piece.bytes == 0)
            ++m_at;
        return slice;
    }
    [[nodiscard]] qsizetype blockBytes() const noexcept
    {
        qint64 largest = 0;
        for (const Piece &piece : m_pieces)
            largest = qMax(largest, piece.bytes);
        return qsizetype(qMin<qint64>(largest, m_blockBytes));
    }

private:
    std::vector<Piece> m_pieces;
    std::size_t m_at = 0;
    const qsizetype m_blockBytes;
};

// Never throws, for it may end after everybody lost interest: bytes of the file that are there, or a negated errno.
loop::Task<qint64> read(SharedFile file, SharedBlock block, qint64 offset, qint64 bytes)
{
    try {
        // by reference to the frame, which lives as long as the job: g++ 12 destroys such captures twice
        const qint64 got = co_await loop::runOnPool("read", [&] {
            return file->descriptor().readAt(offset, block->bytes.get(), bytes);
        });
        co_return got;
    } catch (const loop::JobError &) {
        co_return -EAGAIN;
    }
}

// On the loop: what there is of the file in the system's cache; 0 at the end, or where a worker must read.
qint64 readCached(const SentFile &file, Block &block, qint64 offset, qint64 bytes)
{
    loop::Span span("read");
    const qint64 got = qMax<qint64>(0, file.descriptor().readCachedAt(offset, block.bytes.get(), bytes));
    span.setValue(got);
    return got;
}

// The head has promised more than there is: whoever catches this cuts the connection.
void requireWhole(qint64 got, qint64 wanted)
{
    if (got < 0)
        throw std::system_error(int(-got), std::generic_category(), "a file could not be read while it was sent");
    if (got < wanted)
        throw std::runtime_error("a file became shorter while it was sent");
}

// Gives the response `bytes` of the block from `at` on, a piece at a time, each when the client has room for it.
loop::Task<> writeBlock(SharedBlock block, Response &res, qint64 at, qint64 bytes)
{
    for (const qint64 end = at + bytes; at < end && res.isWritable(); at += pieceBytes) {
        if (!res.write(QByteArrayView(block->bytes.get() + at, qMin(pieceBytes, end - at))))
            co_await res.drained();
    }
}

// What the system has in its cache is read on the loop, a piece right before it is written, for that costs less than to
// wake a worker and the piece is still in the processor's cache. What is missing a worker reads, the rest of the slice at
// once; meanwhile the system reads ahead.
loop::Task<> sendSlice(SharedFile file, SharedBlock block, Response &res, qint64 offset, qint64 bytes)
{
    while (bytes > 0 && res.isWritable()) {
        qint64 got = readCached(*file, *block, offset, qMin(pieceBytes, bytes));
        if (got == 0) {
            got = co_await read(file, block, offset, bytes);
            requireWhole(got, bytes);
        }
        if (got <= pieceBytes) {
            if (res.isWritable() && !res.write(QByteArrayView(block->bytes.get(), got)))
                co_await res.drained();
        } else {
            co_await writeBlock(block, res, 0, got);
        }
        offset += got;
        bytes -= got;
    }
}

// The others have a turn after each slice.
loop::Task<> sendBody(SharedFile file, Response &res, std::vector<Piece> pieces)
{
    Slices slices(std::move(pieces), file->options().blockBytes);
    const qsizetype blockBytes = slices.blockBytes();
    SharedBlock block = file->takeStart(); // if there, it is the first slice, or all there is
    qint64 heldBytes = 0; // of the file's start, by the block
    if (block) {
        heldBytes = qMin<qint64>(file->size(), file->options().blockBytes);
        requireWhole(file->startBytes(), heldBytes);
    }
    std::optional<Slices::Slice> slice = slices.next();
    while (slice && res.isWritable()) {
        if (!slice->text.isEmpty())
            res.write(slice->text);
        if (slice->offset + slice->bytes <= heldBytes) {
            co_await writeBlock(block, res, slice->offset, slice->bytes);
        } else {
            if (!block)
                block = std::make_shared<Block>(blockBytes);
            heldBytes = 0; // something else will be in it
            co_await sendSlice(file, block, res, slice->offset, slice->bytes);
        }
        slice = slices.next();
        if (slice)
            co_await loop::nextTurn();
    }
    if (res.isWritable())
        res.end();
}

QByteArray boundary()
{
    return QByteArray::number(QRandomGenerator::system()->generate64(), 16)
        + QByteArray::number(QRandomGenerator::system()->generate64(), 16);
}

// RFC 9110 §14.6: multipart/byteranges. Sets the head and gives what follows it.
std::vector<Piece> multipart(Response &res, const std::vector<ByteRange> &ranges, qint64 size)
{
    const QByteArray mark = boundary();
    const QByteArray type = res.get("Content-Type").toByteArray();
    std::vector<Piece> pieces;
    qint64 total = 0;
    for (const ByteRange &range : ranges) {
        const QByteArray head = "\r\n--" + mark + "\r\nContent-Type: " + type
            + "\r\nContent-Range: " + contentRange(range, size) + "\r\n\r\n";
        pieces.push_back({head, range.first, range.size()});
        total += head.size() + range.size();
    }
    const QByteArray end = "\r\n--" + mark + "--\r\n";
    pieces.push_back({end, 0, 0});
    res.status(206).type("multipart/byteranges; boundary=" + mark).contentLength(total + end.size());
    return pieces;
}

void answerText(Response &res, int status)
{
    res.sendStatus(status);
}

void answerBusy(Response &res)
{
    res.set("Retry-After", "1");
    answerText(res, 503);
}

// An error is not the file: no cache may keep it in the file's place.
void removeFileHeaders(Response &res)
{
    for (const char *header : {"Content-Encoding", "Content-Disposition", "Cache-Control", "Last-Modified", "ETag"})
        res.remove(header);
}

std::chrono::sys_seconds secondsNow()
{
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

bool setDefault(Response &res, const QByteArray &header, const QByteArray &value)
{
    if (!res.get(header).isNull())
        return false;
    res.set(header, value);
    return true;
}

// What 200, 206 and 304 have in common (RFC 9110 §15.4.5).
void setCacheHeaders(const SentFile &file, Response &res)
{
    const FileOptions &options = file.options();
    if (options.setHeaders)
        options.setHeaders(res, file.name());
    if (options.precompressed && isCompressible(mediaTypeOf(file.name())))
        res.vary("Accept-Encoding");
    if (options.cacheControl) {
        setDefault(res, "Cache-Control",
                   "public, max-age=" + QByteArray::number(qint64(options.maxAge.count()))
                       + (options.immutable ? ", immutable" : ""));
    }
    if (options.lastModified)
        setDefault(res, "Last-Modified", http::imfFixdate(qMin(file.modified(), secondsNow()))); // RFC 9110 §8.8.2.1
    if (options.etag)
        setDefault(res, "ETag", file.etag());
}

// Answers conditional requests whose condition does not hold: true if that was the answer.
bool answerPrecondition(const Request &req, Response &res, const Validators &validators)
{
    switch (evaluatePreconditions(req.head(), validators)) {
    case Precondition::Proceed: return false;
    case Precondition::NotModified: res.status(304).end(); return true;
    case Precondition::Failed:
        removeFileHeaders(res);
        answerText(res, 412);
        return true;
    }
    return false;
}

loop::Task<> answerFile(SharedFile file, Request &req, Response &res)
{
    const FileOptions &options = file->options();
    setCacheHeaders(*file, res);
    const Validators validators{res.get("ETag").toByteArray(), http::parseHttpDate(res.get("Last-Modified"))};
    const int status = res.statusCode();
    const bool isConditional = status >= 200 && status < 300; // a file that tells of an error always goes out
    if (isConditional && answerPrecondition(req, res, validators))
        co_return;

    setDefault(res, "Content-Type", mediaTypeOf(file->name()).toByteArray());
    if (file->coding() != Coding::Identity)
        res.set("Content-Encoding", toString(file->coding()).toByteArray());
    RangeRequest range;
    if (options.acceptRanges) {
        setDefault(res, "Accept-Ranges", "bytes");
        Validators strong = validators;
        if (options.precompressed && isCompressible(mediaTypeOf(file->name())))
            strong.lastModified.reset(); // another coding of it has the same date (RFC 9110 §8.8.1)
        if (isConditional && rangeApplies(req.head(), strong, secondsNow()))
            range = req.range(file->size());
    }
    if (range.kind == RangeRequest::Kind::Unsatisfiable) {
        removeFileHeaders(res);
        res.set("Content-Range", contentRange(file->size()));
        answerText(res, 416);
        co_return;
    }
    std::vector<Piece> pieces;
    if (range.kind == RangeRequest::Kind::Whole) {
        res.contentLength(file->size());
        pieces.push_back({{}, 0, file->size()});
    } else if (range.ranges.size() == 1) {
        const ByteRange &only = range.ranges.front();
        res.status(206).set("Content-Range", contentRange(only, file->size())).contentLength(only.size());
        pieces.push_back({{}, only.first, only.size()});
    } else {
        pieces = multipart(res, range.ranges, file->size());
    }
    if (req.method() == http::Method::Head)
        res.end();
    else
        co_await sendBody(file, res, std::move(pieces));
}

OpenJob openJob(const FileSender::State &state, const Request &req, const StaticPath &path, bool needsNoPlace)
{
    OpenJob job;
    job.needsNoPlace = needsNoPlace;
    job.isHead = req.method() == http::Method::Head;
    job.root = state.root;
    job.file = path.file;
    job.resolver = state.options.resolver;
    if (path.isFolder)
        job.index = state.options.index;
    // Several ranges are answered with a multipart, which is in no coding (RFC 9110 §15.3.7.2): ranges of the file itself.
    if (state.options.precompressed && !req.get("Range").contains(',')) {
        const QByteArray accept = req.head().allHeaders("Accept-Encoding");
        job.acceptsBrotli = negotiateEncoding(accept, {"br", "identity"}) == 0;
        job.acceptsGzip = negotiateEncoding(accept, {"gzip", "identity"}) == 0;
        job.prefersGzip = negotiateEncoding(accept, {"br", "gzip", "identity"}) == 1;
    }
    bool mayNeedNoBody = req.method() != http::Method::Get;
    for (const char *header : {"Range", "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since"})
        mayNeedNoBody = mayNeedNoBody || !req.get(header).isNull();
    if (!mayNeedNoBody || needsNoPlace)
        job.readBytes = state.options.blockBytes;
    return job;
}

// As serve-static: the path as the client gave it, one slash before it only, so that "//host" cannot become a URL of
// another host, and a slash after it.
void redirectToFolder(const Request &req, Response &res)
{
    QByteArrayView path = req.path();
    while (path.startsWith("//"))
        path = path.sliced(1);
    QByteArray url = path.toByteArray() + '/';
    if (!req.queryString().isEmpty())
        url += '?' + req.queryString().toByteArray();
    res.redirect(url, 301);
}

FileSender::Result resultOf(StaticPath::Status status)
{
    switch (status) {
    case StaticPath::Status::Good: return FileSender::Result::Answered;
    case StaticPath::Status::Malformed: return FileSender::Result::BadRequest;
    case StaticPath::Status::Forbidden: return FileSender::Result::Forbidden;
    case StaticPath::Status::Ignored: break;
    }
    return FileSender::Result::NotFound;
}

// The request and its response are kept alive by the handler that waits for this.
loop::Task<FileSender::Result> send(SharedState state, Request &req, Response &res, StaticPath path, bool mayRedirect)
{
    using Result = FileSender::Result;
    if (path.status != StaticPath::Status::Good)
        co_return resultOf(path.status);
    if (path.isFolder && state->options.index.isEmpty())
        co_return Result::NotFound;
    const bool isFull = state->openFiles >= state->options.maxOpenFiles;
    auto place = isFull ? nullptr : std::make_shared<OpenPlace>(state);
    OpenJobResult result;
    bool busy = false;
    try {
        const OpenJob job = openJob(*state, req, path, isFull);
        result = co_await loop::runOnPool("open", [&job] { return open(job); });
        busy = result.isTooLarge;
    } catch (const loop::JobError &) {
        busy = true;
    }
    if (!res.isWritable())
        co_return Result::Answered; // nobody is there to be answered
    switch (result.opened.status) {
    case Status::Open: break;
    case Status::TooMany: busy = true; break;
    case Status::Directory:
        if (!mayRedirect || path.isFolder)
            co_return Result::NotFound;
        redirectToFolder(req, res);
        co_return Result::Answered;
    case Status::Denied: co_return Result::Forbidden;
    case Status::Failed:
        throw std::system_error(result.opened.error, std::generic_category(), "a file could not be opened");
    case Status::NotFound:
    case Status::Refused:
        if (!busy)
            co_return Result::NotFound;
    }
    if (busy) {
        answerBusy(res);
        co_return Result::Answered;
    }
    if (!result.opened.descriptor.isOpen())
        place.reset(); // it was read whole and is closed already
    const auto file = std::make_shared<SentFile>(state, std::move(place), std::move(result));
    std::exception_ptr error;
    try {
        loop::Task<> answering = answerFile(file, req, res);
        co_await answering;
    } catch (...) {
        error = std::current_exception();
    }
    if (file.use_count() == 1)
        file->closeOnPool();
    if (error)
        std::rethrow_exception(error);
    co_return Result::Answered;
}

loop::Task<> sendOrThrow(SharedState state, Request &req, Response &res, StaticPath path)
{
    loop::Task<FileSender::Result> sending = send(std::move(state), req, res, std::move(path), false);
    switch (co_await sending) {
    case FileSender::Result::Answered: break;
    case FileSender::Result::BadRequest: throw AppError(400, u"The path is malformed."_s, "ERR_BAD_PATH");
    case FileSender::Result::Forbidden: throw AppError(403, u"This file is not for you."_s, "ERR_FORBIDDEN");
    case FileSender::Result::NotFound: throw AppError(404, u"There is no such file."_s, "ERR_NOT_FOUND");
    }
}

} // namespace

FileSender::FileSender(const QString &root, const FileOptions &options)
    : m_state(std::make_shared<State>())
{
    if (root.isEmpty())
        throw std::invalid_argument("static files need a root folder");
    if (options.maxOpenFiles < 1 || options.blockBytes < 1 || options.maxAge.count() < 0)
        throw std::invalid_argument("maxOpenFiles and blockBytes are 1 or more, maxAge is 0 or more");
    m_state->root = QFile::encodeName(QDir::cleanPath(QDir::current().absoluteFilePath(root)));
    m_state->options = options;
}

loop::Task<FileSender::Result> FileSender::sendUrl(Request &request, Response &response, QByteArrayView path) const
{
    return send(m_state, request, response, parseUrlPath(path, m_state->options.dotfiles), m_state->options.redirect);
}

loop::Task<> FileSender::sendFile(Request &request, Response &response, const QString &path) const
{
    return sendOrThrow(m_state, request, response, parseFilePath(path.toUtf8(), m_state->options.dotfiles));
}

loop::Task<> FileSender::download(Request &request, Response &response, const QString &path,
                                  const QString &fileName) const
{
    response.set("Content-Disposition", contentDisposition(fileName.isEmpty() ? path : fileName));
    return sendFile(request, response, path);
}

int FileSender::openFiles() const noexcept
{
    return m_state->openFiles;
}

const FileOptions &FileSender::options() const noexcept
{
    return m_state->options;
}

} // namespace loopscope::web
