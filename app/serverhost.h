// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/siteserver.h"

#include <QtCore/QObject>
#include <QtCore/QThread>

namespace loopscope::trace {
class Trace;
}

namespace loopscope::app {

// The server on a thread of its own, whose event dispatcher is libuv's: a handler that blocks the loop blocks no window.
//
// Owned by the main window; all functions are for its thread and return at once, all signals come on it. The thread
// runs from construction to destruction; the trace must outlive the host.
class ServerHost final : public QObject {
    Q_OBJECT

public:
    enum class State { Stopped, Starting, Listening, Draining };
    Q_ENUM(State)

    explicit ServerHost(trace::Trace &trace, QObject *parent = nullptr);
    // Cuts what is still open and waits until the running callback has returned.
    ~ServerHost() override;

    [[nodiscard]] State state() const { return m_state; }
    // Of the latest listening; 0 before.
    [[nodiscard]] quint16 port() const { return m_port; }

    // Listens on 127.0.0.1; port 0 takes a free one. listening() or failed() follows. Only when Stopped.
    void start(quint16 port, const SiteServerOptions &options = {});
    // Only when Listening; drained() follows.
    void drain(std::chrono::milliseconds deadline);
    // Ends a drain (or a Listening server) now; drained() follows.
    void cut();

    // Any state: the worker pool of the server's loop, which outlives the servers; WorkerPool::resize() on its thread.
    void resizePool(int threads);

Q_SIGNALS:
    void stateChanged(loopscope::app::ServerHost::State state);
    void listening(const QString &host, quint16 port);
    // It is Stopped again; one sentence.
    void failed(const QString &sentence);
    // An error that nobody took; the server drains, drained() follows. One sentence.
    void uncaught(const QString &sentence);
    // It is Stopped again. `cut` names what had to be cut, each as one line.
    void drained(const QStringList &cut);

private:
    void setState(State state);
    void onListening(quint16 port);
    void onFailed(const QString &sentence);
    void onUncaught(const QString &sentence);
    void onDrained(const QStringList &cut);

    // After an uncaught error, what is in flight has so long: as `loopscope serve --drain-timeout`.
    static constexpr std::chrono::seconds uncaughtDrainTimeout{10};

    trace::Trace &m_trace;
    QThread m_thread;
    QObject *m_there; // lives on m_thread: calls are queued to it; deleted when the thread ends
    // The server thread's own: the server, m_there's child, and the numbers that the one before it gave last.
    SiteServer *m_server = nullptr;
    quint64 m_lastConnection = 0;
    quint64 m_lastRequest = 0;
    State m_state = State::Stopped;
    quint16 m_port = 0;
};

} // namespace loopscope::app
