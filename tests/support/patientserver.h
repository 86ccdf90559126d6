// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/net/serveroptions.h"

namespace loopscope::test {

// Options of a server that bears with its clients for an hour, for in a test they are as slow as the machine is.
[[nodiscard]] inline net::ServerOptions patientOptions()
{
    constexpr auto longest = std::chrono::hours(1);
    net::ServerOptions options;
    options.timeouts = {.header = longest,
                        .request = longest,
                        .keepAlive = longest,
                        .send = longest,
                        .rateWindow = longest,
                        .handshake = longest};
    options.lingerTimeout = longest;
    return options;
}

} // namespace loopscope::test
