// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QByteArrayView>

#include <vector>

namespace loopscope::http {

// The header fields of a response, in the order in which they were set. Names are compared without case and sent as
// they were written. A plain value; its storage is reused after clear().
//
// A name that is no token, or a value that holds a control byte (CR and LF above all), throws std::invalid_argument:
// nothing that a client sent can start a header of its own. Node: ERR_INVALID_HTTP_TOKEN, ERR_INVALID_CHAR.
class HeaderList {
public:
    struct Field {
        QByteArray name;
        QByteArray value;
        friend bool operator==(const Field &, const Field &) = default;
    };
    // Fields at most; beyond it set() and append() throw std::length_error.
    static constexpr std::size_t maximumFields = 200;

    // Replaces every field of that name by one.
    void set(const QByteArray &name, const QByteArray &value);
    // Adds a field and leaves others of that name (Set-Cookie).
    void append(const QByteArray &name, const QByteArray &value);
    // True if there was one.
    bool remove(QByteArrayView name);
    // The first value, or null.
    [[nodiscard]] QByteArrayView value(QByteArrayView name) const noexcept;
    [[nodiscard]] bool contains(QByteArrayView name) const noexcept { return find(name) != m_fields.size(); }
    [[nodiscard]] const std::vector<Field> &fields() const noexcept { return m_fields; }
    void clear() noexcept { m_fields.clear(); }

    friend bool operator==(const HeaderList &, const HeaderList &) = default;

private:
    [[nodiscard]] std::size_t find(QByteArrayView name) const noexcept;
    static void check(const QByteArray &name, const QByteArray &value);

    std::vector<Field> m_fields;
};

} // namespace loopscope::http
