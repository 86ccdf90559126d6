// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace loopscope::web {
class Application;
}

namespace loopscope::practice {

// httpbin's endpoints that answer with bytes in pieces: /drip, /stream, /bytes, /stream-bytes, /range, /sse. A part of
// HttpbinRoutes, which has the table of all and says what is common to them.
class HttpbinStreams {
public:
    // /drip, bytes. httpbin: 10 MiB.
    static constexpr int maximumDripBytes = 10 * 1024 * 1024;
    // /stream, lines. httpbin: 100.
    static constexpr int maximumStreamLines = 100;
    // /bytes, /stream-bytes and /range, bytes. httpbin: 100 KiB.
    static constexpr int maximumBytes = 100 * 1024;
    // ?chunk_size of /stream-bytes and /range, bytes, where none is asked for. httpbin: 10 KiB.
    static constexpr int defaultChunkBytes = 10 * 1024;
    // /sse, events, and how many where none are asked for. httpbingo: 10.
    static constexpr int maximumEvents = 100;
    static constexpr int defaultEvents = 10;

    static void addTo(web::Application &application);
};

} // namespace loopscope::practice
