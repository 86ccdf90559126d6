// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/panel/statusstrip.h"
#include "tests/panel/panelfixture.h"
#include "tests/support/testcase.h"

using namespace loopscope::panel;
using namespace loopscope::test;
using namespace Qt::StringLiterals;

class tst_StatusStrip : public TestCase {
    Q_OBJECT

private Q_SLOTS:
    void theLineSaysWhatTheSessionKnows();
    void aBlockedLoopIsNamedInWords();
    void thePoolHasItsSizeBeforeItsFirstUse();
    void droppedRecordsAreCounted();
    void figuresChangeNoFasterThanTheyCanBeRead();
    void pictures();
};

void tst_StatusStrip::theLineSaysWhatTheSessionKnows()
{
    PanelFixture f;
    StatusStrip strip(f.session);
    QVERIFY2(strip.text().startsWith(u"not listening · 0 connections (0 in flight) · "_s), qPrintable(strip.text()));
    f.feed(visitTranscript());
    strip.tick(400 * ms);
    QVERIFY2(strip.text().startsWith(u"listening · 2 connections (1 in flight) · lag p99 "_s), qPrintable(strip.text()));
    QVERIFY2(strip.text().contains(u" · pool 0/4 · "_s), qPrintable(strip.text()));
    QVERIFY2(strip.text().endsWith(u" req/s · 0 records dropped"_s), qPrintable(strip.text()));
    Transcript t;
    t.drainBegan(500 * ms, 0, 1);
    f.feed(t);
    strip.tick(1'000 * ms);
    QVERIFY(strip.text().startsWith(u"draining · "_s));
}

void tst_StatusStrip::aBlockedLoopIsNamedInWords()
{
    PanelFixture f;
    StatusStrip strip(f.session);
    f.feed(visitTranscript());
    f.session.setLive(0, {.since = 1'000 * ms, .name = "readable", .file = nullptr, .line = 0, .request = 4,
                          .phase = loopscope::trace::Phase::Poll});
    strip.tick(1'040 * ms);
    QCOMPARE(strip.blockedNotice(), QString()); // 40 ms: not worth a word yet
    strip.tick(2'200 * ms);
    QCOMPARE(strip.blockedNotice(), u"■ The loop is blocked for 1.20 s by readable of request 4"_s);
    f.session.setLive(0, {});
    strip.tick(2'500 * ms);
    QCOMPARE(strip.blockedNotice(), QString());
}

void tst_StatusStrip::thePoolHasItsSizeBeforeItsFirstUse()
{
    loopscope::model::Session session;
    session.setLane(0, loopscope::trace::Trace::LaneKind::Loop, "loop");
    StatusStrip strip(session);
    QVERIFY2(strip.text().contains(u" · pool – · "_s), qPrintable(strip.text())); // nobody has said
    loopscope::trace::LiveCounts counts;
    counts.at = 5 * ms;
    counts.poolThreads = 4;
    session.setCounts(0, counts);
    session.beginBatch();
    session.endBatch();
    strip.tick(1'000 * ms);
    QVERIFY2(strip.text().contains(u" · pool 0/4 · "_s), qPrintable(strip.text()));
}

void tst_StatusStrip::droppedRecordsAreCounted()
{
    PanelFixture f;
    StatusStrip strip(f.session);
    f.session.beginBatch();
    f.session.setDropped(1'204);
    f.session.endBatch();
    strip.tick(1'000 * ms);
    QCOMPARE(strip.droppedNotice(), u"▲ 1,204 records dropped: the views have gaps"_s);
    QVERIFY(strip.text().endsWith(u"1,204 records dropped"_s));
}

void tst_StatusStrip::figuresChangeNoFasterThanTheyCanBeRead()
{
    PanelFixture f;
    StatusStrip strip(f.session);
    strip.tick(1'000 * ms);
    f.feed(visitTranscript());
    const QString before = strip.text();
    strip.tick(1'100 * ms);
    QCOMPARE(strip.text(), before);
    strip.tick(1'260 * ms);
    QVERIFY(strip.text() != before);
}

void tst_StatusStrip::pictures()
{
    PanelFixture f;
    StatusStrip strip(f.session);
    f.feed(visitTranscript());
    strip.tick(400 * ms);
    takePictures(strip, u"strip"_s, {1280, 28});
    f.session.setLive(0, {.since = 1'000 * ms, .name = "readable", .file = nullptr, .line = 0, .request = 4,
                          .phase = loopscope::trace::Phase::Poll});
    f.session.setDropped(1'204);
    strip.tick(2'200 * ms);
    takePictures(strip, u"strip-notices"_s, {1280, 28});
}

QTEST_MAIN(tst_StatusStrip)
#include "tst_statusstrip.moc"
