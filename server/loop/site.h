// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace loopscope::loop {

// Where in the source something was registered. `file` is a literal that starts at the project's root.
// (std::source_location is what this would be, but clang 14 has none.)
struct Site {
    const char *file = nullptr;
    int line = 0;

    [[nodiscard]] static constexpr Site here(const char *file = __builtin_FILE(),
                                             int line = __builtin_LINE()) noexcept
    {
        return {file, line};
    }
    friend bool operator==(const Site &, const Site &) = default;
};

} // namespace loopscope::loop
