// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArrayView>
#include <QtCore/QIODevice>

namespace loopscope::exporting {

// Writes all of it, or false, and then QIODevice::errorString() has the reason: a disk that fills takes a part without one, and
// only the next attempt is told. Any thread that owns the device.
[[nodiscard]] inline bool writeWhole(QIODevice &device, QByteArrayView bytes)
{
    while (!bytes.isEmpty()) {
        const qint64 written = device.write(bytes.data(), bytes.size());
        if (written <= 0)
            return false;
        bytes = bytes.sliced(written);
    }
    return true;
}

} // namespace loopscope::exporting
