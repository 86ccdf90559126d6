// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "load/labreport.h"

#include <QtCore/QObject>

#include <chrono>
#include <memory>
#include <thread>

namespace loopscope::load {

class LoadLoop;
struct Address;

// How far a run has come.
struct LabProgress {
    int run = 0; // of `runs` in all, from 1; 0: the first answer of the server is waited for
    int runs = 0;
    QByteArray variant; // that runs
    quint64 answered = 0; // probes of this run
    quint64 errors = 0;
    double share = 0; // of all the work, 0 … 1: runs that have ended, and the part of this one's seconds
};

// Runs an experiment's variants against a live server over real sockets, with a probe beside them, and measures.
//
// At first the server is asked for LabPlan::firstPath, so that one that is there and does not answer is told at once.
// A run of a variant: the probe starts (open loop, LoadGenerator) and settles; the experiment's request goes out on a
// connection of its own; when it is answered and plan.seconds have passed the probe stops, and whatever was due is
// waited for. The variants take turns, run by run, so that what drifts meanwhile meets all of them. Everything happens
// on one thread of its own, on one clock.
//
// Owned by the window's panel or by `loopscope lab`. All functions are for its owner's thread and return at once; all
// signals come on that thread, as posted events. The destructor cancels, and waits for the thread: one turn of its
// loop, or as long as the system takes to resolve a name.
class LabRun final : public QObject {
    Q_OBJECT

public:
    // The probe alone before the experiment's request: connections are opened, caches warm.
    static constexpr std::chrono::milliseconds settleTime{200};
    // The server must have answered the probe, and the connection be there, by then.
    static constexpr std::chrono::seconds readyTimeout{10};
    // For the experiment's answer: the server's own bounds end it earlier.
    static constexpr std::chrono::seconds experimentTimeout{300};
    // Between one progressed() of a run and the next, at least.
    static constexpr std::chrono::milliseconds progressPace{100};

    explicit LabRun(QObject *parent = nullptr);
    ~LabRun() override;

    // Only while not isRunning(). finished() follows, whatever happens.
    void start(const LabPlan &plan);
    // Does nothing when nothing runs. finished() follows soon, with what was measured so far.
    void cancel();
    [[nodiscard]] bool isRunning() const noexcept { return m_loop != nullptr; }

Q_SIGNALS:
    // When it starts, with each run, and as the probe's answers come.
    void progressed(const loopscope::load::LabProgress &progress);
    void finished(const loopscope::load::LabReport &report);

private:
    class Worker;
    void join();

    std::unique_ptr<LoadLoop> m_loop; // of the thread that runs; null without one
    std::thread m_thread;
};

} // namespace loopscope::load

Q_DECLARE_METATYPE(loopscope::load::LabProgress)
