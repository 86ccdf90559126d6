// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>

#include <exception>

namespace loopscope::work {

// An argument beyond its bounds, in Node's words (ERR_OUT_OF_RANGE). A value; any thread.
// https://nodejs.org/docs/latest-v20.x/api/errors.html#err_out_of_range
class RangeError final : public std::exception {
public:
    RangeError(const char *name, qint64 minimum, qint64 maximum, qint64 received);
    // "The value of "n" is out of range. It must be >= 0 && <= 45. Received 46"
    [[nodiscard]] const char *what() const noexcept override { return m_message.constData(); }

private:
    QByteArray m_message;
};

// Throws a RangeError unless minimum <= value <= maximum.
void requireRange(const char *name, qint64 value, qint64 minimum, qint64 maximum);

} // namespace loopscope::work
