// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <memory>

namespace loopscope::model {

// Memory for one block of a session's stores, not initialised. Any thread.
struct BlockDeleter {
    void operator()(void *block) const noexcept;
};
using Block = std::unique_ptr<void, BlockDeleter>;

// Aligned as std::max_align_t. Its pages are asked for all at once, where the system can: at full load a session takes
// 100 MB a second, and a fault for each page made its thread a fifth slower. Throws std::bad_alloc.
[[nodiscard]] Block takeBlock(std::size_t bytes);

} // namespace loopscope::model
