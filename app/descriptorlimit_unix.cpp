// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/descriptorlimit_unix.h"

#include <sys/resource.h>

namespace loopscope::app {

void raiseDescriptorLimit() noexcept
{
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= limit.rlim_max)
        return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

} // namespace loopscope::app
