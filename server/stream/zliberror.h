// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>

#include <exception>

namespace loopscope::stream {

// Why bytes could not be compressed or decompressed, in the words of Node's zlib.
// https://nodejs.org/docs/latest-v20.x/api/zlib.html#constants
class ZlibError final : public std::exception {
public:
    // `name` is a literal or a string of the library's.
    ZlibError(const char *name, const QByteArray &message)
        : m_name(name)
        , m_message(message)
    {
    }
    // "Z_DATA_ERROR"; "Z_BUF_ERROR" for input that ends too early, of brotli too.
    [[nodiscard]] const QByteArray &name() const noexcept { return m_name; }
    // "incorrect header check"
    [[nodiscard]] const QByteArray &message() const noexcept { return m_message; }
    [[nodiscard]] const char *what() const noexcept override { return m_message.constData(); }

private:
    QByteArray m_name;
    QByteArray m_message;
};

} // namespace loopscope::stream
