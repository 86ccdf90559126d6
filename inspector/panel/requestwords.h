// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/session.h"

namespace loopscope::panel {

// What is said of a request in words, the same in every panel. Translated, plain text, pure.

// "POST /message  302  41 ms": the header line of the detail.
[[nodiscard]] QString requestLine(const model::Session &session, const model::Request &request, qint64 nowNs);
// "302", "running", "200, but cut by the drain's deadline", "no response: the client left".
[[nodiscard]] QString statusWords(const model::Request &request);
// "1.2 kB, chunked, chunks: 4", "none".
[[nodiscard]] QString bodyWords(qint64 bytes, quint32 chunks, trace::BodyFraming framing);
[[nodiscard]] QString framingWords(trace::BodyFraming framing);
// "main.cpp:41", or empty: the last part of the path is enough to find it, the whole goes into a tooltip.
[[nodiscard]] QString siteWords(const QByteArray &file, quint32 line);

} // namespace loopscope::panel
