// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/loop/workerpool.h"
#include "server/practice/experiment.h"
#include "server/practice/practicesite.h"
#include "tests/support/loopmain.h"
#include "tests/support/nodescriptors.h"
#include "tests/support/nothreads.h"
#include "tests/support/testcase.h"

#include <QtCore/QDir>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QRegularExpression>
#include <QtCore/QTemporaryDir>

#include <functional>
#include <semaphore>
#include <thread>

using namespace loopscope;
using namespace loopscope::practice;
using namespace Qt::StringLiterals;
using trace::Kind;
using trace::TraceRecord;

// The experiments: that they are described, bounded, and do what they say, by the trace and by their answers.
class tst_LabRoutes : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void everyExperimentDescribesItself();
    void everyVariantAnswers_data();
    void everyVariantAnswers();
    void withoutAVariantItIsARightOne();
    void boundsAreKept_data();
    void boundsAreKept();
    void wrongMethodsAre405();
    void whatBlocksIsASpanOnTheLoop_data();
    void whatBlocksIsASpanOnTheLoop();
    void whatDoesNotBlockIsAJobOnAWorker_data();
    void whatDoesNotBlockIsAJobOnAWorker();
    void ordersAgreeWithTheRuleAndNotWithTheText_data();
    void ordersAgreeWithTheRuleAndNotWithTheText();
    void ordersAreTheSameEveryTime_data();
    void ordersAreTheSameEveryTime();
    void ticksStarveATimerAndImmediatesDoNot();
    void aForgottenHeartbeatHoldsTheProgram();
    void referencesAreCountedAtEachStep();
    void listenersRunInTheirOrderAndAnErrorUnheardIsFatal();
    void anErrorIsToldOrIgnored();
    void parallelReadsAreAskedForTogether();
    void filesLetOneWait();
    void largeValuesAreReleasedByAWorker();
    void filesAreRemoved();
    void aFolderThatCannotBeMadeIsAnError();
    void tooManyRunsAre503();
    void runsThatTakeTooMuchAre503();
    void withoutAThreadOrDescriptorsItIs503_data();
    void withoutAThreadOrDescriptorsItIs503();
    void pagesOfOtherSitesAreRefused();
    void thePoolIsResized();
    void thePoolKeepsItsBounds_data();
    void thePoolKeepsItsBounds();

private:
    static constexpr quint64 requestNumber = 9;

    struct Entry {
        trace::Trace::LaneKind lane;
        TraceRecord record;
    };
    // `response` is given the answer when it comes; its status is 0 until then.
    static void begin(PracticeSite &site, const QByteArray &method, const QByteArray &target, web::InjectResponse &response)
    {
        loop::EventLoop::current()->setImmediate([&site, method, target, &response] { // a callback with a request, as a socket's is
            loop::EventLoop::current()->setContext({requestNumber, 0});
            site.application().inject({.method = method, .target = target, .headers = {}, .body = {}},
                                      [&response](web::InjectResponse answer) { response = std::move(answer); });
        });
    }
    static web::InjectResponse ask(PracticeSite &site, const QByteArray &method, const QByteArray &target)
    {
        web::InjectResponse response;
        begin(site, method, target, response);
        bool tooLate = false; // not by test::waitFor(), which sleeps between two turns
        loop::EventLoop &current = *loop::EventLoop::current();
        const loop::TimerId deadline =
            current.setTimeout([&] { tooLate = true; }, std::chrono::milliseconds(test::patience));
        while (response.status == 0 && !tooLate)
            QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
        current.clearTimer(deadline);
        if (tooLate)
            response.body = "(never answered)";
        return response;
    }
    web::InjectResponse ask(const QByteArray &method, const QByteArray &target) { return ask(m_site, method, target); }
    QJsonObject post(const QByteArray &target) { return QJsonDocument::fromJson(ask("POST", target).body).object(); }
    static std::vector<Entry> taken()
    {
        std::vector<Entry> entries;
        test::theTrace().drain([&](int lane, const TraceRecord &record, QByteArrayView) {
            entries.push_back({test::theTrace().lane(lane).kind, record});
        });
        return entries;
    }
    static std::vector<Entry> of(Kind kind, const QByteArray &name, const std::vector<Entry> &entries)
    {
        std::vector<Entry> found;
        for (const Entry &entry : entries) {
            if (entry.record.kind == kind && (name.isEmpty() || (entry.record.name && name == entry.record.name)))
                found.push_back(entry);
        }
        return found;
    }
    static QStringList strings(const QJsonValue &array)
    {
        QStringList list;
        for (const QJsonValue &value : array.toArray())
            list.append(value.toString());
        return list;
    }

    QTemporaryDir m_folder;
    PracticeSite m_site{PracticeOptions{.directory = m_folder.path()}};
};

