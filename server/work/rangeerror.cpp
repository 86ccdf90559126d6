// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/work/rangeerror.h"

namespace loopscope::work {

RangeError::RangeError(const char *name, qint64 minimum, qint64 maximum, qint64 received)
    : m_message(QByteArray("The value of \"") + name + "\" is out of range. It must be >= " + QByteArray::number(minimum)
                + " && <= " + QByteArray::number(maximum) + ". Received " + QByteArray::number(received))
{
}

void requireRange(const char *name, qint64 value, qint64 minimum, qint64 maximum)
{
    if (value < minimum || value > maximum)
        throw RangeError(name, minimum, maximum, value);
}

} // namespace loopscope::work
