// SPDX-License-Identifier: GPL-3.0-or-later
#include "load/loadgenerator.h"

#include "load/loadloop.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace loopscope::load {

namespace {

constexpr qint64 nsPerSecond = 1'000'000'000;
constexpr int firstErrorStatus = 400;

qint64 nanoseconds(std::chrono::milliseconds time)
{
    return std::chrono::nanoseconds(time).count();
}

} // namespace

LoadGenerator::LoadGenerator(LoadLoop &loop, const Address &address, const LoadOptions &options,
                             std::function<void(const LoadSample &)> sink)
    : m_loop(loop)
    , m_address(address)
    , m_request(options.request)
    , m_rate(std::clamp(options.rate, LoadOptions::minimumRate, LoadOptions::maximumRate))
    , m_mostConnections(std::size_t(std::clamp(options.connections, 1, LoadOptions::maximumConnections)))
    , m_timeoutNs(nanoseconds(options.timeout))
    , m_sink(std::move(sink))
    , m_timer(loop.uv(), [this] { pump(); })
    , m_deadlines(loop.uv(), [this] { checkDeadlines(); })
{
    m_connections.reserve(m_mostConnections);
    m_idle.reserve(m_mostConnections);
}

LoadGenerator::~LoadGenerator()
{
    for (HttpConnection *connection : m_connections)
        connection->close();
}

void LoadGenerator::start(quint64 most)
{
    Q_ASSERT(m_startNs < 0);
    m_startNs = LoadLoop::nowNs();
    m_most = most == 0 ? std::numeric_limits<quint64>::max() : most;
    m_deadlines.start(m_startNs + nanoseconds(deadlineCheck));
    pump();
}

void LoadGenerator::stop()
{
    m_most = std::min(m_most, std::max(m_next, dueBy(LoadLoop::nowNs())));
    m_timer.stop();
    pump();
}

bool LoadGenerator::isDone() const
{
    return m_startNs >= 0 && m_ended == m_most;
}

LoadTally LoadGenerator::tally() const
{
    LoadTally tally = m_tally;
    tally.due = m_startNs < 0 ? 0 : dueBy(LoadLoop::nowNs());
    return tally;
}

qint64 LoadGenerator::dueNs(quint64 number) const
{
    return m_startNs + qint64(number * quint64(nsPerSecond) / quint64(m_rate));
}

quint64 LoadGenerator::dueBy(qint64 ns) const
{
    if (ns < m_startNs)
        return 0;
    // As dueNs() rounds: the first whose due time is later.
    const quint64 passed = quint64(ns - m_startNs) + 1;
    return std::min(m_most, (passed * quint64(m_rate) + quint64(nsPerSecond) - 1) / quint64(nsPerSecond));
}

// --- sending ---

void LoadGenerator::pump()
{
    if (m_isPumping || m_startNs < 0)
        return;
    m_isPumping = true;
    while (!m_retries.empty() && sendOne(m_retries.front(), true))
        m_retries.pop_front();
    const qint64 now = LoadLoop::nowNs();
    const quint64 due = dueBy(now);
    bool starved = !m_retries.empty();
    while (!starved && m_next < due) {
        const qint64 dueAt = dueNs(m_next);
        const qint64 lateNs = LoadLoop::nowNs() - dueAt;
        if (!sendOne(dueAt, false)) {
            starved = true;
            break;
        }
        if (!m_wasStarved)
            m_lateness.add(lateNs);
        ++m_next;
    }
    m_wasStarved = starved;
    m_isPumping = false;
    armTimer(starved);
}

// Without a connection to give there is nothing to wake up for: an answer or a deadline frees one.
void LoadGenerator::armTimer(bool starved)
{
    if (starved || m_next >= m_most)
        m_timer.stop();
    else
        m_timer.start(dueNs(m_next));
}

// False: it has to wait for a connection.
bool LoadGenerator::sendOne(qint64 dueAtNs, bool isRetry)
{
    if (LoadLoop::nowNs() - dueAtNs >= m_timeoutNs) {
        end(dueAtNs, int(LoadError::Timeout));
        return true;
    }
    if (m_idle.empty() && m_connections.size() >= m_mostConnections)
        return false;
    HttpConnection *connection = takeConnection(isRetry);
    if (!connection) {
        end(dueAtNs, int(LoadError::Connect));
        return true;
    }
    connection->dueNs = dueAtNs;
    connection->isRetry = isRetry;
    connection->send(m_request);
    return true;
}

// `fresh`: for what is sent again: the idle ones may be as closed as the one that it was sent on first.
HttpConnection *LoadGenerator::takeConnection(bool fresh)
{
    if (fresh && !m_idle.empty()) {
        HttpConnection *place = m_idle.back();
        forget(*place);
        place->close();
    } else if (!m_idle.empty()) {
        HttpConnection *connection = m_idle.back();
        m_idle.pop_back();
        return connection;
    }
    HttpConnection *connection = HttpConnection::open(m_loop.uv(), m_address, *this, false);
    if (!connection) {
        m_connectError = "no socket could be opened";
        return nullptr;
    }
    connection->slot = m_connections.size();
    m_connections.push_back(connection);
    ++m_tally.connections;
    m_tally.mostConnections = std::max<quint64>(m_tally.mostConnections, m_connections.size());
    return connection;
}

void LoadGenerator::forget(HttpConnection &connection)
{
    m_connections.back()->slot = connection.slot;
    m_connections[connection.slot] = m_connections.back();
    m_connections.pop_back();
    if (!connection.isBusy())
        std::erase(m_idle, &connection);
}

// --- what becomes of it ---

void LoadGenerator::answered(HttpConnection &connection)
{
    const qint64 dueAt = connection.dueNs;
    const bool isError = connection.status() >= firstErrorStatus;
    if (connection.isReusable()) {
        m_idle.push_back(&connection);
    } else {
        forget(connection);
        connection.close();
    }
    ++m_tally.answered;
    end(dueAt, isError ? int(LoadError::Status) : -1);
    if (m_wasStarved)
        pump();
}

void LoadGenerator::failed(HttpConnection &connection, LoadError error)
{
    const bool wasBusy = connection.isBusy();
    const bool mayRepeat =
        error == LoadError::Closed && connection.served() > 0 && !connection.hasBegun() && !connection.isRetry;
    if (error == LoadError::Connect)
        m_connectError = connection.connectError();
    forget(connection);
    if (wasBusy && mayRepeat)
        m_retries.push_back(connection.dueNs);
    else if (wasBusy)
        end(connection.dueNs, int(error));
    if (m_wasStarved || !m_retries.empty())
        pump();
}

void LoadGenerator::checkDeadlines()
{
    const qint64 now = LoadLoop::nowNs();
    for (std::size_t i = 0; i < m_connections.size();) {
        HttpConnection &connection = *m_connections[i];
        if (!connection.isBusy() || now - connection.dueNs < m_timeoutNs) {
            ++i;
            continue;
        }
        forget(connection); // the last one takes its place
        connection.close();
        end(connection.dueNs, int(LoadError::Timeout));
    }
    m_deadlines.start(now + nanoseconds(deadlineCheck));
    if (m_wasStarved)
        pump();
}

void LoadGenerator::end(qint64 dueAtNs, int error)
{
    ++m_ended;
    if (error >= 0)
        ++m_tally.of(LoadError(error));
    m_sink({dueAtNs, LoadLoop::nowNs(), error});
}

} // namespace loopscope::load