// --- what they say of themselves ---

void tst_LabRoutes::everyExperimentDescribesItself()
{
    const web::InjectResponse answer = ask("GET", "/lab");
    QCOMPARE(answer.status, 200);
    const QJsonArray all = QJsonDocument::fromJson(answer.body).object().value("experiments"_L1).toArray();
    QCOMPARE(all.size(), experiments().size());
    QSet<QString> names;
    for (const QJsonValue &value : all) {
        const QJsonObject one = value.toObject();
        const QString name = one.value("name"_L1).toString();
        names << name;
        QVERIFY2(findExperiment(name.toUtf8()), qPrintable(name));
        QCOMPARE(one.value("path"_L1).toString(), QString(u"/lab/"_s + name));
        for (const auto key : {"title"_L1, "description"_L1, "kind"_L1, "method"_L1})
            QVERIFY2(!one.value(key).toString().isEmpty(), qPrintable(name));
        QVERIFY2(!one.value("concepts"_L1).toArray().isEmpty(), qPrintable(name));
        const QJsonArray variants = one.value("variants"_L1).toArray();
        QVERIFY2(variants.size() >= 2, qPrintable(name));
        QVERIFY2(!variants.first().toObject().value("right"_L1).toBool(), qPrintable(name));
        QVERIFY2(variants.last().toObject().value("right"_L1).toBool(), qPrintable(name));
        for (const QJsonValue &parameter : one.value("parameters"_L1).toArray()) {
            const QJsonObject number = parameter.toObject();
            const double standard = number.value("default"_L1).toDouble();
            QVERIFY2(standard >= number.value("minimum"_L1).toDouble(), qPrintable(name));
            QVERIFY2(standard <= number.value("maximum"_L1).toDouble(), qPrintable(name));
        }
    }
    QCOMPARE(names.size(), all.size());
    QVERIFY(!findExperiment("no such"));
}

// Small runs of everything.
static QByteArray smallTarget(const Experiment &experiment, const ExperimentVariant &variant)
{
    static const QHash<QByteArray, QByteArray> small{
        {"write", "&mib=1"},          {"read", "&files=3&kib=2&delay=1"},  {"fibonacci", "&n=20"},
        {"pbkdf2", "&iterations=10"}, {"image", "&width=100&height=80"},   {"sort", "&count=100"},
        {"hash", "&mib=1"},           {"starvation", "&ms=20"},            {"refs", "&ms=100"},
    };
    return experiment.path() + "?variant=" + variant.name + small.value(experiment.name);
}

void tst_LabRoutes::everyVariantAnswers_data()
{
    QTest::addColumn<QByteArray>("method");
    QTest::addColumn<QByteArray>("target");
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<QByteArray>("variant");
    for (const Experiment &experiment : experiments()) {
        for (const ExperimentVariant &variant : experiment.variants)
            QTest::addRow("%s, %s", experiment.name.constData(), variant.name.constData())
                << experiment.method << smallTarget(experiment, variant) << experiment.name << variant.name;
    }
}

void tst_LabRoutes::everyVariantAnswers()
{
    QFETCH(QByteArray, method);
    QFETCH(QByteArray, target);
    QFETCH(QByteArray, name);
    QFETCH(QByteArray, variant);
    const web::InjectResponse answer = ask(method, target);
    QVERIFY2(answer.status == 200, answer.body.constData());
    QCOMPARE(answer.header("Content-Type"), QByteArrayView("application/json; charset=utf-8"));
    QCOMPARE(answer.header("Cache-Control"), QByteArrayView("no-store"));
    const QJsonObject json = QJsonDocument::fromJson(answer.body).object();
    QCOMPARE(json.value("experiment"_L1).toString().toUtf8(), name);
    QCOMPARE(json.value("variant"_L1).toString().toUtf8(), variant);
    QVERIFY(json.value("milliseconds"_L1).isDouble());
    QCOMPARE(json.value("order"_L1).isArray(), findExperiment(name)->kind == Experiment::Kind::Order);
}

