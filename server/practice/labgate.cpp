// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/practice/labgate.h"

#include "server/web/apperror.h"

namespace loopscope::practice {

using namespace Qt::StringLiterals;

LabGate::Pass LabGate::enter(qint64 bytes)
{
    if (m_runs >= maximumRuns || (m_runs > 0 && m_bytes + bytes > maximumBytes))
        throw web::AppError(503, u"As many experiments run as may; %1 are under way."_s.arg(m_runs), "ERR_LAB_BUSY");
    ++m_runs;
    m_bytes += bytes;
    return {*this, bytes};
}

void LabGate::leave(qint64 bytes) noexcept
{
    --m_runs;
    m_bytes -= bytes;
}

} // namespace loopscope::practice
