// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "load/address.h"
#include "load/duetimer.h"
#include "load/httpconnection.h"
#include "load/latencyhistogram.h"
#include "load/loadtally.h"

#include <chrono>
#include <deque>
#include <functional>
#include <vector>

namespace loopscope::load {

class LoadLoop;

struct LoadOptions {
    // Requests a second.
    static constexpr int minimumRate = 1;
    static constexpr int maximumRate = 20'000;
    // Connections at once. A blocked server needs rate × time of them; beyond the bound requests wait here for one,
    // and their latency counts all the same. wrk2 has a fixed number; browsers have 6 for a host.
    static constexpr int defaultConnections = 256;
    static constexpr int maximumConnections = 1'024;
    // From when a request is due to the end of its answer. k6's default is 60 s, hey's 20 s.
    static constexpr std::chrono::milliseconds defaultTimeout{10'000};

    QByteArray request; // the whole of it, sent again and again; idempotent, so that it may be sent once more
    int rate = 100; // a second; clamped to the bounds above
    int connections = defaultConnections; // clamped to 1 … maximumConnections
    std::chrono::milliseconds timeout = defaultTimeout;
};

// One request of a load that has ended.
struct LoadSample {
    qint64 dueNs = 0;
    qint64 endedNs = 0;
    int error = -1; // LoadError, or -1
    [[nodiscard]] qint64 latencyNs() const noexcept { return endedNs - dueNs; }
    // Its latency is one: it was answered, or waited for until its deadline and so took at least that long.
    [[nodiscard]] bool hasLatency() const noexcept
    {
        return error < 0 || error == int(LoadError::Status) || error == int(LoadError::Timeout);
    }
};

// An open-loop load: request k is due at start + k/rate, whatever became of those before it.
//
// So a server that stands still is charged for every request that should have been answered meanwhile. A closed loop
// (one client that asks again when it was answered) would hardly notice: "coordinated omission", see wrk2
// (https://github.com/giltene/wrk2). Latency counts from when a request was due, not from when it could be sent.
// Connections are opened as they are needed and kept alive. A request on a kept connection that the server closes
// without a byte of an answer goes out once more on a fresh one (RFC 9112 §9.3.1), still counted from its due time.
//
// Made, used and destroyed on the thread of its loop, which outlives it. Memory is fixed: requests that wait are a
// number. It never sleeps and never sends early.
class LoadGenerator final : private HttpConnection::Listener {
public:
    // How often deadlines are looked at: a time-out is noticed so much later, at most.
    static constexpr std::chrono::milliseconds deadlineCheck{50};

    // `sink` is called for every request that has ended, in the order of ending.
    LoadGenerator(LoadLoop &loop, const Address &address, const LoadOptions &options,
                  std::function<void(const LoadSample &)> sink);
    ~LoadGenerator();
    LoadGenerator(const LoadGenerator &) = delete;
    LoadGenerator &operator=(const LoadGenerator &) = delete;

    // The first request is due now. `most`: so many in all; 0: until stop(). Once.
    void start(quint64 most = 0);
    // What is due from now on is not asked; what was due before still is.
    void stop();
    // Started, and all that was due has ended.
    [[nodiscard]] bool isDone() const;

    [[nodiscard]] LoadTally tally() const;
    // How late the generator itself came to a request that nothing but its own thread held up: what the machine adds to
    // every latency.
    [[nodiscard]] const LatencyHistogram &lateness() const noexcept { return m_lateness; }
    // Why the latest connection could not be made; empty if all could.
    [[nodiscard]] const QByteArray &connectError() const noexcept { return m_connectError; }

private:
    void answered(HttpConnection &connection) override;
    void failed(HttpConnection &connection, LoadError error) override;

    [[nodiscard]] qint64 dueNs(quint64 number) const;
    // How many requests are due by then.
    [[nodiscard]] quint64 dueBy(qint64 ns) const;
    void pump();
    [[nodiscard]] bool sendOne(qint64 dueAtNs, bool isRetry);
    [[nodiscard]] HttpConnection *takeConnection(bool fresh);
    void forget(HttpConnection &connection);
    void checkDeadlines();
    void end(qint64 dueAtNs, int error);
    void armTimer(bool starved);

    LoadLoop &m_loop;
    const Address m_address;
    const QByteArray m_request;
    const int m_rate;
    const std::size_t m_mostConnections;
    const qint64 m_timeoutNs;
    const std::function<void(const LoadSample &)> m_sink;
    DueTimer m_timer;
    DueTimer m_deadlines;
    std::vector<HttpConnection *> m_connections; // open ones
    std::vector<HttpConnection *> m_idle; // those that can send; the latest used first
    std::deque<qint64> m_retries; // due times, ns; as many as connections at most
    qint64 m_startNs = -1;
    quint64 m_most = 0; // requests in all
    quint64 m_next = 0; // the first that was not sent
    quint64 m_ended = 0;
    bool m_wasStarved = false; // at the last look, requests waited for a connection
    bool m_isPumping = false;
    LoadTally m_tally;
    LatencyHistogram m_lateness;
    QByteArray m_connectError;
};

} // namespace loopscope::load