void tst_LabRoutes::withoutAVariantItIsARightOne()
{
    QCOMPARE(post("/lab/fibonacci?n=5").value("variant"_L1).toString(), u"pool"_s);
    QCOMPARE(post("/lab/read?files=1&kib=1").value("variant"_L1).toString(), u"sequential"_s);
}

void tst_LabRoutes::boundsAreKept_data()
{
    QTest::addColumn<QByteArray>("target");
    QTest::addColumn<QString>("sentence");
    for (const Experiment &experiment : experiments()) {
        const QByteArray name = experiment.name;
        QTest::addRow("%s: a variant that there is not", name.constData())
            << QByteArray(experiment.path() + "?variant=fast") << u"variant is one of "_s;
        QTest::addRow("%s: a variant without a name", name.constData())
            << QByteArray(experiment.path() + "?variant") << u"variant is one of "_s;
        QTest::addRow("%s: a name that there is not", name.constData())
            << QByteArray(experiment.path() + "?Variant=blocking") << u"The query knows these names: variant"_s;
        for (const ExperimentParameter &parameter : experiment.parameters) {
            const QString unit = parameter.unit.isEmpty() ? QString() : u" of "_s + QString::fromUtf8(parameter.unit);
            const QString sentence = u"%1 is a whole number%2 from %3 to %4."_s.arg(QString::fromUtf8(parameter.name), unit)
                                         .arg(parameter.minimum)
                                         .arg(parameter.maximum);
            for (const QByteArray &value : {QByteArray::number(parameter.minimum - 1), QByteArray::number(parameter.maximum + 1),
                                            QByteArray("many"), QByteArray(), QByteArray("1e2"),
                                            QByteArray("%20" + QByteArray::number(parameter.minimum)),
                                            QByteArray("%2B" + QByteArray::number(parameter.minimum))})
                QTest::addRow("%s: %s=%s", name.constData(), parameter.name.constData(), value.constData())
                    << QByteArray(experiment.path() + '?' + parameter.name + '=' + value) << sentence;
            const QByteArray least = parameter.name + '=' + QByteArray::number(parameter.minimum);
            QTest::addRow("%s: %s without a value", name.constData(), parameter.name.constData())
                << QByteArray(experiment.path() + '?' + parameter.name) << sentence;
            QTest::addRow("%s: %s twice", name.constData(), parameter.name.constData())
                << QByteArray(experiment.path() + '?' + least + '&' + least)
                << u"%1 is given twice."_s.arg(QString::fromUtf8(parameter.name));
        }
    }
}

void tst_LabRoutes::boundsAreKept()
{
    QFETCH(QByteArray, target);
    QFETCH(QString, sentence);
    const web::InjectResponse answer = ask("POST", target);
    QCOMPARE(answer.status, 400);
    QVERIFY2(QString::fromUtf8(answer.body).contains(sentence), answer.body.constData());
}

void tst_LabRoutes::wrongMethodsAre405()
{
    for (const Experiment &experiment : experiments())
        QCOMPARE(ask(experiment.method == "GET" ? "POST" : "GET", experiment.path()).status, 405);
    QCOMPARE(ask("DELETE", "/lab/pool").status, 405);
    QCOMPARE(ask("GET", "/lab/none").status, 404);
}

// --- blocking or not ---

static void cpuAndFileRows(const QByteArray &variant, const QByteArray &suffix)
{
    QTest::addColumn<QByteArray>("target");
    QTest::addColumn<QByteArrayList>("names");
    const auto row = [&](const char *name, const char *numbers, const QByteArrayList &calls) {
        QByteArrayList names;
        for (const QByteArray &call : calls)
            names << QByteArray(call + suffix);
        QTest::newRow(name) << QByteArray("/lab/" + QByteArray(name) + "?variant=" + variant + numbers) << names;
    };
    row("write", "&mib=24", {"writeFile"});
    row("fibonacci", "&n=29", {"fibonacci"});
    row("pbkdf2", "&iterations=60000", {"pbkdf2"});
    row("image", "&width=1200&height=1000", {"resizeImage", "grayscale"});
    row("sort", "&count=200000", {"sortNumbers"});
    row("hash", "&mib=12", {"hashRandom"});
}

void tst_LabRoutes::whatBlocksIsASpanOnTheLoop_data()
{
    cpuAndFileRows("blocking", "Sync");
}

