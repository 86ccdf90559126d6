// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/httpserver.h"
#include "tests/support/loopmain.h"
#include "tests/support/patientserver.h"
#include "tests/support/rawclient.h"
#include "tests/support/testcase.h"
#include "tests/wire/echo.h"
#include "tests/wire/wirecase.h"
#include "tests/wire/wireserver.h"

#include <QtCore/QRegularExpression>

#include <sys/socket.h>

using namespace loopscope;
using namespace Qt::StringLiterals;
using test::RawClient;
using test::WireCase;
using test::WireServer;

// The cases of the *.wire files beside this one: README.md tells what they say.
class tst_Wire : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void thereAreManyCasesAndEachHasItsOwnSentence();
    void whatBytesMeanDoesNotDependOnHowTheyWereSplit_data();
    void whatBytesMeanDoesNotDependOnHowTheyWereSplit();
    void answersOverARealSocket_data();
    void answersOverARealSocket();
    void nothingIsSeenAfterARefusal_data();
    void nothingIsSeenAfterARefusal();

private:
    template<typename Condition>
    void addRows(Condition &&wanted);

    QList<WireCase> m_cases;
};

using Transcript = WireServer::Transcript;

// Feeds the case's bytes, cut at these offsets and where the client waits.
static Transcript run(const WireCase &wire, QList<qsizetype> cuts)
{
    if (wire.pauseAt >= 0)
        cuts.append(wire.pauseAt);
    cuts.append(wire.bytes.size());
    std::sort(cuts.begin(), cuts.end());
    WireServer server(wire.limits);
    qsizetype from = 0;
    for (const qsizetype to : std::as_const(cuts)) {
        // a buffer of its own, so that a sanitizer sees who reads or keeps more than the piece
        const std::vector<char> piece(wire.bytes.begin() + from, wire.bytes.begin() + to);
        server.receive(QByteArrayView(piece.data(), qsizetype(piece.size())));
        from = to;
    }
    if (wire.finishes)
        server.finish();
    Transcript said = server.transcript();
    if (wire.pauseAt < 0) // it may have come too late to be sent (README.md)
        said.answers.replace("HTTP/1.1 100 Continue\r\n\r\n", "");
    return said;
}

static QString printable(const Transcript &said)
{
    const QByteArray text = '\n' + said.events + "< " + test::escaped(said.answers) + (said.closed ? "\n<|" : "");
    return QString::fromLatin1(text);
}

static bool endsRefused(const WireCase &wire)
{
    return wire.events.sliced(wire.events.lastIndexOf('\n', -2) + 1).startsWith("refused ");
}

// What came, without the Date that no case can foresee.
static QByteArray withoutDate(const QByteArray &answers)
{
    static const QRegularExpression date(u"\r\nDate: [^\r]*"_s);
    return QString::fromLatin1(answers).remove(date).toLatin1();
}

void tst_Wire::initTestCase()
{
    m_cases = test::readWireCases(QStringLiteral(LOOPSCOPE_WIRE_CASES));
}

template<typename Condition>
void tst_Wire::addRows(Condition &&wanted)
{
    QTest::addColumn<int>("index");
    for (int i = 0; i < m_cases.size(); ++i) {
        if (wanted(m_cases[i]))
            QTest::newRow(m_cases[i].sentence.constData()) << i;
    }
}

void tst_Wire::thereAreManyCasesAndEachHasItsOwnSentence()
{
    QVERIFY2(m_cases.size() >= 200, qPrintable(QString::number(m_cases.size())));
    QSet<QByteArray> sentences;
    for (const WireCase &wire : std::as_const(m_cases)) {
        const QByteArray sentence = wire.sentence.sliced(wire.sentence.indexOf(' '));
        QVERIFY2(!sentences.contains(sentence), wire.sentence.constData());
        QVERIFY2(!wire.events.isEmpty() || wire.hasAnswers, wire.sentence.constData());
        sentences.insert(sentence);
    }
}

