// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/loop/jobprogress.h"

namespace loopscope::loop {

void JobProgress::report(qint64 done, qint64 total)
{
    const bool atEnd = total > 0 && done >= total;
    const auto now = std::chrono::steady_clock::now();
    if (m_ended || (m_reported && !atEnd && now - m_last < minimumInterval))
        return;
    m_reported = true;
    m_ended = atEnd;
    m_last = now;
    m_sink(done, total);
}

} // namespace loopscope::loop
