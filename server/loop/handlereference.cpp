// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/loop/handlereference.h"

#include "server/loop/eventloop_p.h"

namespace loopscope::loop {

HandleReference::HandleReference(const EventLoop &loop)
    : m_count(loop.d->handles)
{
    ref();
}

void HandleReference::ref() noexcept
{
    *m_count += m_referenced ? 0 : 1;
    m_referenced = true;
}

void HandleReference::unref() noexcept
{
    *m_count -= m_referenced ? 1 : 0;
    m_referenced = false;
}

} // namespace loopscope::loop
