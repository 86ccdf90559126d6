// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/work/job.h"

#include <QtCore/QByteArrayView>
#include <QtCore/QSize>
#include <QtGui/QImage>

namespace loopscope::work {

// Images resized and made grey, pixel by pixel on one thread. (QImage::scaled() would hand a large image to a pool of Qt's
// own, which no trace sees.) The jobs tell their progress by rows and stop when they are cancelled.
//
// Pixels of an image, the given or the made one, at most: 128 MiB of four bytes each, as much as QImageReader allocates.
constexpr qint64 maximumPixels = 32 * 1024 * 1024;

// --- any thread; they block and are not traced ---
// Made of nothing but its size and the seed. Throws a RangeError.
[[nodiscard]] QImage testImage(QSize size, quint32 seed);
// Of bytes that somebody sent (PNG, JPEG, … as QImageReader knows them); null if they are no image, or too large a one.
[[nodiscard]] QImage decodeImage(QByteArrayView bytes);

// Every pixel the mean of those that it covers; an image that grows repeats its pixels. Throws a RangeError.
Task<QImage> resizeImage(QImage image, QSize size, Progress progress = nullptr, Site site = Site::here());
JobId resizeImage(QImage image, QSize size, ErrorFirst<QImage> callback, Progress progress = nullptr,
                  Site site = Site::here());
[[nodiscard]] QImage resizeImageSync(const QImage &image, QSize size, Site site = Site::here());

// Format_Grayscale8, by qGray().
Task<QImage> grayscale(QImage image, Progress progress = nullptr, Site site = Site::here());
JobId grayscale(QImage image, ErrorFirst<QImage> callback, Progress progress = nullptr, Site site = Site::here());
[[nodiscard]] QImage grayscaleSync(const QImage &image, Site site = Site::here());

} // namespace loopscope::work
