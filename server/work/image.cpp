// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/work/image.h"

#include "server/work/rangeerror.h"

#include <QtCore/QBuffer>
#include <QtGui/QImageReader>

#include <random>

namespace loopscope::work {

static void requireSize(QSize size)
{
    requireRange("width", size.width(), 1, maximumPixels);
    requireRange("height", size.height(), 1, maximumPixels);
    requireRange("width * height", qint64(size.width()) * size.height(), 1, maximumPixels);
}

QImage testImage(QSize size, quint32 seed)
{
    requireSize(size);
    QImage image(size, QImage::Format_RGB32);
    std::minstd_rand noise(seed);
    for (int y = 0; y < size.height(); ++y) {
        auto *line = reinterpret_cast<QRgb *>(image.scanLine(y));
        const int green = y * 255 / size.height();
        for (int x = 0; x < size.width(); ++x)
            line[x] = qRgb(x * 255 / size.width(), green, int(noise() & 255));
    }
    return image;
}

QImage decodeImage(QByteArrayView bytes)
{
    QByteArray view = QByteArray::fromRawData(bytes.data(), bytes.size());
    QBuffer buffer(&view);
    buffer.open(QIODevice::ReadOnly);
    QImageReader reader(&buffer);
    const QSize size = reader.size(); // from the header
    if (size.isEmpty() || qint64(size.width()) * size.height() > maximumPixels)
        return {};
    return reader.read();
}

namespace {

void step(JobProgress *job, int done, int total)
{
    if (!job)
        return;
    job->throwIfCancelled();
    job->report(done, total);
}

// The mean of a rectangle's pixels.
QRgb meanOf(const QImage &image, int left, int right, int top, int bottom)
{
    quint64 red = 0;
    quint64 green = 0;
    quint64 blue = 0;
    quint64 alpha = 0;
    for (int y = top; y < bottom; ++y) {
        const auto *line = reinterpret_cast<const QRgb *>(image.constScanLine(y));
        for (int x = left; x < right; ++x) {
            red += quint64(qRed(line[x]));
            green += quint64(qGreen(line[x]));
            blue += quint64(qBlue(line[x]));
            alpha += quint64(qAlpha(line[x]));
        }
    }
    const quint64 count = quint64(right - left) * quint64(bottom - top);
    return qRgba(int(red / count), int(green / count), int(blue / count), int(alpha / count));
}

// Rows of four bytes a pixel. Converting is QImage's, which keeps to this thread where nothing is to be done.
QImage withWords(const QImage &image)
{
    return image.format() == QImage::Format_RGB32 ? image : image.convertToFormat(QImage::Format_ARGB32);
}

QImage resized(const QImage &given, QSize size, JobProgress *job)
{
    const QImage image = withWords(given);
    QImage result(size, image.format());
    for (int y = 0; y < size.height(); ++y) {
        const int top = int(qint64(y) * image.height() / size.height());
        const int bottom = std::max(top + 1, int(qint64(y + 1) * image.height() / size.height()));
        auto *line = reinterpret_cast<QRgb *>(result.scanLine(y));
        for (int x = 0; x < size.width(); ++x) {
            const int left = int(qint64(x) * image.width() / size.width());
            const int right = std::max(left + 1, int(qint64(x + 1) * image.width() / size.width()));
            line[x] = meanOf(image, left, right, top, bottom);
        }
        step(job, y + 1, size.height());
    }
    return result;
}

QImage grey(const QImage &given, JobProgress *job)
{
    const QImage image = withWords(given);
    QImage result(image.size(), QImage::Format_Grayscale8);
    for (int y = 0; y < image.height(); ++y) {
        const auto *from = reinterpret_cast<const QRgb *>(image.constScanLine(y));
        uchar *to = result.scanLine(y);
        for (int x = 0; x < image.width(); ++x)
            to[x] = uchar(qGray(from[x]));
        step(job, y + 1, image.height());
    }
    return result;
}

} // namespace

// --- resize ---

Task<QImage> resizeImage(QImage image, QSize size, Progress progress, Site site)
{
    requireSize(image.size());
    requireSize(size);
    co_return co_await loop::runOnPool(
        "resizeImage", [&image, size](JobProgress &job) { return resized(image, size, &job); }, std::move(progress), site);
}

JobId resizeImage(QImage image, QSize size, ErrorFirst<QImage> callback, Progress progress, Site site)
{
    requireSize(image.size());
    requireSize(size);
    return submitJob<QImage>(
        "resizeImage", [image = std::move(image), size](JobProgress &job) { return resized(image, size, &job); },
        std::move(callback), std::move(progress), site);
}

QImage resizeImageSync(const QImage &image, QSize size, Site site)
{
    requireSize(image.size());
    requireSize(size);
    const loop::Span span("resizeImageSync", site);
    return resized(image, size, nullptr);
}

// --- grayscale ---

Task<QImage> grayscale(QImage image, Progress progress, Site site)
{
    requireSize(image.size());
    co_return co_await loop::runOnPool(
        "grayscale", [&image](JobProgress &job) { return grey(image, &job); }, std::move(progress), site);
}

JobId grayscale(QImage image, ErrorFirst<QImage> callback, Progress progress, Site site)
{
    requireSize(image.size());
    return submitJob<QImage>(
        "grayscale", [image = std::move(image)](JobProgress &job) { return grey(image, &job); }, std::move(callback),
        std::move(progress), site);
}

QImage grayscaleSync(const QImage &image, Site site)
{
    requireSize(image.size());
    const loop::Span span("grayscaleSync", site);
    return grey(image, nullptr);
}

} // namespace loopscope::work