// The work is a span of the loop, in a slice that lasted for all of the time that the answer tells.
void tst_LabRoutes::whatBlocksIsASpanOnTheLoop()
{
    QFETCH(QByteArray, target);
    QFETCH(QByteArrayList, names);
    (void)taken();
    const QJsonObject answer = post(target);
    const auto entries = taken();
    qint64 blockedNs = 0;
    for (const QByteArray &name : names) {
        const auto spans = of(Kind::Span, name, entries);
        QCOMPARE(spans.size(), 1u);
        QCOMPARE(spans[0].lane, trace::Trace::LaneKind::Loop);
        QVERIFY(QByteArrayView(spans[0].record.file).startsWith("server/practice/lab"));
        QCOMPARE(spans[0].record.request, requestNumber);
        blockedNs += spans[0].record.duration;
        QVERIFY(of(Kind::JobFinished, name.chopped(4), entries).empty());
    }
    qint64 longest = 0;
    for (const Entry &slice : of(Kind::Callback, {}, entries)) {
        if (slice.lane == trace::Trace::LaneKind::Loop)
            longest = std::max(longest, slice.record.duration);
    }
    constexpr qint64 rounding = 1'000; // ns, of the answer's figure
    const auto tookNs = qint64(answer.value("milliseconds"_L1).toDouble() * 1e6);
    QVERIFY(blockedNs <= tookNs + rounding);
    QVERIFY(longest >= tookNs - rounding);
}

void tst_LabRoutes::whatDoesNotBlockIsAJobOnAWorker_data()
{
    cpuAndFileRows("pool", {});
}

// Keeps every worker busy, so that what is asked for stays under way.
class BusyPool {
public:
    BusyPool()
        : m_pool(loop::EventLoop::current()->pool())
        , m_threads(m_pool.threads())
    {
        for (int i = 0; i < m_threads; ++i)
            m_pool.submit("busy", [this] { m_mayEnd.acquire(); }, [](std::exception_ptr) {});
        while (m_pool.running() < m_threads)
            std::this_thread::yield();
    }
    ~BusyPool()
    {
        m_mayEnd.release(m_threads);
        while (loop::EventLoop::current()->references() > 0)
            QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
    }

private:
    std::counting_semaphore<> m_mayEnd{0};
    loop::WorkerPool &m_pool;
    const int m_threads;
};

// The work is a job on a worker: as long as there is none, others are answered, and this is not.
void tst_LabRoutes::whatDoesNotBlockIsAJobOnAWorker()
{
    QFETCH(QByteArray, target);
    QFETCH(QByteArrayList, names);
    (void)taken();
    web::InjectResponse answer;
    {
        BusyPool busy;
        begin(m_site, "POST", target, answer);
        QCOMPARE(ask("GET", "/healthz").status, 200);
        QCOMPARE(answer.status, 0);
    }
    QTRY_COMPARE(answer.status, 200);
    QVERIFY(QJsonDocument::fromJson(answer.body).object().contains("milliseconds"_L1));
    const auto entries = taken();
    for (const QByteArray &name : names) {
        const auto jobs = of(Kind::JobFinished, name, entries);
        QCOMPARE(jobs.size(), 1u);
        QCOMPARE(jobs[0].lane, trace::Trace::LaneKind::Worker);
        QCOMPARE(trace::JobOutcome(jobs[0].record.detail), trace::JobOutcome::Done);
        QCOMPARE(jobs[0].record.request, requestNumber);
        QVERIFY(of(Kind::Span, name + "Sync", entries).empty());
    }
}

// --- orders ---

static void orderRows()
{
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<QByteArray>("right");
    QTest::addColumn<QStringList>("order");
    QTest::newRow("order") << QByteArray("/lab/order") << QByteArray("by-rule")
                           << QStringList{u"begin"_s,     u"end"_s,   u"nextTick"_s, u"microtask"_s,
                                          u"immediate"_s, u"timer"_s, u"file read"_s};
    QTest::newRow("phases") << QByteArray("/lab/phases") << QByteArray("by-phase")
                            << QStringList{u"main begins"_s, u"main ends"_s,    u"nextTick"_s,
                                           u"microtask"_s,   u"setTimeout 0"_s, u"setImmediate"_s};
    QTest::newRow("phases inside I/O") << QByteArray("/lab/phases-io") << QByteArray("by-phase")
                                       << QStringList{u"I/O callback"_s, u"nextTick"_s, u"microtask"_s,
                                                      u"setImmediate"_s, u"setTimeout 0"_s};
}

void tst_LabRoutes::ordersAgreeWithTheRuleAndNotWithTheText_data()
{
    orderRows();
}

