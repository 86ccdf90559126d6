// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/practice/gate.h"

#include "server/web/apperror.h"

namespace loopscope::practice {

Gate::Gate(const Options &options)
    : m_under(std::make_shared<State>(State{options, 0, 0}))
{
}

void Gate::State::requireRoom(bool isAlone, qint64 more) const
{
    if (!isAlone && bytes + more > options.maximumBytes)
        throw web::AppError::tryLater(options.refusal, options.code);
}

Gate::Pass Gate::enter(qint64 bytes)
{
    if (m_under->passes >= m_under->options.maximumPasses)
        throw web::AppError::tryLater(m_under->options.refusal, m_under->options.code);
    m_under->requireRoom(m_under->passes == 0, bytes);
    return {m_under, bytes};
}

Gate::Pass::Pass(std::shared_ptr<State> under, qint64 bytes)
    : m_under(std::move(under))
    , m_bytes(bytes)
{
    ++m_under->passes;
    m_under->bytes += m_bytes;
}

Gate::Pass::~Pass()
{
    if (!m_under)
        return;
    --m_under->passes;
    m_under->bytes -= m_bytes;
}

void Gate::Pass::grow(qint64 bytes)
{
    m_under->requireRoom(m_under->passes == 1, bytes);
    m_under->bytes += bytes;
    m_bytes += bytes;
}

} // namespace loopscope::practice
