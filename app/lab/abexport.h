// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QString>

QT_BEGIN_NAMESPACE
class QImage;
QT_END_NAMESPACE

namespace loopscope::app {

// Writes a file whole or not at all: what was there under that name stays until all of it is on the disk.
// Empty if it did, otherwise one sentence. Blocks for as long as the disk takes: for files of a few hundred kB.
[[nodiscard]] QString writeWhole(const QString &path, const QByteArray &bytes);

// An image as PNG.
[[nodiscard]] QByteArray asPng(const QImage &image);

} // namespace loopscope::app
