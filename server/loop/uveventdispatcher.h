// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/loop/eventloop.h"

#include <QtCore/QAbstractEventDispatcher>

#include <memory>
#include <stdexcept>

namespace loopscope::loop {

// A callback started a nested event loop. As any exception that leaves a callback it reaches the uncaught handler.
class NestedLoopError final : public std::logic_error {
public:
    NestedLoopError()
        : std::logic_error("a callback of the loop started a nested event loop")
    {
    }
};

// Qt's event dispatcher on libuv: the loop of the server's thread.
//
// One call of processEvents() is one turn of uv_run(): timers, pending (posted Qt events), poll (socket notifiers,
// pool completions), check (immediates), close (close callbacks, deferred deletes). After every callback the
// nextTick queue drains, then the microtask queue.
//
// Give it to a thread before that starts (QThread::setEventDispatcher(), which takes ownership), or to the main
// thread before the application object is made (QCoreApplication::setEventDispatcher()). wakeUp() and interrupt()
// may be called from any thread, everything else from its own. It never re-enters libuv: a nested processEvents()
// logs a critical message and returns false at once; a nested QEventLoop::exec(), which would call it for ever, is
// ended by a NestedLoopError.
class UvEventDispatcher final : public QAbstractEventDispatcher {
    Q_OBJECT

public:
    // `trace` may be null; else it must outlive the dispatcher, which adds a recorder of lane `laneName` to it. Without the
    // descriptors that a loop needs the process ends (qFatal()).
    explicit UvEventDispatcher(trace::Trace *trace = nullptr, const QByteArray &laneName = QByteArrayLiteral("loop"),
                               QObject *parent = nullptr);
    // The same for a thread that comes and goes: it writes to `recorder` of the trace, which is null if that has no lane left,
    // and numbers its registrations so that they differ from those of all other lanes. Throws std::system_error if the
    // system gives no descriptors for a loop.
    UvEventDispatcher(trace::Trace *trace, trace::Recorder *recorder, QObject *parent = nullptr);
    ~UvEventDispatcher() override;

    [[nodiscard]] EventLoop &eventLoop() noexcept;

    // True if the peer of this socket has closed its sending side (EPOLLRDHUP was reported with the readiness that
    // is delivered right now, or before), or the connection has failed. Forgotten when its number belongs to new notifiers. Lets a server
    // tell "half-closed" from "gone" without a system call.
    [[nodiscard]] bool peerHasClosed(qintptr descriptor) const noexcept;

    // How often a descriptor was added to, changed in, or taken out of what the kernel watches: for tests and benches.
    [[nodiscard]] quint64 kernelChanges() const noexcept;

    // One turn. True if a callback ran, or posted events wait for the next.
    bool processEvents(QEventLoop::ProcessEventsFlags flags) override;
    void registerSocketNotifier(QSocketNotifier *notifier) override;
    void unregisterSocketNotifier(QSocketNotifier *notifier) override;
    void registerTimer(int timerId, qint64 interval, Qt::TimerType timerType, QObject *object) override;
    bool unregisterTimer(int timerId) override;
    bool unregisterTimers(QObject *object) override;
    QList<TimerInfo> registeredTimers(QObject *object) const override;
    int remainingTime(int timerId) override;
    void wakeUp() override;
    void interrupt() override;
    void startingUp() override;
    void closingDown() override;

    struct Private;

private:
    friend class EventLoop;
    friend class LoopRunner;
    // Between turns: the timers that are due, without a turn around them.
    void runDueTimers();

    std::unique_ptr<Private> d;
};

} // namespace loopscope::loop
