// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/headerlist.h"

#include "server/http/requesthead.h"

#include <algorithm>
#include <stdexcept>

namespace loopscope::http {

void HeaderList::check(const QByteArray &name, const QByteArray &value)
{
    if (!isToken(name))
        throw std::invalid_argument("a header's name must be a token (RFC 9110 5.6.2)");
    if (!isFieldValue(value))
        throw std::invalid_argument("a header's value must hold no control byte (RFC 9110 5.5)");
}

std::size_t HeaderList::find(QByteArrayView name) const noexcept
{
    std::size_t i = 0;
    while (i < m_fields.size() && !equalsIgnoringCase(m_fields[i].name, name))
        ++i;
    return i;
}

void HeaderList::set(const QByteArray &name, const QByteArray &value)
{
    const std::size_t at = find(name);
    if (at == m_fields.size()) {
        append(name, value);
        return;
    }
    check(name, value);
    m_fields[at] = {name, value};
    const auto rest = std::remove_if(m_fields.begin() + std::ptrdiff_t(at) + 1, m_fields.end(),
                                     [&](const Field &field) { return equalsIgnoringCase(field.name, name); });
    m_fields.erase(rest, m_fields.end());
}

void HeaderList::append(const QByteArray &name, const QByteArray &value)
{
    check(name, value);
    if (m_fields.size() == maximumFields)
        throw std::length_error("a response holds at most 200 header fields");
    m_fields.push_back({name, value});
}

bool HeaderList::remove(QByteArrayView name)
{
    return std::erase_if(m_fields, [&](const Field &field) { return equalsIgnoringCase(field.name, name); }) != 0;
}

QByteArrayView HeaderList::value(QByteArrayView name) const noexcept
{
    const std::size_t at = find(name);
    return at == m_fields.size() ? QByteArrayView() : QByteArrayView(m_fields[at].value);
}

} // namespace loopscope::http
