// SPDX-License-Identifier: GPL-3.0-or-later
#include "load/labrun.h"

#include "load/address.h"
#include "load/duetimer.h"
#include "load/loadloop.h"
#include "load/promptwakeup.h"
#include "load/singlerequest.h"

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>

#include <algorithm>
#include <optional>
#include <utility>

using namespace Qt::StringLiterals;

namespace loopscope::load {

namespace {

constexpr qint64 nsPerSecond = 1'000'000'000;

qint64 nanoseconds(std::chrono::nanoseconds time)
{
    return time.count();
}

QString reason(LoadError error, const QByteArray &connectError)
{
    switch (error) {
    case LoadError::Connect: return u"cannot be reached: "_s + QString::fromUtf8(connectError);
    case LoadError::Closed: return u"closed the connection before it answered"_s;
    case LoadError::Protocol: return u"answered with something that is no HTTP/1.1"_s;
    case LoadError::Timeout:
    case LoadError::Status: break;
    }
    return u"gave no answer in time"_s;
}

// Of an error's answer: its first line, which says why (server and Express alike), or else the status alone.
QString refusal(int status, const QByteArray &body)
{
    constexpr qsizetype mostCharacters = 200;
    QString line = QString::fromUtf8(body).section(u'\n', 0, 0).left(mostCharacters).trimmed();
    while (line.endsWith(u'.'))
        line.chop(1);
    const bool isPage = line.startsWith(u'<') || line.startsWith(u'{');
    return line.isEmpty() || isPage ? u"answered %1"_s.arg(status) : u"answered %1: %2"_s.arg(status).arg(line);
}

// Puts the probe's samples where they belong while they come: before the experiment is sent, while it runs, and after.
struct Window {
    const SingleRequest &experiment;
    LatencyHistogram during{};
    LatencyHistogram quiet{};

    void take(const LoadSample &sample)
    {
        if (!sample.hasLatency())
            return;
        const qint64 sentNs = experiment.sentNs(); // 0: not yet
        const qint64 answeredNs = experiment.endedNs(); // 0: not yet
        const bool inside = sentNs != 0 && sample.endedNs >= sentNs && (answeredNs == 0 || sample.dueNs <= answeredNs);
        (inside ? during : quiet).add(sample.latencyNs());
    }
};

} // namespace

// What runs on the thread. Every step returns false when nothing more is to be done: m_report then says why.
class LabRun::Worker {
public:
    Worker(LoadLoop &loop, const LabPlan &plan, std::function<void(const LabProgress &)> progress)
        : m_loop(loop)
        , m_progress(std::move(progress))
    {
        m_report.plan = plan;
        m_report.plan.runs = std::clamp(plan.runs, 1, LabPlan::maximumRuns);
        m_report.plan.seconds = std::clamp(plan.seconds, 1, LabPlan::maximumSeconds);
    }

    LabReport run()
    {
        const LabPlan &plan = m_report.plan;
        const std::optional<Address> address = resolve(m_loop, plan.server, m_report.error);
        for (const LabVariant &variant : plan.variants)
            m_report.results.append(LabResult{variant, {}, {}, {}, {}, {}});
        if (address && awaitFirstAnswer(*address))
            runAll(*address);
        m_report.cancelled = m_loop.isStopped();
        if (m_report.cancelled)
            m_report.error.clear();
        return std::move(m_report);
    }

private:
    [[nodiscard]] int runs() const { return m_report.plan.runs * int(m_report.results.size()); }

    // Nothing but an answer is wanted: a server that has no such experiment says so when it is asked for it.
    bool awaitFirstAnswer(const Address &address)
    {
        const LabPlan &plan = m_report.plan;
        m_progress({0, runs(), {}, 0, 0, 0});
        SingleRequest question(m_loop, address);
        question.send(requestBytes("GET", LabPlan::firstPath, plan.server));
        const QString url = plan.server.url();
        const QString seconds = QString::number(std::chrono::duration<double>(plan.firstAnswerTimeout).count());
        const QString tooLate = u"%1 did not answer GET %2 within %3 s"_s.arg(
            url, QString::fromUtf8(LabPlan::firstPath), seconds);
        if (!waitFor(plan.firstAnswerTimeout, tooLate, [&] { return question.isDone(); })) {
            if (!m_report.error.isEmpty() && !question.isReady())
                m_report.error = u"%1 took no connection within %2 s"_s.arg(url, seconds);
            return false;
        }
        if (question.error())
            m_report.error = u"%1 %2"_s.arg(url, reason(*question.error(), question.connectError()));
        return !question.error();
    }

