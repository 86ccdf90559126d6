// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/lab/progressline.h"
#include "tests/support/testcase.h"

using namespace loopscope;
using namespace loopscope::app;
using namespace std::chrono_literals;

// What a run says of itself while it goes on.
class tst_ProgressLine : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void aTerminalsLineIsWrittenOverAndGoes();
    void aTerminalsLineDoesNotWrap();
    void aLogGetsWholeLinesAndOnlyNowAndThen();
    void nothingIsSaidBeforeTheBeginAndBehindTheEnd();

private:
    static load::LabPlan plan()
    {
        load::LabPlan plan;
        plan.name = "write";
        return plan;
    }
    // What is seen of a terminal's line.
    static QByteArray seen(const QByteArray &written)
    {
        QByteArray line;
        qsizetype column = 0;
        for (const char c : written) {
            if (c == '\r') {
                column = 0;
                continue;
            }
            if (column == line.size())
                line.append(' ');
            line[column++] = c;
        }
        return line.trimmed();
    }
};

void tst_ProgressLine::aTerminalsLineIsWrittenOverAndGoes()
{
    QByteArray written;
    ProgressLine line([&](const QByteArray &bytes) { written += bytes; }, true, 1h);
    line.begin(plan());
    QCOMPARE(seen(written), QByteArray("Waiting for the first answer (GET /lab) (0 s)"));
    line.update({1, 10, "blocking", 100, 0, 0});
    QVERIFY2(seen(written).startsWith("Run 1 of 10: blocking, 100 probes answered ("), seen(written).constData());
    line.update({2, 10, "pool", 1, 0, 0.1}); // a shorter one leaves nothing of the one before
    QVERIFY2(seen(written).startsWith("Run 2 of 10: pool, 1 probes answered ("), seen(written).constData());
    QVERIFY2(seen(written).endsWith(" s)"), seen(written).constData());
    QVERIFY(!written.contains('\n'));
    line.end();
    QCOMPARE(seen(written), QByteArray());
    QVERIFY(written.endsWith('\r')); // what follows begins where it did
}

void tst_ProgressLine::aTerminalsLineDoesNotWrap()
{
    QByteArray written;
    ProgressLine line([&](const QByteArray &bytes) { written += bytes; }, true, 1h);
    line.begin(plan());
    line.update({1, 10, QByteArray(200, 'x'), 100, 0, 0});
    QCOMPARE(seen(written).size(), ProgressLine::columns);
    line.end();
    QCOMPARE(seen(written), QByteArray());
}

void tst_ProgressLine::aLogGetsWholeLinesAndOnlyNowAndThen()
{
    QByteArray written;
    ProgressLine line([&](const QByteArray &bytes) { written += bytes; }, false, 10ms);
    line.begin(plan());
    line.update({1, 10, "blocking", 100, 2, 0});
    QVERIFY(written.isEmpty());
    QVERIFY(test::waitFor([&] { return written.count('\n') >= 2; }));
    QVERIFY2(written.startsWith("loopscope: Run 1 of 10: blocking, 100 probes answered, 2 failed (0 s)\n"),
             written.constData());
    line.end();
    QVERIFY(written.endsWith(" s)\n"));
}

void tst_ProgressLine::nothingIsSaidBeforeTheBeginAndBehindTheEnd()
{
    QByteArray written;
    ProgressLine line([&](const QByteArray &bytes) { written += bytes; }, true, 1h);
    line.end();
    line.update({1, 10, "blocking", 100, 0, 0});
    QVERIFY(written.isEmpty());
    line.begin(plan());
    line.end();
    written.clear();
    line.update({1, 10, "blocking", 100, 0, 0}); // was on its way
    line.end();
    QVERIFY(written.isEmpty());
}

QTEST_GUILESS_MAIN(tst_ProgressLine)
#include "tst_progressline.moc"
