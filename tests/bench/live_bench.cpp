// SPDX-License-Identifier: GPL-3.0-or-later
//
// The real main window over the real server under real requests: what it paints, what it costs, what the server keeps.
//
//   live_bench [--rate R] [--seconds S] [--rounds N] [--server-core N] [--gui-core N] [--picture FILE]
//
// First rounds (3) of `wrk -c 64` for S seconds (5) each, against the server without a window (its trace read and thrown
// away on the window's core) and in the open window: the ratio is what the server keeps. Then an open-loop load of R requests a
// second (20,000) into the open window, S seconds for each arrangement of docks: frames/s, from paint to paint (median, p99,
// worst), the longest event that kept the GUI thread, its processor time a frame, and resident memory. --picture keeps the last.
//
// The GUI thread has one core, the server and all load the other. Linux only: threads are pinned by sched_setaffinity().
// Needs a display, or QT_QPA_PLATFORM=offscreen; and wrk, unless --rounds is 0.

#include "app/mainwindow.h"
#include "load/address.h"
#include "load/loadgenerator.h"
#include "load/loadloop.h"
#include "server/trace/trace.h"
#include "tests/bench/framemeter.h"
#include "tests/bench/pinning_linux.h"

#include <QtCore/QCommandLineParser>
#include <QtCore/QEventLoop>
#include <QtCore/QProcess>
#include <QtCore/QTemporaryDir>
#include <QtCore/QTimer>
#include <QtWidgets/QDockWidget>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <thread>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace loopscope;

namespace {

struct Options {
    int rate = 20'000; // requests a second
    int seconds = 5;
    int rounds = 3;
    int serverCore = 0;
    int guiCore = 1;
    QString picture;
};

void pinAll(const Options &options)
{
    bench::pinThreads([&](const QByteArray &name, bool isMain) {
        return isMain || name.startsWith("QXcb") ? options.guiCore : options.serverCore;
    });
}

void spin(std::chrono::milliseconds time)
{
    QEventLoop loop;
    QTimer::singleShot(time, &loop, &QEventLoop::quit);
    loop.exec();
}

// Starts a server, waits until it listens, and pins all threads. 0: it does not.
quint16 listen(app::ServerHost &server, const std::function<void()> &start, const Options &options)
{
    QEventLoop loop;
    QObject::connect(&server, &app::ServerHost::listening, &loop, &QEventLoop::quit);
    QObject::connect(&server, &app::ServerHost::failed, &loop, &QEventLoop::quit);
    start();
    loop.exec();
    pinAll(options);
    return server.state() == app::ServerHost::State::Listening ? server.port() : 0;
}

// Requests a second that wrk had answered, after a second of warm-up; 0 if there was any error.
double closedLoop(quint16 port, const Options &options)
{
    double rate = 0;
    for (const int seconds : {1, options.seconds}) {
        QProcess wrk;
        QEventLoop loop;
        QObject::connect(&wrk, &QProcess::finished, &loop, &QEventLoop::quit);
        QObject::connect(&wrk, &QProcess::errorOccurred, &loop, &QEventLoop::quit);
        wrk.start(u"taskset"_s, {u"-c"_s, QString::number(options.serverCore), u"wrk"_s, u"-t1"_s, u"-c64"_s,
                                 u"-d%1"_s.arg(seconds), u"http://127.0.0.1:%1/healthz"_s.arg(port)});
        if (wrk.state() != QProcess::NotRunning)
            loop.exec();
        const QByteArray words = wrk.readAllStandardOutput();
        const qsizetype at = words.indexOf("Requests/sec:");
        rate = at < 0 || words.contains("Non-2xx") || words.contains("Socket errors")
            ? 0
            : words.mid(at + 13).trimmed().split('\n').first().toDouble();
    }
    return rate;
}

double headless(const Options &options)
{
    trace::Trace trace;
    app::ServerHost server(trace);
    const quint16 port = listen(server, [&] { server.start(0); }, options);
    std::atomic<bool> stop = false;
    std::thread reader([&] {
        bench::pinThisThread(options.guiCore);
        while (!stop) {
            trace.drain([](int, const trace::TraceRecord &, QByteArrayView) {});
            std::this_thread::sleep_for(16ms); // as often as the window
        }
    });
    const double rate = port == 0 ? 0 : closedLoop(port, options);
    stop = true;
    reader.join();
    return rate;
}

// The window as main() opens it, with settings of its own.
struct Lab {
    explicit Lab(const Options &options)
        : settings(folder.filePath(u"settings"_s))
        , window(trace, settings, app::WindowOptions{.port = 0, .theme = app::ThemeChoice::Light})
    {
        window.show();
        port = listen(window.server(), [&] { window.startServer(); }, options);
    }
    void raise(const QStringList &names)
    {
        for (QDockWidget *dock : window.docks()) {
            if (names.contains(dock->objectName()))
                dock->raise();
        }
    }