    void runAll(const Address &address)
    {
        for (int i = 0; i < m_report.plan.runs; ++i) {
            for (LabResult &result : m_report.results) {
                m_runBeganNs = LoadLoop::nowNs();
                m_progress({++m_run, runs(), result.variant.name, 0, 0, double(m_run - 1) / runs()});
                if (!runOnce(address, result))
                    return;
            }
        }
    }

    bool runOnce(const Address &address, LabResult &result)
    {
        const LabPlan &plan = m_report.plan;
        SingleRequest experiment(m_loop, address);
        Window window{experiment};
        std::optional<LoadGenerator> probe;
        m_answered = 0;
        m_errors = 0;
        LabMeasurement measurement;
        measurement.beganNs = LoadLoop::nowNs();
        if (plan.hasProbe()) {
            LoadOptions options;
            options.request = requestBytes("GET", plan.probePath, plan.server);
            options.rate = plan.rate;
            probe.emplace(m_loop, address, options, [this, &window, &result](const LoadSample &sample) {
                window.take(sample);
                tell(result, sample);
            });
            probe->start();
        }
        if (!settle(experiment, probe))
            return false;
        experiment.send(requestBytes(plan.method, result.variant.target, plan.server));
        if (!awaitAnswer(experiment, result))
            return false;
        if (!readAnswer(experiment, result, measurement) || !finishProbe(probe, measurement.beganNs))
            return false;
        measurement.sentNs = experiment.sentNs();
        measurement.answeredNs = experiment.endedNs();
        measurement.endedNs = LoadLoop::nowNs();
        keep(result, measurement, window, probe);
        return true;
    }

    // Turns the loop until `done`, `limit` at most. False: stopped, or too late, which is then the error.
    bool waitFor(std::chrono::nanoseconds limit, const QString &tooLate, const std::function<bool()> &done)
    {
        bool late = false;
        DueTimer timer(m_loop.uv(), [&late] { late = true; });
        timer.start(LoadLoop::nowNs() + nanoseconds(limit));
        if (!m_loop.runUntil([&] { return late || done(); }))
            return false;
        if (done())
            return true;
        m_report.error = tooLate;
        return false;
    }

    bool settle(const SingleRequest &experiment, const std::optional<LoadGenerator> &probe)
    {
        const QString url = m_report.plan.server.url();
        const qint64 settledNs = LoadLoop::nowNs() + (probe ? nanoseconds(settleTime) : 0);
        bool settled = false;
        DueTimer timer(m_loop.uv(), [&settled] { settled = true; });
        timer.start(settledNs);
        const QString path = QString::fromUtf8(m_report.plan.probePath);
        const QString tooLate = u"%1 did not answer GET %2 within %3 s"_s.arg(url, path).arg(readyTimeout.count());
        const auto ready = [&] {
            const bool answers = !probe || probe->tally().answered > 0;
            return experiment.error() || (settled && experiment.isReady() && answers);
        };
        if (!waitFor(readyTimeout, tooLate, ready))
            return false;
        if (experiment.error()) {
            m_report.error = u"%1 %2"_s.arg(url, reason(*experiment.error(), experiment.connectError()));
            return false;
        }
        if (m_errors > 0 && probe && m_errors >= probe->tally().answered) {
            m_report.error = u"GET %1 of %2 fails: %3"_s.arg(path, url, probe->tally().errorWords());
            return false;
        }
        return true;
    }

    bool awaitAnswer(const SingleRequest &experiment, const LabResult &result)
    {
        const QString what = QString::fromUtf8(m_report.plan.method + ' ' + result.variant.target);
        if (!waitFor(experimentTimeout, u"%1 was not answered within %2 s"_s.arg(what).arg(experimentTimeout.count()),
                     [&] { return experiment.isDone(); }))
            return false;
        if (experiment.error())
            m_report.error = u"%1: the server %2"_s.arg(what, reason(*experiment.error(), experiment.connectError()));
        return !experiment.error();
    }

