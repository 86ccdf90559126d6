// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/practice/labgate.h"

#include "server/web/apperror.h"

namespace loopscope::practice {

using namespace Qt::StringLiterals;

LabGate::Pass::Pass(std::shared_ptr<Sums> under, qint64 bytes)
    : m_under(std::move(under))
    , m_bytes(bytes)
{
    ++m_under->runs;
    m_under->bytes += m_bytes;
}

LabGate::Pass::~Pass()
{
    if (!m_under)
        return;
    --m_under->runs;
    m_under->bytes -= m_bytes;
}

LabGate::Pass LabGate::enter(qint64 bytes)
{
    if (runs() >= maximumRuns || (runs() > 0 && m_under->bytes + bytes > maximumBytes))
        throw web::AppError(503, u"As many experiments run as may; %1 are under way."_s.arg(runs()), "ERR_LAB_BUSY");
    return {m_under, bytes};
}

} // namespace loopscope::practice
