// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/web/formdata.h"

#include <QtCore/QByteArray>
#include <QtCore/QByteArrayView>

namespace loopscope::web {

// Bytes in, fields out: a form of application/x-www-form-urlencoded (https://url.spec.whatwg.org/#urlencoded-parsing).
//
// A value of one thread that knows no socket. The fields are the same however the bytes were split. It keeps the fields
// that are complete and the one in hand, decoded, and so never more than was fed; who feeds it bounds that.
//
// As the standard says, a '%' without two hex digits stands for itself, bytes that are no UTF-8 become U+FFFD, a
// sequence without '=' is a name with an empty value, and empty sequences ("&&") are no fields.
class UrlencodedParser {
public:
    // Fields at most. body-parser counts the '&', empty sequences too, and so do we. body-parser: parameterLimit 1000.
    static constexpr int defaultMaximumFields = 1'000;

    explicit UrlencodedParser(int maximumFields = defaultMaximumFields) noexcept
        : m_maximumFields(maximumFields)
    {
    }

    // False, from then on: there are too many fields.
    bool feed(QByteArrayView bytes);
    // The form ends here. False as above.
    bool finish();
    // Those that are complete, fewer than or as many as the maximum.
    [[nodiscard]] const FormData &fields() const noexcept { return m_fields; }
    [[nodiscard]] FormData takeFields() noexcept { return std::move(m_fields); }
    [[nodiscard]] bool hasTooManyFields() const noexcept { return m_sequences > m_maximumFields; }

private:
    void take(char c);
    void endEscape();
    void endSequence();

    const int m_maximumFields;
    FormData m_fields;
    int m_sequences = 1; // begun, the one in hand included
    QByteArray m_name;
    QByteArray m_value;
    bool m_inValue = false; // its '=' has come
    char m_escape[2] = {}; // what has come of "%41": '%' and a digit
    int m_escapeBytes = 0;
};

} // namespace loopscope::web
