// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArrayView>

namespace loopscope::web {

// The Content-Type for a file's name, by its extension without regard to case, as the npm package mime-types:
// "text/css; charset=utf-8"; "application/octet-stream" if it is not known. Text types, and JSON and XML, are given
// the charset that this server's files are written in. A literal; for any thread.
//
// A table: a look-up takes some tens of nanoseconds and gives the same on every machine. QMimeDatabase by name takes
// 4 µs, 5 ms at its first use, and says what the machine's shared-mime-info says.
[[nodiscard]] QByteArrayView mediaTypeOf(QByteArrayView fileName) noexcept;

// Whether bodies of this media type become smaller by compression: text, and what is text in disguise (JSON, XML,
// JavaScript, SVG, fonts without compression of their own), as the npm package compressible. Parameters are ignored.
[[nodiscard]] bool isCompressible(QByteArrayView mediaType) noexcept;

} // namespace loopscope::web