void tst_LabRoutes::ordersAgreeWithTheRuleAndNotWithTheText()
{
    QFETCH(QByteArray, path);
    QFETCH(QByteArray, right);
    QFETCH(QStringList, order);
    const QJsonObject good = post(path + "?variant=" + right);
    QCOMPARE(strings(good.value("order"_L1)), order);
    QCOMPARE(strings(good.value("predicted"_L1)), order);
    QVERIFY(good.value("agrees"_L1).toBool());
    const QJsonObject wrong = post(path + "?variant=as-written");
    QCOMPARE(strings(wrong.value("order"_L1)), order); // what happens does not depend on what is believed
    QVERIFY(!wrong.value("agrees"_L1).toBool());
    QStringList named = strings(wrong.value("predicted"_L1));
    QStringList ran = order;
    named.sort();
    ran.sort();
    QCOMPARE(named, ran);
}

void tst_LabRoutes::ordersAreTheSameEveryTime_data()
{
    orderRows();
}

void tst_LabRoutes::ordersAreTheSameEveryTime()
{
    QFETCH(QByteArray, path);
    QFETCH(QStringList, order);
    for (int i = 0; i < 50; ++i)
        QCOMPARE(strings(post(path).value("order"_L1)), order);
}

// A busy machine may take all of the time that an experiment has for its first step; in one of so many runs it does not.
static constexpr int attempts = 20;

void tst_LabRoutes::ticksStarveATimerAndImmediatesDoNot()
{
    QJsonObject ticks;
    for (int i = 0; i < attempts && ticks.value("steps"_L1).toInteger() < 2; ++i) {
        (void)taken();
        ticks = post("/lab/starvation?variant=nextTick&ms=100");
    }
    const auto starved = taken();
    QVERIFY(ticks.value("milliseconds"_L1).toDouble() >= 100);
    QVERIFY(ticks.value("timerRanAfterMs"_L1).toDouble() >= 100);
    const qint64 steps = ticks.value("steps"_L1).toInteger();
    QVERIFY(steps > 1);
    QCOMPARE(qint64(of(Kind::Callback, "nextTick", starved).size()), steps - 1); // the first is the handler's

    const QJsonObject immediates = post("/lab/starvation?variant=setImmediate&ms=100");
    const auto fed = taken();
    QVERIFY(immediates.value("milliseconds"_L1).toDouble() >= 100);
    std::vector<Entry> chain = of(Kind::Callback, "setImmediate", fed);
    std::erase_if(chain, [](const Entry &slice) { return !QByteArrayView(slice.record.file).endsWith("laborder.cpp"); });
    QCOMPARE(qint64(chain.size()), immediates.value("steps"_L1).toInteger() - 1);
    std::vector<Entry> timers = of(Kind::Callback, "setTimeout", fed);
    std::erase_if(timers, [](const Entry &slice) { return !QByteArrayView(slice.record.file).endsWith("laborder.cpp"); });
    QCOMPARE(timers.size(), 1u);
    // when it is due, which the loop's clock tells to the millisecond, what is left of the turn comes before it
    const qint64 due = timers[0].record.value + 1'000'000;
    const auto before = std::count_if(chain.begin(), chain.end(), [&](const Entry &slice) {
        return slice.record.start > due && slice.record.start < timers[0].record.start;
    });
    QVERIFY2(before <= 1, qPrintable(QString::number(before)));
}

// --- references ---

void tst_LabRoutes::aForgottenHeartbeatHoldsTheProgram()
{
    const QJsonObject forgotten = post("/lab/refs?variant=forgotten&ms=120");
    QVERIFY(!forgotten.value("endedByItself"_L1).toBool());
    QVERIFY(forgotten.value("summary"_L1).toString().startsWith(u"it did not end by itself, for references were left: 1;"_s));
    QVERIFY(forgotten.value("milliseconds"_L1).toDouble() >= 119);
    QCOMPARE(forgotten.value("exitCode"_L1).toInt(), 1);
    QJsonObject unref;
    for (int i = 0; i < attempts && !unref.value("endedByItself"_L1).toBool(); ++i)
        unref = post("/lab/refs?variant=unref&ms=2000");
    QVERIFY(unref.value("endedByItself"_L1).toBool());
    QVERIFY(unref.value("summary"_L1).toString().startsWith(u"it ended by itself after "_s));
    QCOMPARE(unref.value("exitCode"_L1).toInt(), 0);
}

