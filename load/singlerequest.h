// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "load/httpconnection.h"

#include <optional>

namespace loopscope::load {

class LoadLoop;

// One request on a connection of its own, which is open before the request is sent, so that connecting is no part of
// its time. Sent once: it may be one that must not be repeated.
//
// Made, used and destroyed on the thread of its loop, which outlives it. Never waits.
class SingleRequest final : private HttpConnection::Listener {
public:
    SingleRequest(LoadLoop &loop, const Address &address);
    ~SingleRequest();
    SingleRequest(const SingleRequest &) = delete;
    SingleRequest &operator=(const SingleRequest &) = delete;

    // Connected, or failed.
    [[nodiscard]] bool isReady() const;
    // Once.
    void send(const QByteArray &request);
    // Answered, or failed.
    [[nodiscard]] bool isDone() const noexcept { return m_endedNs != 0; }

    // Why it failed; nothing if it did not.
    [[nodiscard]] std::optional<LoadError> error() const noexcept { return m_error; }
    [[nodiscard]] const QByteArray &connectError() const noexcept { return m_connectError; }
    // When the request went to the kernel and when its answer was whole, ns.
    [[nodiscard]] qint64 sentNs() const noexcept { return m_connection ? m_connection->sentNs() : m_sentNs; }
    [[nodiscard]] qint64 endedNs() const noexcept { return m_endedNs; }
    [[nodiscard]] int status() const noexcept { return m_status; }
    [[nodiscard]] const QByteArray &body() const noexcept { return m_body; }

private:
    void answered(HttpConnection &connection) override;
    void failed(HttpConnection &connection, LoadError error) override;

    HttpConnection *m_connection;
    std::optional<LoadError> m_error;
    QByteArray m_connectError;
    qint64 m_sentNs = 0;
    qint64 m_endedNs = 0;
    int m_status = 0;
    QByteArray m_body;
};

} // namespace loopscope::load
