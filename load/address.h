// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "load/target.h"

#include <uv.h>

#include <optional>

namespace loopscope::load {

class LoadLoop;

// Where a target's connections go. A value.
struct Address {
    sockaddr_storage storage{};
    [[nodiscard]] const sockaddr *get() const noexcept { return reinterpret_cast<const sockaddr *>(&storage); }
};

// The address of a target. Addresses and "localhost" (127.0.0.1, as `loopscope serve --host localhost` means it) are
// known at once; of a name that the system resolves the first address is taken. Runs `loop` meanwhile. Nothing if there
// is none, or the loop was stopped; `error` then says why, as one sentence part.
[[nodiscard]] std::optional<Address> resolve(LoadLoop &loop, const Target &target, QString &error);

} // namespace loopscope::load