    QTemporaryDir folder;
    app::Settings settings;
    trace::Trace trace;
    app::MainWindow window;
    quint16 port = 0;
};

double inTheWindow(const Options &options, quint64 &dropped)
{
    Lab lab(options);
    const double rate = lab.port == 0 ? 0 : closedLoop(lab.port, options);
    dropped += lab.trace.dropped();
    return rate;
}

void compareRates(const Options &options)
{
    std::vector<double> ratios;
    quint64 dropped = 0;
    for (int round = 0; round < options.rounds; ++round) {
        const double without = headless(options);
        const double with = inTheWindow(options, dropped);
        std::printf("round %d: headless, traced %8.0f requests/s   in the window %8.0f requests/s\n", round + 1, without, with);
        std::fflush(stdout);
        if (without > 0 && with > 0)
            ratios.push_back(with / without);
    }
    if (ratios.empty())
        return;
    std::sort(ratios.begin(), ratios.end());
    std::printf("the server keeps %.2f x of its headless rate (median of %zu rounds); %llu records dropped\n",
                ratios[ratios.size() / 2], ratios.size(), static_cast<unsigned long long>(dropped));
}

// An open-loop load on a thread of its own, from construction to destruction.
class Load {
public:
    Load(quint16 port, const Options &options)
        : m_thread([this, port, options] { run(port, options); })
    {
    }
    ~Load()
    {
        m_stop = true;
        m_thread.join();
        std::printf("load: %llu due, %llu answered, %llu errors\n", static_cast<unsigned long long>(m_tally.due),
                    static_cast<unsigned long long>(m_tally.answered), static_cast<unsigned long long>(m_tally.errorCount()));
    }

private:
    void run(quint16 port, const Options &options)
    {
        bench::pinThisThread(options.serverCore);
        load::LoadLoop loop;
        const load::Target target{u"127.0.0.1"_s, port};
        QString error;
        const auto address = load::resolve(loop, target, error);
        if (!address)
            return;
        load::LoadOptions wanted;
        wanted.request = "GET /healthz HTTP/1.1\r\nHost: " + target.authority() + "\r\n\r\n";
        wanted.rate = options.rate;
        load::LoadGenerator generator(loop, *address, wanted, [](const load::LoadSample &) {});
        generator.start();
        bool stopped = false;
        loop.runUntil([&] {
            if (m_stop && !std::exchange(stopped, true))
                generator.stop();
            return stopped && generator.isDone();
        });
        m_tally = generator.tally();
    }

    std::atomic<bool> m_stop = false;
    load::LoadTally m_tally; // the thread's, until it has ended
    std::thread m_thread;
};

void report(const char *what, const bench::MeteredApplication::Figures &figures)
{
    std::printf("%-34s %5.1f frames/s   paint to paint %5.1f / %5.1f / %6.1f ms   processor %5.2f ms a frame   "
                "longest event %6.1f ms (%s)   resident %lld MB\n",
                what, figures.framesPerSecond(), figures.gapMs(0.5), figures.gapMs(0.99), figures.gapMs(1),
                figures.processorMsPerFrame(), double(figures.longestEvent) / 1e6, figures.longestEventWas.constData(),
                static_cast<long long>(bench::residentBytes() / 1'000'000));
    std::fflush(stdout);
}

void live(bench::MeteredApplication &application, const Options &options)
{
    Lab lab(options);
    if (lab.port == 0)
        return;
    const std::pair<const char *, QStringList> arrangements[] = {
        {"as it opens", {}},
        {"callbacks, loop", {u"callbacks"_s, u"loop"_s}},
        {"warnings, pool", {u"warnings"_s, u"pool"_s}},
        {"replay, drain", {u"replay"_s, u"drain"_s}},
        {"requests, detail again", {u"requests"_s, u"detail"_s}},
    };
    {
        const Load load(lab.port, options);
        spin(500ms); // connections are opened
        for (const auto &[what, docks] : arrangements) {
            (void)application.take();
            lab.raise(docks);
            spin(std::chrono::seconds(options.seconds));
            report(what, application.take());
        }
        if (!options.picture.isEmpty())
            lab.window.grab().save(options.picture);
    }
    const model::Session &session = lab.window.session();
    std::printf("kept: %llu requests of at most %llu, %llu events of at most %llu; %llu records dropped\n",
                static_cast<unsigned long long>(session.requestCount()), static_cast<unsigned long long>(session.limits().requests),
                static_cast<unsigned long long>(session.events().size()), static_cast<unsigned long long>(session.limits().events),
                static_cast<unsigned long long>(lab.trace.dropped()));
}

} // namespace

int main(int argc, char **argv)
{
    bench::MeteredApplication application(argc, argv);
    QCommandLineParser parser;
    parser.addHelpOption();
    const QCommandLineOption rate(u"rate"_s, u"requests a second of the open-loop load"_s, u"R"_s, u"20000"_s);
    const QCommandLineOption seconds(u"seconds"_s, u"seconds of each measure"_s, u"S"_s, u"5"_s);
    const QCommandLineOption rounds(u"rounds"_s, u"rounds of the comparison of rates; 0: none"_s, u"N"_s, u"3"_s);
    const QCommandLineOption serverCore(u"server-core"_s, u"of the server and the load"_s, u"N"_s, u"0"_s);
    const QCommandLineOption guiCore(u"gui-core"_s, u"of the window"_s, u"N"_s, u"1"_s);
    const QCommandLineOption picture(u"picture"_s, u"a PNG of the window under load"_s, u"FILE"_s);
    parser.addOptions({rate, seconds, rounds, serverCore, guiCore, picture});
    parser.process(application);
    const Options options{.rate = std::max(1, parser.value(rate).toInt()),
                          .seconds = std::max(1, parser.value(seconds).toInt()),
                          .rounds = std::max(0, parser.value(rounds).toInt()),
                          .serverCore = parser.value(serverCore).toInt(),
                          .guiCore = parser.value(guiCore).toInt(),
                          .picture = parser.value(picture)};
    if (!bench::pinThisThread(options.guiCore)) {
        std::fprintf(stderr, "live_bench: there is no core %d for the window\n", options.guiCore);
        return 2;
    }
    compareRates(options);
    live(application, options);
    return 0;
}
