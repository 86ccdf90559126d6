// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/loop/task.h"
#include "server/stream/stream.h"

#include <optional>

namespace loopscope::stream {

struct FinishedOptions {
    // Whether that side must end. Unset: if the stream has it.
    std::optional<bool> readable = std::nullopt;
    std::optional<bool> writable = std::nullopt;
};

// Calls back once when a stream is done with: with null when all its sides have ended, else with what it failed with, or with
// ERR_STREAM_PREMATURE_CLOSE. https://nodejs.org/docs/latest-v20.x/api/stream.html#streamfinishedstream-options-callback
// It does not keep the stream alive: one that is dropped unfinished calls nothing. As in Node, its listeners stay (a late
// 'error' is not uncaught) until the returned function is called, or 'close'.
using FinishedCallback = loop::UniqueFunction<void(std::exception_ptr)>;
loop::Callback finished(Stream &stream, FinishedCallback callback, FinishedOptions options = {});
// co_await finished(stream): throws the error.
[[nodiscard]] loop::Task<> finished(Stream &stream, FinishedOptions options = {}, loop::Site site = loop::Site::here());

} // namespace loopscope::stream
