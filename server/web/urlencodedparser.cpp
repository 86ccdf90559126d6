// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/urlencodedparser.h"

#include "server/http/requesthead.h"

#include <QtCore/QStringDecoder>

namespace loopscope::web {

// The standard's "UTF-8 decode without BOM": a byte order mark is a character like any other. Never null.
static QString decode(const QByteArray &bytes)
{
    using Flag = QStringDecoder::Flag;
    QStringDecoder decoder(QStringDecoder::Utf8, Flag::Stateless | Flag::ConvertInitialBom);
    return bytes.isEmpty() ? QStringLiteral("") : QString(decoder(bytes));
}

bool UrlencodedParser::feed(QByteArrayView bytes)
{
    for (const char c : bytes) {
        if (hasTooManyFields())
            return false;
        take(c);
    }
    return !hasTooManyFields();
}

bool UrlencodedParser::finish()
{
    if (hasTooManyFields())
        return false;
    endEscape();
    endSequence();
    return true;
}

void UrlencodedParser::take(char c)
{
    QByteArray &part = m_inValue ? m_value : m_name;
    if (m_escapeBytes > 0) {
        if (http::hexDigit(c) < 0) {
            endEscape(); // and c is itself, below
        } else if (m_escapeBytes == 1) {
            m_escape[m_escapeBytes++] = c;
            return;
        } else {
            part += char(http::hexDigit(m_escape[1]) * 16 + http::hexDigit(c));
            m_escapeBytes = 0;
            return;
        }
    }
    if (c == '&') {
        endSequence();
        ++m_sequences;
    } else if (c == '=' && !m_inValue) {
        m_inValue = true;
    } else if (c == '%') {
        m_escape[m_escapeBytes++] = c;
    } else {
        part += c == '+' ? ' ' : c;
    }
}

// What looked like the start of an escape was none.
void UrlencodedParser::endEscape()
{
    (m_inValue ? m_value : m_name).append(m_escape, m_escapeBytes);
    m_escapeBytes = 0;
}

void UrlencodedParser::endSequence()
{
    if (m_inValue || !m_name.isEmpty())
        m_fields.append(decode(m_name), decode(m_value));
    m_name.clear();
    m_value.clear();
    m_inValue = false;
}

} // namespace loopscope::web