void tst_LabRoutes::referencesAreCountedAtEachStep()
{
    const auto counts = [&](const QByteArray &variant) {
        QStringList lines;
        for (const QJsonValue &value : post("/lab/refs?ms=1000&variant=" + variant).value("steps"_L1).toArray()) {
            const QJsonObject step = value.toObject();
            lines.append(u"%1: %2 timers, %3 immediates"_s.arg(step.value("step"_L1).toString())
                             .arg(step.value("timers"_L1).toInt())
                             .arg(step.value("immediates"_L1).toInt()));
        }
        return lines;
    };
    QCOMPARE(counts("unref"),
             (QStringList{u"the program begins: 0 timers, 0 immediates"_s, u"setTimeout(30): 1 timers, 0 immediates"_s,
                          u"setInterval(5), a heartbeat: 2 timers, 0 immediates"_s,
                          u"heartbeat.unref(): 1 timers, 0 immediates"_s, u"setImmediate(): 1 timers, 1 immediates"_s,
                          u"the immediate has run: 1 timers, 0 immediates"_s, u"the timer has run: 0 timers, 0 immediates"_s}));
    QCOMPARE(counts("forgotten").last(), u"the timer has run: 1 timers, 0 immediates"_s);
}

void tst_LabRoutes::listenersRunInTheirOrderAndAnErrorUnheardIsFatal()
{
    QStringList expected{u"emit placed: soup"_s,
                         u"stock: counts one soup less"_s,
                         u"kitchen: makes soup"_s,
                         u"accounts: writes a bill for soup"_s,
                         u"door: greets the first customer"_s,
                         u"emit placed has returned"_s,
                         u"emit error"_s};
    const QJsonObject unheard = post("/lab/orders?variant=unheard");
    QCOMPARE(strings(unheard.value("order"_L1)), expected);
    QCOMPARE(unheard.value("exitCode"_L1).toInt(), 1);
    QCOMPARE(unheard.value("error"_L1).toString(), u"the stock is empty"_s);
    QCOMPARE(unheard.value("summary"_L1).toString(),
             u"the program ended at \"emit error\", with exit code 1: the stock is empty"_s);

    expected += {u"manager: hears that the stock is empty"_s, u"emit placed: bread"_s, u"stock: counts one bread less"_s,
                 u"kitchen: makes bread"_s, u"accounts: writes a bill for bread"_s};
    const QJsonObject heard = post("/lab/orders?variant=heard");
    QCOMPARE(strings(heard.value("order"_L1)), expected);
    QCOMPARE(heard.value("exitCode"_L1).toInt(-1), 0);
    QVERIFY(!heard.contains("error"_L1));
}

// --- files ---

void tst_LabRoutes::anErrorIsToldOrIgnored()
{
    const QJsonObject ignored = post("/lab/callback?variant=ignored");
    QCOMPARE(ignored.value("told"_L1).toString(), u"written"_s);
    QCOMPARE(ignored.value("summary"_L1).toString(), u"its client was told that the file is written, and there is none"_s);
    QVERIFY(!ignored.value("isThere"_L1).toBool());
    QVERIFY(!ignored.contains("error"_L1));
    const QJsonObject checked = post("/lab/callback?variant=checked");
    QCOMPARE(checked.value("told"_L1).toString(), u"not written"_s);
    QVERIFY(!checked.value("isThere"_L1).toBool());
    const QJsonObject error = checked.value("error"_L1).toObject();
    QCOMPARE(error.value("code"_L1).toString(), u"ENOENT"_s);
    QCOMPARE(error.value("message"_L1).toString(), u"ENOENT: no such file or directory, open 'no such folder/note.txt'"_s);
}

void tst_LabRoutes::parallelReadsAreAskedForTogether()
{
    // how many callbacks asked the pool for reads, and for how many together; how fast a worker is does not count
    const auto asked = [&](const QByteArray &variant) {
        (void)taken();
        (void)post("/lab/read?files=10&kib=64&delay=0&variant=" + variant);
        QSet<quint64> callbacks;
        const auto queued = of(Kind::JobQueued, "readFile", taken());
        for (const Entry &entry : queued)
            callbacks << entry.record.parent;
        return std::pair(callbacks.size(), qsizetype(queued.size()));
    };
    QCOMPARE(asked("blocking"), std::pair(qsizetype(0), qsizetype(0)));
    QCOMPARE(asked("sequential"), std::pair(qsizetype(10), qsizetype(10)));
    QCOMPARE(asked("parallel"), std::pair(qsizetype(1), qsizetype(10)));
    (void)taken();
    QCOMPARE(post("/lab/read?files=10&kib=64&delay=0&variant=blocking").value("bytes"_L1).toInt(), 10 * 64 * 1024);
    QCOMPARE(of(Kind::Span, "readFileSync", taken()).size(), 10u);
}

