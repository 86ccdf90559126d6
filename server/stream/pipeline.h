// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/loop/task.h"
#include "server/stream/stream.h"

#include <memory>
#include <type_traits>
#include <vector>

namespace loopscope::stream {

struct PipelineOptions {
    bool end = true; // end the last stream with the one before it
};

using PipelineCallback = loop::UniqueFunction<void(std::exception_ptr)>;

// Pipes the first stream through those in between into the last, and calls back once when all are done. An error of any,
// or a 'close' before its end (ERR_STREAM_PREMATURE_CLOSE), destroys all the others and is given to the callback.
// Each but the last must be readable, each but the first writable; throws StreamError for fewer than two, or for others.
// As in Node, only a last stream that can still be read (a Duplex) is left open.
// https://nodejs.org/docs/latest-v20.x/api/stream.html#streampipelinesource-transforms-destination-callback
//
// The streams keep each other alive as those of a pipe do, as long as one of them has something to do.
void pipeline(std::vector<std::shared_ptr<Stream>> streams, PipelineCallback callback, PipelineOptions options = {});
[[nodiscard]] loop::Task<> pipeline(std::vector<std::shared_ptr<Stream>> streams, PipelineOptions options = {},
                                    loop::Site site = loop::Site::here());
// co_await pipeline(source, gzip, file): throws the error. (g++ 12 compiles no list in braces behind a co_await.)
template<typename... Streams>
    requires(sizeof...(Streams) >= 2 && (std::is_convertible_v<Streams, std::shared_ptr<Stream>> && ...))
[[nodiscard]] loop::Task<> pipeline(Streams... streams)
{
    std::vector<std::shared_ptr<Stream>> all;
    all.reserve(sizeof...(Streams));
    (all.push_back(std::move(streams)), ...);
    return pipeline(std::move(all));
}

} // namespace loopscope::stream
