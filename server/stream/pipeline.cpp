// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/stream/pipeline.h"

#include "server/stream/finished.h"
#include "server/stream/readable.h"
#include "server/stream/settledtask.h"
#include "server/stream/writable.h"

namespace loopscope::stream {

// One pipeline() call. The listeners on its streams own it; it has the streams only while they live.
class Pipeline : public std::enable_shared_from_this<Pipeline> {
public:
    Pipeline(PipelineCallback &&callback, PipelineOptions options)
        : m_loop(*loop::EventLoop::current())
        , m_callback(std::move(callback))
        , m_options(options)
    {
    }

    void start(const std::vector<std::shared_ptr<Stream>> &streams)
    {
        for (std::size_t i = 0; i < streams.size(); ++i) {
            const bool reading = i + 1 < streams.size();
            const bool ends = reading || m_options.end;
            watch(streams[i], reading, i > 0, ends);
            if (i > 0)
                pipe(*streams[i - 1]->readableSide(), streams[i], ends, !reading);
        }
    }

private:
    // A stream that is destroyed when the pipeline fails, unless it is done with.
    struct Part {
        std::weak_ptr<Stream> stream;
        bool finished = false;
    };

    void watch(const std::shared_ptr<Stream> &stream, bool reading, bool writing, bool ends)
    {
        const auto self = shared_from_this();
        const bool staysReadable = !reading && stream->readableSide() && stream->readableSide()->isReadable();
        if (ends) {
            const auto part = std::make_shared<Part>(Part{stream, false});
            stream->onClose([part] { part->finished = true; });
            loop::Callback stop = finished(
                *stream, [part](const std::exception_ptr &error) { part->finished = !error; }, {reading, writing});
            m_parts.push_back(part);
            if (staysReadable)
                m_lastCleanup.push_back(std::move(stop));
        }
        const ListenerId error = stream->onError([self](const std::exception_ptr &thrown) {
            const auto code = StreamError::codeOf(thrown);
            if (code != StreamError::Code::Aborted && code != StreamError::Code::PrematureClose)
                self->finish(thrown);
        });
        if (staysReadable) {
            m_lastCleanup.push_back([weak = stream->weak_from_this(), error] {
                if (const auto alive = weak.lock())
                    alive->off(error);
            });
        }
    }

    void pipe(Readable &source, const std::shared_ptr<Stream> &to, bool ends, bool isLast)
    {
        const auto self = shared_from_this();
        const std::shared_ptr<Writable> destination(to, to->writableSide());
        m_open += 2;
        const auto ended = std::make_shared<bool>(false);
        destination->onClose([self, ended] {
            if (!*ended) // it closes before the source has ended
                self->finish(makeError(StreamError::Code::PrematureClose));
        });
        source.pipe(destination, {.end = false});
        if (ends)
            endWith(source, destination, ended);
        else
            finish(nullptr);

        // Deviation: a source that was pushed to its end and closes before 'end' has closed too early; Node 20 waits for an
        // 'end' that cannot come after 'close'.
        (void)finished(source, [self](std::exception_ptr error) { self->finish(std::move(error)); }, {true, false});
        loop::Callback stop = finished(
            *destination, [self](std::exception_ptr error) { self->finish(std::move(error)); }, {false, true});
        if (isLast && destination->readableSide() && destination->readableSide()->isReadable())
            m_lastCleanup.push_back(std::move(stop));
    }

    void endWith(Readable &source, const std::shared_ptr<Writable> &destination, const std::shared_ptr<bool> &ended)
    {
        auto end = [ended, weak = std::weak_ptr(destination)] {
            *ended = true;
            if (const auto alive = weak.lock())
                alive->end();
        };
        if (!source.errored() && (source.m_endEmitted || (source.m_ended && source.m_chunks.isEmpty())))
            m_loop.nextTick(end);
        else
            source.onEnd(end, Times::Once);
    }

    // Each pipe tells twice: of its source and of its destination.
    void finish(std::exception_ptr error)
    {
        const auto self = shared_from_this();
        const bool isLast = --m_open == 0;
        if (error && (!m_error || StreamError::codeOf(m_error) == StreamError::Code::PrematureClose))
            m_error = std::move(error);
        if (!m_error && !isLast)
            return;
        destroyParts();
        if (!isLast)
            return;
        if (!m_error) {
            for (loop::Callback &cleanup : std::exchange(m_lastCleanup, {}))
                cleanup();
        }
        m_loop.nextTick([callback = std::move(m_callback), failed = m_error]() mutable { callback(failed); });
        m_callback = nullptr;
    }

    void destroyParts()
    {
        for (const std::shared_ptr<Part> &part : std::exchange(m_parts, {})) {
            const auto stream = part->stream.lock();
            if (!stream || std::exchange(part->finished, true))
                continue;
            stream->destroy(m_error ? m_error : makeError(StreamError::Code::Destroyed, "pipe"));
        }
    }

    loop::EventLoop &m_loop;
    PipelineCallback m_callback;
    const PipelineOptions m_options;
    std::vector<std::shared_ptr<Part>> m_parts;
    std::vector<loop::Callback> m_lastCleanup;
    std::exception_ptr m_error;
    int m_open = 0; // what has not been told yet
};

void pipeline(std::vector<std::shared_ptr<Stream>> streams, PipelineCallback callback, PipelineOptions options)
{
    if (streams.size() < 2)
        throw StreamError(StreamError::Code::MissingArguments, "streams");
    for (std::size_t i = 0; i < streams.size(); ++i) {
        if ((i + 1 < streams.size() && !streams[i]->readableSide()) || (i > 0 && !streams[i]->writableSide()))
            throw StreamError(StreamError::Code::InvalidArgument, "streams");
    }
    std::make_shared<Pipeline>(std::move(callback), options)->start(streams);
}

loop::Task<> pipeline(std::vector<std::shared_ptr<Stream>> streams, PipelineOptions options, loop::Site site)
{
    return settledTask(site, [&](PipelineCallback callback) {
        pipeline(std::move(streams), std::move(callback), options);
    });
}

} // namespace loopscope::stream