    bool readAnswer(const SingleRequest &experiment, const LabResult &result, LabMeasurement &measurement)
    {
        const QString what = QString::fromUtf8(m_report.plan.method + ' ' + result.variant.target);
        if (experiment.status() < 200 || experiment.status() >= 300) {
            m_report.error = u"%1: the server %2"_s.arg(what, refusal(experiment.status(), experiment.body()));
            return false;
        }
        measurement.answer = QJsonDocument::fromJson(experiment.body()).object();
        if (!measurement.answer.value("milliseconds"_L1).isDouble()) {
            m_report.error = u"%1: the answer is no experiment's: it says no milliseconds"_s.arg(what);
            return false;
        }
        measurement.milliseconds = measurement.answer.value("milliseconds"_L1).toDouble();
        for (const QJsonValue &step : measurement.answer.value("order"_L1).toArray())
            measurement.order.append(step.toString());
        return true;
    }

    // The probe lasts as long as was asked for; then everything that was due is waited for.
    bool finishProbe(std::optional<LoadGenerator> &probe, qint64 beganNs)
    {
        if (!probe)
            return true;
        bool over = false;
        DueTimer timer(m_loop.uv(), [&over] { over = true; });
        timer.start(beganNs + m_report.plan.seconds * nsPerSecond);
        if (!m_loop.runUntil([&over] { return over; }))
            return false;
        probe->stop();
        return m_loop.runUntil([&probe] { return probe->isDone(); });
    }

    static void keep(LabResult &result, LabMeasurement &measurement, const Window &window,
                     const std::optional<LoadGenerator> &probe)
    {
        measurement.probes = window.during.count();
        measurement.p99Ns = window.during.percentile(LabReport::comparedPercent);
        measurement.maximumNs = window.during.maximum();
        result.runs.append(measurement);
        result.during.merge(window.during);
        result.quiet.merge(window.quiet);
        if (probe) {
            result.probes.add(probe->tally());
            result.lateness.merge(probe->lateness());
        }
    }

    void tell(const LabResult &result, const LoadSample &sample)
    {
        ++(sample.error < 0 ? m_answered : m_errors);
        if (sample.endedNs - m_toldNs < nanoseconds(progressPace))
            return;
        m_toldNs = sample.endedNs;
        const double ofThis =
            std::min(1.0, double(sample.endedNs - m_runBeganNs) / double(m_report.plan.seconds * nsPerSecond));
        m_progress({m_run, runs(), result.variant.name, m_answered, m_errors, (m_run - 1 + ofThis) / runs()});
    }

    LoadLoop &m_loop;
    const std::function<void(const LabProgress &)> m_progress;
    LabReport m_report;
    qint64 m_runBeganNs = 0;
    qint64 m_toldNs = 0;
    int m_run = 0;
    quint64 m_answered = 0; // of this run's probe
    quint64 m_errors = 0;
};

LabRun::LabRun(QObject *parent)
    : QObject(parent)
{
}

LabRun::~LabRun()
{
    cancel();
    join();
}

void LabRun::start(const LabPlan &plan)
{
    Q_ASSERT(!isRunning());
    m_loop = std::make_unique<LoadLoop>();
    m_thread = std::thread([this, plan] {
        askForPromptWakeup();
        Worker worker(*m_loop, plan, [this](const LabProgress &progress) {
            QMetaObject::invokeMethod(
                this, [this, progress] { Q_EMIT progressed(progress); }, Qt::QueuedConnection);
        });
        QMetaObject::invokeMethod(
            this,
            [this, report = worker.run()] {
                join();
                Q_EMIT finished(report);
            },
            Qt::QueuedConnection);
    });
}

void LabRun::cancel()
{
    if (m_loop)
        m_loop->stop();
}

void LabRun::join()
{
    if (m_thread.joinable())
        m_thread.join();
    m_loop.reset();
}

} // namespace loopscope::load
