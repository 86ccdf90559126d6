// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QMetaType>
#include <QtCore/QString>

#include <optional>

namespace loopscope::load {

// The server that is driven. A value.
struct Target {
    QString host; // a name or an address, an IPv6 one without brackets
    quint16 port = 0;

    // "http://127.0.0.1:3000", "http://[::1]:3000"
    [[nodiscard]] QString url() const;
    // Of a request's Host field (RFC 9110 §7.2): "127.0.0.1:3000".
    [[nodiscard]] QByteArray authority() const;
    friend bool operator==(const Target &, const Target &) = default;
};

// "http://HOST[:PORT]", with nothing behind it but perhaps one slash. Nothing if it is something else; `error` then
// says what is wanted, as part of a sentence.
[[nodiscard]] std::optional<Target> parseTarget(const QString &url, QString &error);

} // namespace loopscope::load