// Each read lets one wait, and it stands in the trace who waited: the loop, or a worker for 20 ms a file at the least.
void tst_LabRoutes::filesLetOneWait()
{
    constexpr qint64 delayNs = 20'000'000;
    (void)taken();
    QVERIFY(post("/lab/read?files=3&kib=1&delay=20&variant=blocking").value("milliseconds"_L1).toDouble() >= 60);
    const auto waits = of(Kind::Span, "waits for the disk", taken());
    QCOMPARE(waits.size(), 3u);
    for (const Entry &wait : waits) {
        QCOMPARE(wait.lane, trace::Trace::LaneKind::Loop);
        QVERIFY(wait.record.duration >= delayNs);
    }
    (void)post("/lab/read?files=3&kib=1&delay=20&variant=parallel");
    const auto entries = taken();
    const auto jobs = of(Kind::JobFinished, "readFile", entries);
    QCOMPARE(jobs.size(), 3u);
    for (const Entry &job : jobs)
        QVERIFY(job.record.duration >= delayNs);
    for (const Entry &slice : of(Kind::Span, "waits for the disk", entries))
        QVERIFY(slice.lane != trace::Trace::LaneKind::Loop);
}

// What is large is given back on a worker, too.
void tst_LabRoutes::largeValuesAreReleasedByAWorker()
{
    for (const char *target : {"/lab/write?mib=1", "/lab/image?width=100&height=80", "/lab/sort?count=100"}) {
        (void)taken();
        (void)post(target);
        QCOMPARE(of(Kind::JobFinished, "release", taken()).size(), 1u);
    }
}

void tst_LabRoutes::filesAreRemoved()
{
    QTemporaryDir folder;
    {
        PracticeSite site(PracticeOptions{.directory = folder.path()});
        for (const char *target : {"/lab/write?mib=1", "/lab/write?mib=1&variant=blocking", "/lab/read?files=5&kib=1", "/lab/order"})
            QCOMPARE(ask(site, "POST", target).status, 200);
        QVERIFY(QDir(folder.filePath(u"lab"_s)).exists());
        QVERIFY(QDir(folder.filePath(u"lab"_s)).isEmpty());
    }
    QVERIFY(!QDir(folder.filePath(u"lab"_s)).exists());
}

void tst_LabRoutes::aFolderThatCannotBeMadeIsAnError()
{
    QTemporaryDir folder;
    QFile file(folder.filePath(u"file"_s));
    QVERIFY(file.open(QIODevice::WriteOnly));
    PracticeSite site(PracticeOptions{.directory = file.fileName()});
    for (const char *target : {"/lab/write?mib=1", "/lab/read", "/lab/order"}) {
        const web::InjectResponse answer = ask(site, "POST", target);
        QCOMPARE(answer.status, 500);
        QVERIFY2(answer.body.contains("ENOTDIR"), answer.body.constData());
    }
}

// --- bounds of all together ---

struct Tally {
    int answered = 0;
    QHash<int, int> statuses;
    void ask(PracticeSite &site, const QByteArray &target)
    {
        site.application().inject({.method = "POST", .target = target, .headers = {}, .body = {}},
                                  [this](const web::InjectResponse &answer) {
                                      ++answered;
                                      ++statuses[answer.status];
                                  });
    }
};

void tst_LabRoutes::tooManyRunsAre503()
{
    Tally tally;
    {
        BusyPool busy;
        for (int i = 0; i < LabRoutes::maximumRuns + 3; ++i)
            tally.ask(m_site, "/lab/fibonacci?n=5");
        QTRY_COMPARE(tally.statuses.value(503), 3);
        QCOMPARE(tally.answered, 3);
    }
    QTRY_COMPARE(tally.statuses.value(200), LabRoutes::maximumRuns);
    QCOMPARE(ask("POST", "/lab/fibonacci?n=5").status, 200);
}

