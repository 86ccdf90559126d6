// SPDX-License-Identifier: GPL-3.0-or-later
//
// How fast the window's views paint: the timeline, the request table, the loop panel, the callbacks and the pool board on
// one window of 1280 × 800, over the real session. Needs a display, or QT_QPA_PLATFORM=offscreen.
//
//   window_bench [--records N] [--seconds S] [--rate R] [--live S] [--picture FILE]
//
// First a session of N records (5,000,000) is filled, whole and without limits; then it is scrolled and zoomed for S seconds
// each (2), as fast as it goes. Then a thread writes the trace of R requests a second (20,000) for some seconds (5), which
// the window drains and follows at 60 frames a second, with the default limits, as the desktop does.
// For each it prints frames/s, the median, the 99th percentile and the worst time of a frame, and the processor time of one,
// which tells what it costs on a busy machine too; --picture keeps the last.

#include "inspector/model/session.h"
#include "inspector/model/viewstate.h"
#include "inspector/panel/callbackview.h"
#include "inspector/panel/listview.h"
#include "inspector/panel/looppanel.h"
#include "inspector/panel/poolboard.h"
#include "inspector/panel/requesttable.h"
#include "inspector/panel/statusstrip.h"
#include "inspector/scope/scopeview.h"
#include "inspector/theme/theme.h"
#include "server/trace/trace.h"

#include <QtCore/QCommandLineParser>
#include <QtCore/QElapsedTimer>
#include <QtWidgets/QApplication>
#include <QtWidgets/QGridLayout>
#include <QtWidgets/QScrollBar>
#include <QtWidgets/QTableView>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <functional>
#include <thread>
#include <vector>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace loopscope;
using trace::Kind;
using trace::Phase;
using trace::TraceRecord;

namespace {

constexpr qint64 ms = 1'000'000; // ns
constexpr std::size_t recordsPerDrain = 50'000; // as the main window
constexpr qint64 frameNs = 16 * ms;

// The records of one request after another, as the server writes them for a GET that a handler answers after an immediate;
// each twentieth has a job on the pool, each tenth starts a timer. About 14 records.
class Traffic {
public:
    // sink(int lane, const TraceRecord &, QByteArrayView text)
    using Sink = std::function<void(int, const TraceRecord &, QByteArrayView)>;

    explicit Traffic(Sink sink)
        : m_sink(std::move(sink))
    {
    }
    [[nodiscard]] quint64 written() const { return m_written; }

    void open(qint64 at)
    {
        record(0, Kind::Listening, at, 0, [](TraceRecord &r) { r.value = 3000; }, "127.0.0.1:3000");
        for (quint64 connection = 1; connection <= connections; ++connection)
            record(0, Kind::ConnectionOpened, at, 0, [&](TraceRecord &r) { r.connection = connection; }, "127.0.0.1:50000");
    }

    // One turn of 25 µs, with one request in it, before which the loop slept from `wokenAfter`.
    void request(qint64 wokenAfter, qint64 at)
    {
        const quint64 number = ++m_request;
        const quint64 connection = number % connections + 1;
        const auto on = [&](TraceRecord &r) {
            r.request = number;
            r.connection = connection;
        };
        record(0, Kind::Wait, wokenAfter, at - wokenAfter, [](TraceRecord &r) { r.value = 1; });
        record(0, Kind::RequestBegin, at, 1'000, on, "GET /users/7 HTTP/1.1\r\nHost: 127.0.0.1:3000\r\n\r\n");
        const quint64 immediate = ++m_id;
        record(0, Kind::Registered, at + 6'000, 0, [&](TraceRecord &r) {
            on(r);
            named(r, immediate, "setImmediate");
            r.parent = connection;
        });
        layer(number, 2, "users", at + 4'000, 8'000);
        layer(number, 1, "logger", at + 3'000, 10'000);
        if (number % 20 == 0)
            job(number, at + 7'000);
        record(0, Kind::Callback, at, 14'000, [&](TraceRecord &r) {
            on(r);
            r.id = connection;
            r.name = "readable";
            r.phase = Phase::Poll;
        });
        phase(Phase::Poll, at, 14'000);
        answer(number, connection, immediate, at);
        record(0, Kind::Turn, wokenAfter, at + 25'000 - wokenAfter, [&](TraceRecord &r) {
            r.id = ++m_turn;
            r.value = 2;
        });
    }

private:
    static constexpr quint64 connections = 64;

