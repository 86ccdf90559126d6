// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/tracefilewriter.h"

#include "server/trace/trace.h"

#include <algorithm>
#include <utility>

namespace loopscope::app {

TraceFileWriter::TraceFileWriter(trace::Trace &trace, std::vector<std::unique_ptr<RecordSink>> sinks,
                                 std::function<void(const QString &)> complain)
    : m_trace(trace)
    , m_sinks(std::move(sinks))
    , m_failed(m_sinks.size(), false)
    , m_complain(std::move(complain))
{
}

TraceFileWriter::~TraceFileWriter()
{
    finish();
}

void TraceFileWriter::start()
{
    Q_ASSERT(!m_thread.joinable());
    m_thread = std::thread([this] { run(); });
}

bool TraceFileWriter::finish()
{
    if (m_thread.joinable()) {
        {
            const std::lock_guard lock(m_mutex);
            m_stopping = true;
        }
        m_wake.notify_one();
        m_thread.join();
    }
    return std::none_of(m_failed.begin(), m_failed.end(), [](bool failed) { return failed; });
}

void TraceFileWriter::run()
{
    for (bool stopping = false; !stopping;) {
        {
            std::unique_lock lock(m_mutex);
            stopping = m_wake.wait_for(lock, pace, [this] { return m_stopping; });
        }
        drain();
    }
    for (std::size_t i = 0; i < m_sinks.size(); ++i) {
        m_sinks[i]->finish(m_trace, m_trace.dropped());
        check(i);
    }
}

void TraceFileWriter::drain()
{
    const std::size_t count = m_trace.drain([this](int lane, const trace::TraceRecord &record, QByteArrayView text) {
        for (std::size_t i = 0; i < m_sinks.size(); ++i) {
            if (!m_failed[i])
                m_sinks[i]->take(lane, record, text);
        }
    });
    if (count == 0)
        return;
    for (std::size_t i = 0; i < m_sinks.size(); ++i) {
        if (!m_failed[i])
            m_sinks[i]->endBatch();
        check(i);
    }
}

// A sink says once that it has failed.
void TraceFileWriter::check(std::size_t sink)
{
    if (m_failed[sink])
        return;
    if (const QString error = m_sinks[sink]->error(); !error.isEmpty()) {
        m_failed[sink] = true;
        m_complain(error);
    }
}

} // namespace loopscope::app
