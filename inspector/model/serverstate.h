// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QtGlobal>

#include <array>

namespace loopscope::model {

// The server as its records tell it. Plain; read with Session::server(). Times in ns on the clock; -1: has not come.
struct ServerState {
    QByteArray address; // "127.0.0.1:3000" of the last Listening; empty before it
    int port = 0;
    qint64 listeningSince = -1;

    qint64 drainBegan = -1; // the last drain
    qint64 drainDeadline = 0; // 0: none
    quint64 inFlightAtDrain = 0;
    qint64 drainEnded = -1;
    qint64 cutConnections = 0; // of an ended drain: at its deadline, or by hand before it

    int poolThreads = 0; // as the loop counted them or the pool was resized last; else the worker lanes; 0: not known
    bool poolStarted = false; // the pool has been used: its threads exist
    int poolRunning = 0; // jobs running
    qint64 poolQueued = 0; // jobs waiting

    quint64 openConnections = 0;
    quint64 inFlightRequests = 0;
    quint64 finishedRequests = 0; // since clear()
    quint64 droppedRecords = 0; // as setDropped() gave it

    [[nodiscard]] bool isListening() const noexcept { return listeningSince >= 0 && drainBegan < 0; }
    [[nodiscard]] bool isDraining() const noexcept { return drainBegan >= 0 && drainEnded < 0; }
    friend bool operator==(const ServerState &, const ServerState &) = default;
};

// How the loop fared in the second before a given time. All of it is measured; see Session::loopStatistics().
struct LoopStatistics {
    qint64 turns = 0; // that ended in it
    double busyShare = 0; // 0 … 1: of the second, the share in which the loop did not sleep in poll
    // Busy time of a turn, ns: how long what became ready meanwhile had to wait. A turn that has not ended counts as
    // long as its running callback has run.
    qint64 lagP50 = 0;
    qint64 lagP99 = 0;
    qint64 lagMaximum = 0;
    // ns for which the callback that runs now has run; 0: none runs.
    qint64 blockedFor = 0;
    double requestsPerSecond = 0; // ended in the second; counted in whole steps of 10 ms
    // What the loop did in the 100 whole steps of 10 ms before, ns: in the callbacks of each phase, by trace::Phase (ticks
    // and microtasks are phases of their own here, wherever they ran); asleep in poll; and the rest, between callbacks,
    // in which the loop does its own work or what was not recorded. What has not ended counts as far as it has come.
    std::array<qint64, 8> phaseNs{};
    qint64 asleepNs = 0;
    qint64 betweenNs = 0;
};

} // namespace loopscope::model
