// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArrayView>
#include <QtCore/QtGlobal>

namespace loopscope::http {

// The methods that this server implements (RFC 9110 §9.3, RFC 5789). CONNECT is not among them: this is no proxy.
enum class Method : quint8 { Get, Head, Post, Put, Delete, Options, Trace, Patch };

inline constexpr int methodCount = 8;

// "GET", …; static storage.
[[nodiscard]] QByteArrayView toString(Method method) noexcept;
// Case-sensitive, as RFC 9110 §9.1 says. False: not one of ours; `method` is untouched.
[[nodiscard]] bool fromString(QByteArrayView name, Method &method) noexcept;

} // namespace loopscope::http
