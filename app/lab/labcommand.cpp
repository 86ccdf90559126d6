// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/lab/labcommand.h"

#include "app/lab/experimentplan.h"
#include "app/lab/labwords.h"
#include "app/lab/progressline.h"
#include "app/serverhost.h"
#include "app/shutdownsignals.h"
#include "inspector/model/formatting.h"
#include "load/labrun.h"
#include "server/loop/uveventdispatcher.h"
#include "server/trace/trace.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>

#include <algorithm>
#include <cstdio>
#include <memory>

using namespace Qt::StringLiterals;

namespace loopscope::app {

namespace {

constexpr int ran = 0;
constexpr int didNotEnd = 1;
constexpr int couldNotStart = 2;

void complain(const QString &line)
{
    const QByteArray bytes = "loopscope: " + model::printable(line.toUtf8()).toUtf8() + '\n';
    std::fwrite(bytes.constData(), 1, std::size_t(bytes.size()), stderr);
}

// False if nobody takes it: a full disk, a closed pipe.
bool print(const QByteArray &bytes)
{
    const bool written =
        std::fwrite(bytes.constData(), 1, std::size_t(bytes.size()), stdout) == std::size_t(bytes.size());
    return std::fflush(stdout) == 0 && written;
}

QString namesOfAll()
{
    QStringList names;
    for (const practice::Experiment &experiment : practice::experiments())
        names.append(QString::fromUtf8(experiment.name));
    return names.join(u", "_s);
}

QByteArray asText(const practice::Experiment &experiment)
{
    QString text =
        u"%1: %2\n    %3\n"_s.arg(QString::fromUtf8(experiment.name), experiment.title, experiment.description);
    for (const practice::ExperimentVariant &variant : experiment.variants) {
        const QString name = QString::fromUtf8(variant.name) + (variant.right ? QString() : u" (wrong)"_s);
        text += u"    --variant %1: %2\n"_s.arg(name, variant.description);
    }
    for (const practice::ExperimentParameter &parameter : experiment.parameters) {
        const QString unit = parameter.unit.isEmpty() ? QString() : u' ' + QString::fromUtf8(parameter.unit);
        text += u"    --parameter %1=%2: %3 (%4 to %5%6)\n"_s.arg(QString::fromUtf8(parameter.name))
                    .arg(parameter.standard)
                    .arg(parameter.description)
                    .arg(parameter.minimum)
                    .arg(parameter.maximum)
                    .arg(unit);
    }
    return text.toUtf8();
}

LabChoices choicesOf(const LabRunOptions &options)
{
    LabChoices choices;
    choices.variants = options.variants;
    choices.parameters = options.parameters;
    choices.probePath = options.probePath;
    choices.rate = options.rate;
    choices.seconds = options.seconds;
    choices.runs = options.runs;
    return choices;
}

QByteArray documentOf(const load::LabReport &report)
{
    return QJsonDocument(labJson(report)).toJson(QJsonDocument::Indented);
}

QByteArray textOf(const load::LabReport &report)
{
    QString text = u'\n' + asText(labTable(report)) + u'\n' + labSentence(report) + u'\n';
    if (const QString caution = labCaution(report); !caution.isEmpty())
        text += caution + u'\n';
    return text.toUtf8();
}

// Its output, and the exit status.
int conclude(const load::LabReport &report, bool json)
{
    if (report.cancelled) {
        complain(u"cancelled"_s);
        return didNotEnd;
    }
    if (!report.error.isEmpty()) {
        complain(report.error);
        // Nothing was ever measured: it did not start.
        const bool measured = std::any_of(report.results.begin(), report.results.end(),
                                          [](const load::LabResult &result) { return !result.runs.isEmpty(); });
        return measured ? didNotEnd : couldNotStart;
    }
    if (!print(json ? documentOf(report) : textOf(report))) {
        complain(u"standard output cannot be written"_s);
        return didNotEnd;
    }
    return ran;
}

// One `loopscope lab run`, from its begin to its exit status.
class Command {
public:
    Command(const LabRunOptions &options, load::LabPlan plan)
        : m_json(options.json)
        , m_ownServer(!options.target)
        , m_plan(std::move(plan))
    {
        m_trace.setEnabled(false); // nobody reads it
        QObject::connect(&m_run, &load::LabRun::progressed, &m_run,
                         [this](const load::LabProgress &progress) { m_progress.update(progress); });
        QObject::connect(&m_run, &load::LabRun::finished, &m_run, [this](const load::LabReport &report) {
            m_progress.end();
            end(conclude(report, m_json));
        });
    }

