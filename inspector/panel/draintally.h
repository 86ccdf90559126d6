// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/session.h"

namespace loopscope::panel {

// What became of the connections of a drain, counted; or, without one, of those that are open. A plain value.
struct DrainTally {
    int idle = 0; // open, nothing in flight
    int inFlight = 0; // open, a request is being answered
    int drained = 0; // closed by the drain with nothing in flight
    int finished = 0; // closed by the drain after its last answer was out
    int cut = 0; // at the deadline, or by a second signal
    int byClient = 0;
    int otherwise = 0; // a timeout, an error, or closed by the server for another reason

    void add(const model::Session &session, const model::Connection &connection);
    // "3 in flight · 2 finished · 9 drained · 1 cut": what is not 0; translated.
    [[nodiscard]] QString words() const;
    [[nodiscard]] int total() const noexcept { return idle + inFlight + drained + finished + cut + byClient + otherwise; }
    friend bool operator==(const DrainTally &, const DrainTally &) = default;
};

} // namespace loopscope::panel
