// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/panel/requeststages.h"
#include "tests/panel/panelfixture.h"
#include "tests/support/testcase.h"

#include <numeric>
#include <random>

using namespace loopscope::panel;
using namespace loopscope::test;
using loopscope::model::Request;

class tst_RequestStages : public TestCase {
    Q_OBJECT

private Q_SLOTS:
    void thePostOfTheVisitIsPartedAsRecorded();
    void aRunningRequestGrowsWithTime();
    void theForemostActivityWins();
    void stagesPartTheDurationWhateverIsMissing();
};

void tst_RequestStages::thePostOfTheVisitIsPartedAsRecorded()
{
    PanelFixture f;
    f.feed(visitTranscript());
    const qint64 now = 200 * ms;
    const Request *request = f.session.request(2);
    QVERIFY(request);
    const auto totals = stageTotals(stagesOf(*request, activitiesOf(f.session, 2, now), now));
    QCOMPARE(totals[int(Stage::ReadingHead)], 30 * us);
    QCOMPARE(totals[int(Stage::ReadingBody)], 50 * ms - 30 * us);
    QCOMPARE(totals[int(Stage::Loop)], 80 * us + 40 * us); // readable from 55 ms; writeFile's until the head at 93.11 ms
    QCOMPARE(totals[int(Stage::Pool)], 38 * ms - 20 * us); // 20 µs of the job ran while the loop's callback did
    QCOMPARE(totals[int(Stage::PoolQueue)], 0); // all of it under the callback that queued it
    QCOMPARE(totals[int(Stage::Waiting)], 10 * us);
    QCOMPARE(totals[int(Stage::Sending)], 10 * us);
    QCOMPARE(std::accumulate(totals.begin(), totals.end(), qint64(0)), request->end - request->start);
}

void tst_RequestStages::aRunningRequestGrowsWithTime()
{
    PanelFixture f;
    f.feed(visitTranscript());
    const Request *request = f.session.request(4);
    QVERIFY(request && request->isRunning());
    const auto at = [&](qint64 now) { return stageTotals(stagesOf(*request, activitiesOf(f.session, 4, now), now)); };
    QCOMPARE(at(300 * ms)[int(Stage::Sending)] - at(200 * ms)[int(Stage::Sending)], 100 * ms);
}

void tst_RequestStages::theForemostActivityWins()
{
    Request request;
    request.start = 0;
    request.headComplete = 10;
    request.bodyComplete = 10;
    request.responseHead = 100;
    request.end = 110;
    const QList<StageInterval> stages = stagesOf(
        request, {{Stage::PoolQueue, 20, 40}, {Stage::Pool, 30, 70}, {Stage::Loop, 60, 80}, {Stage::Loop, 65, 75}}, 500);
    QCOMPARE(stages, (QList<StageInterval>{{Stage::ReadingHead, 0, 10},
                                           {Stage::Waiting, 10, 20},
                                           {Stage::PoolQueue, 20, 30},
                                           {Stage::Pool, 30, 60},
                                           {Stage::Loop, 60, 80},
                                           {Stage::Waiting, 80, 100},
                                           {Stage::Sending, 100, 110}}));
}

void tst_RequestStages::stagesPartTheDurationWhateverIsMissing()
{
    std::mt19937 random(7);
    for (int round = 0; round < 2'000; ++round) {
        const auto time = [&](qint64 low) { return random() % 4 == 0 ? Request::unknown : low + qint64(random() % 100); };
        Request request;
        request.start = 1'000;
        request.headComplete = time(1'000);
        request.bodyComplete = time(1'000);
        request.responseHead = time(1'000);
        request.end = time(1'100);
        request.framing = random() % 2 ? loopscope::trace::BodyFraming::Chunked : loopscope::trace::BodyFraming::None;
        QList<Activity> activities;
        for (quint32 i = random() % 6; i > 0; --i) {
            const qint64 from = 950 + qint64(random() % 200);
            activities.append({Stage(int(Stage::Loop) + int(random() % 3)), from, from + qint64(random() % 80)});
        }
        qint64 at = request.start;
        const QList<StageInterval> stages = stagesOf(request, activities, 1'150);
        for (const StageInterval &stage : stages) {
            QCOMPARE(stage.from, at);
            QVERIFY(stage.to > stage.from);
            at = stage.to;
        }
        QCOMPARE(at, request.start + request.durationAt(1'150));
    }
}

QTEST_GUILESS_MAIN(tst_RequestStages)
#include "tst_requeststages.moc"
