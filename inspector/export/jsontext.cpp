// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/export/jsontext.h"

#include <QtCore/QString>

#include <algorithm>

namespace loopscope::exporting {

void appendJsonString(QByteArray &out, QByteArrayView bytes)
{
    static constexpr char hex[] = "0123456789abcdef";
    const bool ascii = std::all_of(bytes.begin(), bytes.end(), [](char c) { return quint8(c) < 0x80; });
    const QByteArray valid = ascii ? QByteArray() : QString::fromUtf8(bytes).toUtf8(); // replaces what is malformed
    const QByteArrayView text = ascii ? bytes : QByteArrayView(valid);
    out += '"';
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (quint8(c) < 0x20 || c == 0x7f) {
            out += "\\u00";
            out += hex[quint8(c) >> 4];
            out += hex[quint8(c) & 15];
        } else {
            out += c;
        }
    }
    out += '"';
}

void appendMicroseconds(QByteArray &out, qint64 ns)
{
    const quint64 magnitude = ns < 0 ? quint64(0) - quint64(ns) : quint64(ns);
    if (ns < 0)
        out += '-';
    out += QByteArray::number(magnitude / 1'000);
    const auto fraction = int(magnitude % 1'000);
    out += '.';
    out += char('0' + fraction / 100);
    out += char('0' + fraction / 10 % 10);
    out += char('0' + fraction % 10);
}

} // namespace loopscope::exporting