void tst_Wire::whatBytesMeanDoesNotDependOnHowTheyWereSplit_data()
{
    addRows([](const WireCase &) { return true; });
}

void tst_Wire::whatBytesMeanDoesNotDependOnHowTheyWereSplit()
{
    QFETCH(int, index);
    const WireCase &wire = m_cases[index];
    const Transcript whole = run(wire, {});
    QCOMPARE(whole.events, wire.events);
    if (wire.hasAnswers) {
        QCOMPARE(test::escaped(whole.answers), test::escaped(wire.answers));
        QCOMPARE(whole.closed, wire.closes);
    }

    QList<qsizetype> everywhere;
    for (qsizetype at = 1; at < wire.bytes.size(); ++at) {
        everywhere.append(at);
        const Transcript split = run(wire, {at});
        QVERIFY2(split == whole, qPrintable(u"split at %1:"_s.arg(at) + printable(split)));
    }
    const Transcript slow = run(wire, everywhere);
    QVERIFY2(slow == whole, qPrintable(u"byte by byte:"_s + printable(slow)));
}

void tst_Wire::answersOverARealSocket_data()
{
    addRows([](const WireCase &wire) { return wire.hasAnswers; });
}

void tst_Wire::answersOverARealSocket()
{
    QFETCH(int, index);
    const WireCase &wire = m_cases[index];
    net::ServerOptions options = test::patientOptions();
    options.limits = wire.limits;
    test::Echo echo;
    net::HttpServer server(echo, options);
    QVERIFY(server.listen(QHostAddress::LocalHost, 0));

    const bool waits = wire.pauseAt >= 0;
    const QList<qsizetype> cuts =
        waits ? QList<qsizetype>{wire.pauseAt} : QList<qsizetype>{wire.bytes.size(), wire.bytes.size() / 2};
    for (const qsizetype at : cuts) {
        RawClient client(server.port());
        client.send(wire.bytes.first(at));
        QCoreApplication::processEvents();
        QVERIFY(!waits || client.waitFor("\r\n\r\n"));
        client.send(wire.bytes.sliced(at));
        if (wire.finishes)
            ::shutdown(int(client.socket().socketDescriptor()), SHUT_WR);
        QByteArray expected = wire.answers;
        if (wire.closes) {
            QVERIFY2(client.waitForClose(), client.received().constData());
        } else {
            // that it is open shows when another request is answered
            client.send("GET /open HTTP/1.1\r\nHost: a\r\n\r\n");
            expected += "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nGET /open\n";
            QVERIFY2(client.waitFor("GET /open\n"), client.received().constData());
        }
        QCOMPARE(test::escaped(withoutDate(client.received())), test::escaped(expected));
    }
}

void tst_Wire::nothingIsSeenAfterARefusal_data()
{
    addRows([](const WireCase &wire) { return endsRefused(wire) && !wire.finishes && wire.pauseAt < 0; });
}

void tst_Wire::nothingIsSeenAfterARefusal()
{
    QFETCH(int, index);
    const WireCase &wire = m_cases[index];
    const QByteArray smuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
    const Transcript said = run(wire, {});
    WireCase longer = wire;
    longer.bytes += smuggled;
    const Transcript more = run(longer, {});
    QVERIFY2(more == said, qPrintable(printable(more)));

    net::ServerOptions options = test::patientOptions();
    options.limits = wire.limits;
    test::Echo echo;
    net::HttpServer server(echo, options);
    QVERIFY(server.listen(QHostAddress::LocalHost, 0));
    RawClient client(server.port());
    client.send(wire.bytes + smuggled); // in the same segment
    client.send(smuggled); // and after it
    QVERIFY2(client.waitForClose(), client.received().constData());
    QCOMPARE(test::escaped(withoutDate(client.received())), test::escaped(said.answers));
    QCOMPARE(echo.requests(), int(wire.events.count(" keep") + wire.events.count(" close")));
}

LOOPSCOPE_LOOP_TEST_MAIN(tst_Wire)
#include "tst_wire.moc"
