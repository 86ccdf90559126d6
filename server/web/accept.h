// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QByteArrayView>

#include <initializer_list>

namespace loopscope::web {

// Content negotiation (RFC 9110 §12.5.1): the index of the offered media type ("text/html") that the Accept header
// prefers; of equals the first offered; -1 if none is acceptable. An absent or empty header accepts all.
[[nodiscard]] int negotiate(QByteArrayView accept, std::initializer_list<QByteArrayView> offered);

} // namespace loopscope::web
