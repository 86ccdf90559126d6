// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/practice/experiment.h"
#include "server/web/request.h"

#include <QtCore/QElapsedTimer>
#include <QtCore/QHash>

namespace loopscope::practice {

// What one request asks of an experiment: the variant and the numbers, all of them within their bounds. A value.
class LabRun {
public:
    // Throws AppError 400 with one sentence for a variant that there is not, or a number out of its range. Without a variant
    // in the query it is the first right one.
    LabRun(const Experiment &experiment, const web::Request &req);

    [[nodiscard]] const QByteArray &variant() const noexcept { return m_variant; }
    [[nodiscard]] bool is(QByteArrayView variant) const noexcept { return m_variant == variant; }
    // Of a parameter that the experiment has.
    [[nodiscard]] qint64 number(const QByteArray &name) const { return m_numbers.value(name); }

private:
    QByteArray m_variant;
    QHash<QByteArray, qint64> m_numbers;
};

// How long the work of an experiment takes: from its construction on, by the monotonic clock.
class LabClock {
public:
    LabClock() { m_timer.start(); }
    [[nodiscard]] double milliseconds() const { return double(m_timer.nsecsElapsed()) / 1e6; }

private:
    QElapsedTimer m_timer;
};

} // namespace loopscope::practice
