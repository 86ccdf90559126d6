// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/recordsink.h"

#include <QtCore/QString>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace loopscope::app {

// Drains a trace on a thread of its own and gives the records to sinks: how a headless server writes its trace, its
// HAR file and its log without its loop ever waiting for a disk.
//
// Made, started and finished on the thread that owns it; it is the trace's one consumer from start() to finish().
// It holds no record back: what it cannot write in time is dropped by the ring and counted there.
class TraceFileWriter final {
public:
    // Between two drains, as a window does; the ring holds six times of it at full load.
    static constexpr std::chrono::milliseconds pace{16};

    // `complain` gets one sentence for each sink that fails, on the writer's thread; the others go on.
    TraceFileWriter(trace::Trace &trace, std::vector<std::unique_ptr<RecordSink>> sinks,
                    std::function<void(const QString &)> complain);
    // finish() if it was not called.
    ~TraceFileWriter();
    TraceFileWriter(const TraceFileWriter &) = delete;
    TraceFileWriter &operator=(const TraceFileWriter &) = delete;

    void start();
    // Drains what is left, ends the sinks and the thread. The producers have stopped, or what they write later is
    // not in the files. True if no sink has failed.
    bool finish();

private:
    void run();
    void drain();
    void check(std::size_t sink);

    trace::Trace &m_trace;
    std::vector<std::unique_ptr<RecordSink>> m_sinks; // the writer thread's while it runs
    std::vector<bool> m_failed; // by sink
    const std::function<void(const QString &)> m_complain;
    std::mutex m_mutex; // guards m_stopping
    std::condition_variable m_wake;
    bool m_stopping = false;
    std::thread m_thread;
};

} // namespace loopscope::app