    void record(int lane, Kind kind, qint64 start, qint64 duration, const std::function<void(TraceRecord &)> &fill,
                QByteArrayView text = {})
    {
        TraceRecord r;
        r.kind = kind;
        r.start = start;
        r.duration = duration;
        fill(r);
        m_sink(lane, r, text);
        ++m_written;
    }
    static void named(TraceRecord &r, quint64 id, const char *name)
    {
        r.id = id;
        r.name = name;
        r.file = "server/practice/practicesite.cpp";
        r.line = 57;
    }
    void layer(quint64 request, quint64 order, const char *name, qint64 start, qint64 duration)
    {
        record(0, Kind::Layer, start, duration, [&](TraceRecord &r) {
            r.request = request;
            named(r, order, name);
            r.value = order == 1 ? 500 : -1;
        });
    }
    void phase(Phase phase, qint64 start, qint64 duration)
    {
        record(0, Kind::PhaseRun, start, duration, [&](TraceRecord &r) {
            r.phase = phase;
            r.id = m_turn + 1;
            r.value = 1;
        });
    }
    void job(quint64 request, qint64 at)
    {
        const quint64 id = ++m_id;
        record(0, Kind::JobQueued, at, 0, [&](TraceRecord &r) {
            named(r, id, "writeFile");
            r.request = request;
            r.value = 1;
        });
        const int worker = 1 + int(id % 4);
        for (const Kind kind : {Kind::JobStarted, Kind::JobFinished}) {
            record(worker, kind, at + 20'000, kind == Kind::JobFinished ? 150'000 : 0, [&](TraceRecord &r) {
                r.id = id;
                r.name = "writeFile";
                r.request = request;
            });
        }
    }
    void answer(quint64 request, quint64 connection, quint64 immediate, qint64 at)
    {
        record(0, Kind::ResponseHead, at + 17'000, 0, [&](TraceRecord &r) {
            r.request = request;
            r.connection = connection;
            r.value = 200;
        }, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 42\r\n\r\n");
        record(0, Kind::ResponseEnd, at, 19'000, [&](TraceRecord &r) {
            r.request = request;
            r.connection = connection;
            r.id = 200;
            r.value = 42;
        });
        record(0, Kind::ConnectionIdle, at + 20'000, 0, [&](TraceRecord &r) { r.connection = connection; });
        record(0, Kind::Callback, at + 15'000, 7'000, [&](TraceRecord &r) {
            r.request = request;
            r.connection = connection;
            named(r, immediate, "setImmediate");
            r.phase = Phase::Check;
        });
        phase(Phase::Check, at + 15'000, 7'000);
        if (request % 10 != 0)
            return;
        record(0, Kind::Registered, at + 16'000, 0, [&](TraceRecord &r) {
            named(r, ++m_id, "setTimeout");
            r.request = request;
            r.parent = immediate;
            r.value = at + 3'600'000 * ms;
        });
    }

    const Sink m_sink;
    quint64 m_written = 0;
    quint64 m_request = 0;
    quint64 m_turn = 0;
    quint64 m_id = connections; // the sockets' come first
};