    int exec()
    {
        if (m_ownServer)
            startServer();
        else
            begin();
        QCoreApplication::exec();
        return m_status;
    }

    // By a signal.
    void cancel()
    {
        if (m_run.isRunning()) {
            m_run.cancel(); // finished() follows
            return;
        }
        complain(u"cancelled"_s);
        end(didNotEnd);
    }

private:
    void startServer()
    {
        m_server = std::make_unique<ServerHost>(m_trace);
        QObject::connect(m_server.get(), &ServerHost::listening, &m_run, [this](const QString &host, quint16 port) {
            m_plan.server = {host, port};
            begin();
        });
        QObject::connect(m_server.get(), &ServerHost::failed, &m_run, [this](const QString &sentence) {
            complain(sentence);
            end(couldNotStart);
        });
        m_server->start(0);
    }

    void begin()
    {
        if (!m_json) {
            print(u"%1: %2\n%3, against %4\n"_s
                      .arg(QString::fromUtf8(m_plan.name), m_plan.title, labSetting(m_plan), m_plan.server.url())
                      .toUtf8());
        }
        m_progress.begin(m_plan);
        m_run.start(m_plan);
    }

    void end(int status)
    {
        m_status = status;
        QCoreApplication::quit();
    }

    const bool m_json;
    const bool m_ownServer;
    load::LabPlan m_plan;
    trace::Trace m_trace; // outlives the server
    std::unique_ptr<ServerHost> m_server;
    ProgressLine m_progress;
    load::LabRun m_run; // destroyed before the server that it drives
    int m_status = ran;
};

} // namespace

int listExperiments(const LabListOptions &options)
{
    QByteArray text;
    if (options.json) {
        QJsonArray all;
        for (const practice::Experiment &experiment : practice::experiments())
            all.append(experiment.toJson());
        text = QJsonDocument(all).toJson(QJsonDocument::Indented);
    } else {
        for (const practice::Experiment &experiment : practice::experiments())
            text += asText(experiment);
    }
    if (print(text))
        return ran;
    complain(u"standard output cannot be written"_s);
    return couldNotStart;
}

int runExperiment(const LabRunOptions &options, int &argc, char **argv)
{
    const practice::Experiment *experiment = practice::findExperiment(options.experiment);
    if (!experiment) {
        complain(
            u"there is no experiment \"%1\"; there are: %2"_s.arg(QString::fromUtf8(options.experiment), namesOfAll()));
        return couldNotStart;
    }
    QString error;
    std::optional<load::LabPlan> plan =
        planOf(*experiment, choicesOf(options), options.target.value_or(load::Target()), error);
    if (!plan) {
        complain(error);
        return couldNotStart;
    }

    auto *dispatcher = new loop::UvEventDispatcher;
    QCoreApplication::setEventDispatcher(dispatcher);
    const QCoreApplication application(argc, argv);
    const ShutdownSignals signalsOfTheSystem(dispatcher->eventLoop().uvLoop());
    Command command(options, *std::move(plan));
    QObject::connect(&signalsOfTheSystem, &ShutdownSignals::received, &application, [&command] { command.cancel(); });
    return command.exec();
}

} // namespace loopscope::app