void tst_LabRoutes::runsThatTakeTooMuchAre503()
{
    Tally tally;
    {
        BusyPool busy;
        for (int i = 0; i < 3; ++i)
            tally.ask(m_site, "/lab/write?mib=256"); // each takes half of what all may
        QTRY_COMPARE(tally.statuses.value(503), 1);
        tally.ask(m_site, "/lab/fibonacci?n=5"); // which takes nothing
        m_folder.remove(); // so that nothing that large is written
        QFile inTheWay(m_folder.path());
        QVERIFY(inTheWay.open(QIODevice::WriteOnly));
    }
    QTRY_COMPARE(tally.answered, 4);
    QCOMPARE(tally.statuses.value(500), 2);
    QCOMPARE(tally.statuses.value(200), 1);
    QVERIFY(QFile::remove(m_folder.path()) && QDir().mkdir(m_folder.path()));
}

// --- the pool ---

void tst_LabRoutes::withoutAThreadOrDescriptorsItIs503_data()
{
    QTest::addColumn<QByteArray>("target");
    QTest::newRow("orders") << QByteArray("/lab/orders");
    QTest::newRow("refs") << QByteArray("/lab/refs");
}

void tst_LabRoutes::withoutAThreadOrDescriptorsItIs503()
{
    QFETCH(QByteArray, target);
    (void)loop::EventLoop::current()->pool(); // is there already
    for (int i = 0; i < 40; ++i) { // more than may run at once: none holds its place
        { // first, so that UBSan knows the errors that are thrown: see NoDescriptors
            const test::NoThreads none;
            QTest::ignoreMessage(QtCriticalMsg, QRegularExpression(u"QThread::start: Thread creation error"_s));
            QCOMPARE(ask("POST", target).status, 503);
        }
        const test::NoDescriptors none;
        QCOMPARE(ask("POST", target).status, 503);
    }
    QCOMPARE(ask("POST", target).status, 200);
}

void tst_LabRoutes::pagesOfOtherSitesAreRefused()
{
    const auto status = [&](const QByteArray &site) {
        web::InjectRequest request{.method = "POST", .target = "/lab/phases", .headers = {}, .body = {}};
        request.headers.set("Sec-Fetch-Site", site);
        int answered = 0;
        m_site.application().inject(request, [&](const web::InjectResponse &answer) { answered = answer.status; });
        (void)test::waitFor([&] { return answered != 0; });
        return answered;
    };
    QCOMPARE(status("cross-site"), 403);
    for (const char *own : {"same-origin", "same-site", "none"})
        QCOMPARE(status(own), 200);
}

void tst_LabRoutes::thePoolIsResized()
{
    {
        const int before = loop::EventLoop::current()->pool().threads();
        const test::NoThreads none;
        QCOMPARE(ask("POST", "/lab/pool?threads=64").status, 503);
        QCOMPARE(loop::EventLoop::current()->pool().threads(), before);
    }
    loop::WorkerPool &pool = loop::EventLoop::current()->pool();
    const QJsonObject before = QJsonDocument::fromJson(ask("GET", "/lab/pool").body).object();
    QCOMPARE(before.value("threads"_L1).toInt(), pool.threads());
    QCOMPARE(before.value("running"_L1).toInt(), 0);
    QCOMPARE(before.value("queued"_L1).toInt(), 0);
    QCOMPARE(before.value("maximum"_L1).toInt(), loop::WorkerPool::maximumThreads);
    (void)taken();
    QCOMPARE(post("/lab/pool?threads=7").value("threads"_L1).toInt(), 7);
    QCOMPARE(pool.threads(), 7);
    QCOMPARE(of(Kind::PoolResized, {}, taken()).size(), 1u);
    QCOMPARE(post("/lab/pool?threads=" + QByteArray::number(before.value("threads"_L1).toInt())).value("threads"_L1),
             before.value("threads"_L1));
}

void tst_LabRoutes::thePoolKeepsItsBounds_data()
{
    QTest::addColumn<QByteArray>("query");
    for (const char *query : {"", "?threads=", "?threads=0", "?threads=65", "?threads=-1", "?threads=four"})
        QTest::newRow(query) << QByteArray(query);
}

void tst_LabRoutes::thePoolKeepsItsBounds()
{
    QFETCH(QByteArray, query);
    const web::InjectResponse answer = ask("POST", "/lab/pool" + query);
    QCOMPARE(answer.status, 400);
    QVERIFY2(answer.body.contains("threads is a whole number from 1 to 64."), answer.body.constData());
}

LOOPSCOPE_LOOP_TEST_MAIN(tst_LabRoutes)
#include "tst_labroutes.moc"
