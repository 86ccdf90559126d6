// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/work/sharedbuffer.h"

#include "server/work/rangeerror.h"

namespace loopscope::work {

SharedBuffer::SharedBuffer(qsizetype length)
{
    requireRange("length", length, 0, maximumLength);
    m_memory = std::make_shared<Memory>(length);
}

} // namespace loopscope::work
