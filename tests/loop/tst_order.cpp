// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/loop/orderprogram.h"
#include "tests/support/testcase.h"

#include <QtCore/QDir>
#include <QtCore/QFile>

using namespace loopscope;
using namespace loopscope::test;
using namespace Qt::StringLiterals;

// Each program of tests/order and its twin say the same in the same order. What Node printed is in the .out files, which
// tests/order/record writes; so Node need not be there.
class tst_Order : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void asInNode_data();
    void asInNode();
    void everyProgramHasATwin();

private:
    [[nodiscard]] static QDir folder() { return QDir(QStringLiteral(LOOPSCOPE_ORDER_PROGRAMS)); }
    [[nodiscard]] static OrderPrograms allPrograms()
    {
        OrderPrograms all;
        for (const auto &theme : {&timerPrograms, &referencePrograms, &tickPrograms, &ioPrograms, &awaitPrograms,
                                  &exitPrograms, &errorPrograms, &emitterPrograms, &clearingPrograms,
                                  &listenerPrograms, &fsPrograms, &failingPrograms, &workerPrograms, &tiePrograms}) {
            const OrderPrograms programs = theme();
            all.insert(all.end(), programs.begin(), programs.end());
        }
        return all;
    }
};

void tst_Order::asInNode_data()
{
    QTest::addColumn<quintptr>("script");
    for (const OrderProgram &program : allPrograms())
        QTest::newRow(program.name) << quintptr(program.script);
}

void tst_Order::asInNode()
{
    QFETCH(quintptr, script);
    QFile recorded(folder().filePath(QLatin1StringView(QTest::currentDataTag()) + u".out"_s));
    QVERIFY2(recorded.open(QIODevice::ReadOnly), qPrintable(recorded.fileName()));
    QByteArrayList inNode = recorded.readAll().split('\n');
    inNode.removeLast();
    QVERIFY(!inNode.isEmpty());
    // those that end by an error say so on standard error, as Node does
    if (const QByteArray last = inNode.last(); last == "status 1")
        QTest::ignoreMessage(QtCriticalMsg, QRegularExpression(u"^Uncaught exception .*: (timer|async|nobody listens)$"_s));
    else if (last == "status 7")
        QTest::ignoreMessage(QtCriticalMsg, QRegularExpression(u"^Uncaught exception .*: again$"_s));
    const QByteArrayList here = linesOf(reinterpret_cast<void (*)()>(script));
    QCOMPARE(here.join("\n"), inNode.join("\n"));
}

void tst_Order::everyProgramHasATwin()
{
    QStringList twins;
    for (const OrderProgram &program : allPrograms())
        twins << QLatin1StringView(program.name);
    twins.sort();
    for (const QString &suffix : {u".cjs"_s, u".out"_s}) {
        QStringList files = folder().entryList({u'*' + suffix}, QDir::Files, QDir::Name);
        for (QString &file : files)
            file.chop(suffix.size());
        files.sort();
        QCOMPARE(twins, files);
    }
}

QTEST_GUILESS_MAIN(tst_Order)
#include "tst_order.moc"