// Times of frames, ns.
class Frames {
public:
    void add(qint64 ns) { m_times.push_back(ns); }
    // Of the GUI thread alone, since it began.
    [[nodiscard]] static qint64 processorNs()
    {
        timespec time{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
        return qint64(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
    }
    void print(const char *what, qint64 totalNs)
    {
        if (m_times.empty())
            return;
        std::sort(m_times.begin(), m_times.end());
        const auto at = [this](double share) {
            return double(m_times[std::min(m_times.size() - 1, std::size_t(share * double(m_times.size())))]) / ms;
        };
        std::printf("%-27s %7.1f frames/s   median %6.2f ms   p99 %6.2f ms   worst %6.2f ms   processor %6.2f ms\n", what,
                    double(m_times.size()) * 1e9 / double(totalNs), at(0.5), at(0.99), double(m_times.back()) / ms,
                    double(processorNs() - m_processorBefore) / ms / double(m_times.size()));
        std::fflush(stdout);
    }

private:
    std::vector<qint64> m_times;
    const qint64 m_processorBefore = processorNs();
};

// The views on one window, fed and ticked as the main window does.
class Window final : public QWidget {
public:
    explicit Window(const model::Session::Limits &limits)
        : session(limits)
        , scope(session, view)
        , table(session, view)
        , loop(session)
        , callbacks(session, view)
        , pool(session)
        , status(session)
    {
        session.setLane(0, trace::Trace::LaneKind::Loop, "loop");
        auto *grid = new QGridLayout(this);
        grid->setContentsMargins(0, 0, 0, 0);
        grid->addWidget(&scope, 0, 0);
        grid->addWidget(&table, 1, 0);
        grid->addWidget(&loop, 0, 1);
        grid->addWidget(&callbacks, 1, 1);
        grid->addWidget(&pool, 0, 2, 2, 1);
        grid->addWidget(&status, 2, 0, 1, 3);
        grid->setColumnStretch(0, 3);
        grid->setColumnStretch(1, 2);
        grid->setColumnStretch(2, 2);
        resize(1280, 800);
        show();
    }
    ~Window() override
    {
        for (QWidget *each : std::initializer_list<QWidget *>{&scope, &table, &loop, &callbacks, &pool, &status})
            each->setParent(nullptr); // members: the window must not delete them
    }

    void tick(qint64 now)
    {
        view.advance(now);
        scope.tick(now);
        table.tick(now);
        loop.tick(now);
        callbacks.tick(now);
        pool.tick(now);
        status.tick(now);
    }
    // One frame: `step`, all ticks, and everything painted.
    qint64 frame(qint64 now, const std::function<void()> &step)
    {
        QElapsedTimer timer;
        timer.start();
        step();
        tick(now);
        QCoreApplication::processEvents();
        return timer.nsecsElapsed();
    }

    model::Session session;
    model::ViewState view;
    scope::ScopeView scope;
    panel::RequestTable table;
    panel::LoopPanel loop;
    panel::CallbackView callbacks;
    panel::PoolBoard pool;
    panel::StatusStrip status;
};

model::Session::Limits unlimited(quint64 records)
{
    model::Session::Limits limits;
    limits.slices = limits.events = limits.requests = std::max<quint64>(records, 100'000);
    limits.textBytes = quint64(4) << 30;
    return limits;
}

void fill(Window &window, quint64 records)
{
    Traffic traffic([&](int lane, const TraceRecord &r, QByteArrayView text) { window.session.add(lane, r, text); });
    for (int worker = 1; worker <= 4; ++worker)
        window.session.setLane(worker, trace::Trace::LaneKind::Worker, "pool " + QByteArray::number(worker));
    QElapsedTimer timer;
    timer.start();
    qint64 now = 1'000 * ms;
    while (traffic.written() < records) {
        window.session.beginBatch();
        if (traffic.written() == 0)
            traffic.open(now);
        for (const quint64 until = std::min(records, traffic.written() + recordsPerDrain); traffic.written() < until;) {
            traffic.request(now, now + 25'000);
            now += 50'000; // 20,000 requests a second
        }
        window.session.endBatch();
    }
    const double seconds = double(timer.nsecsElapsed()) / 1e9;
    std::printf("filled: %llu records, %llu requests, %.1f s of the server, in %.2f s\n",
                static_cast<unsigned long long>(traffic.written()),
                static_cast<unsigned long long>(window.session.requestCount()),
                double(window.session.lastTime() - window.session.firstTime()) / 1e9, seconds);
    timer.restart();
    Frames frames;
    while (window.callbacks.registry().totalCount() < window.session.events().size() / 4 && timer.elapsed() < 30'000)
        frames.add(window.frame(window.session.lastTime(), [] {}));
    frames.print("the callbacks catch up", timer.nsecsElapsed());
}

// Frames for so long, each with `step(number of the frame)`.
void run(Window &window, const char *what, double seconds, const std::function<void(int)> &step)
{
    Frames frames;
    QElapsedTimer timer;
    timer.start();
    for (int i = 0; double(timer.nsecsElapsed()) < seconds * 1e9; ++i)
        frames.add(window.frame(window.session.lastTime(), [&] { step(i); }));
    frames.print(what, timer.nsecsElapsed());
}

void scrollAndZoom(Window &window, double seconds)
{
    model::ViewState &view = window.view;
    const qint64 first = window.session.firstTime();
    const qint64 last = window.session.lastTime();
    for (const qint64 width : {1 * ms, 100 * ms, 5'000 * ms}) {
        view.setTimeRange({first, first + width});
        const QByteArray what = "scroll, " + QByteArray::number(width / ms) + " ms wide";
        run(window, what.constData(), seconds, [&](int) {
            view.scrollBy(width / 20);
            if (view.timeRange().to > last)
                view.setTimeRange({first, first + width});
        });
    }
    view.setTimeRange({first, last});
    run(window, "zoom, all to 10 µs and back", seconds, [&](int i) {
        const qint64 middle = first + (last - first) / 3;
        const bool in = i / 60 % 2 == 0;
        view.zoom(in ? 0.8 : 1.25, middle);
    });
    view.setTimeRange({first, last});
    run(window, "all of it, pan by a pixel", seconds, [&](int i) { view.scrollBy((i % 2 ? 1 : -1) * (last - first) / 1'000); });
    const auto scroll = [](QScrollBar *bar, int i) { bar->setValue(int((qint64(i) * 7'919) % (bar->maximum() + 1))); };
    run(window, "callbacks, anywhere", seconds, [&](int i) { scroll(window.callbacks.list().verticalScrollBar(), i); });
    run(window, "requests, anywhere", seconds, [&](int i) { scroll(window.table.tableView()->verticalScrollBar(), i); });
}

// A server of `rate` requests a second, as far as a trace can tell.
class Producer {
public:
    Producer(trace::Trace &trace, int rate)
        : m_trace(trace)
        , m_rate(rate)
    {
        m_recorders.push_back(trace.addRecorder(trace::Trace::LaneKind::Loop, "loop"));
        for (int worker = 1; worker <= 4; ++worker)
            m_recorders.push_back(trace.addRecorder(trace::Trace::LaneKind::Worker, "pool " + QByteArray::number(worker)));
        m_thread = std::thread([this] { produce(); });
    }
    ~Producer()
    {
        m_stop = true;
        m_thread.join();
    }

private:
    void produce()
    {
        Traffic traffic([this](int lane, const TraceRecord &r, QByteArrayView text) {
            m_recorders[std::size_t(lane)]->write(r, text);
        });
        const auto now = [this] { return m_trace.clock().now().count(); };
        const qint64 apart = 1'000'000'000 / m_rate;
        qint64 next = now();
        traffic.open(next);
        while (!m_stop) {
            for (; next + apart < now(); next += apart)
                traffic.request(next, next + apart / 3);
            trace::LiveCounts counts;
            counts.at = now();
            counts.sockets = 65;
            counts.poolThreads = 4;
            counts.poolStarted = 1;
            m_recorders[0]->setCounts(counts);
            std::this_thread::sleep_for(1ms);
        }
    }

    trace::Trace &m_trace;
    const int m_rate;
    std::vector<trace::Recorder *> m_recorders;
    std::atomic<bool> m_stop = false;
    std::thread m_thread;
};

void live(int rate, double seconds, const QString &picture)
{
    trace::Trace trace;
    Window window({});
    Frames frames;
    Frames gaps;
    QElapsedTimer timer;
    {
        const Producer producer(trace, rate);
        timer.start();
        qint64 lastPaint = 0;
        while (double(timer.nsecsElapsed()) < seconds * 1e9) {
            const qint64 began = timer.nsecsElapsed();
            frames.add(window.frame(trace.clock().now().count(), [&] { window.session.drain(trace, recordsPerDrain); }));
            const qint64 painted = timer.nsecsElapsed();
            gaps.add(painted - std::exchange(lastPaint, painted));
            if (const qint64 left = frameNs - (painted - began); left > 0)
                std::this_thread::sleep_for(std::chrono::nanoseconds(left));
        }
    }
    const qint64 total = timer.nsecsElapsed();
    std::printf("live: %d requests/s, %llu requests seen, %llu records dropped\n", rate,
                static_cast<unsigned long long>(window.session.server().finishedRequests),
                static_cast<unsigned long long>(window.session.server().droppedRecords));
    frames.print("live, work of a frame", total);
    gaps.print("live, from paint to paint", total);
    if (!picture.isEmpty())
        window.grab().save(picture);
}

} // namespace

int main(int argc, char **argv)
{
    QApplication application(argc, argv);
    theme::applyTheme(application, theme::Theme::Light);
    QCommandLineParser options;
    options.addHelpOption();
    const QCommandLineOption records(u"records"_s, u"records of the session"_s, u"N"_s, u"5000000"_s);
    const QCommandLineOption seconds(u"seconds"_s, u"seconds of each way to move"_s, u"S"_s, u"2"_s);
    const QCommandLineOption rate(u"rate"_s, u"requests a second, live"_s, u"R"_s, u"20000"_s);
    const QCommandLineOption liveSeconds(u"live"_s, u"seconds of it; 0: none"_s, u"S"_s, u"5"_s);
    const QCommandLineOption picture(u"picture"_s, u"a PNG of the live window at its end"_s, u"FILE"_s);
    options.addOptions({records, seconds, rate, liveSeconds, picture});
    options.process(application);
    if (const quint64 count = options.value(records).toULongLong(); count > 0) {
        Window window(unlimited(count));
        fill(window, count);
        scrollAndZoom(window, options.value(seconds).toDouble());
    }
    if (options.value(liveSeconds).toDouble() > 0)
        live(std::max(1, options.value(rate).toInt()), options.value(liveSeconds).toDouble(), options.value(picture));
    return 0;
}
