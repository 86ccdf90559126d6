// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/model/delays.h"
#include "inspector/model/warnings.h"
#include "tests/integration/blockingclient.h"
#include "tests/integration/describedaccount.h"
#include "tests/integration/servedtrace.h"
#include "tests/support/testcase.h"

#include <atomic>
#include <thread>

using namespace loopscope;
using namespace loopscope::model;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

static constexpr qint64 ms = 1'000'000; // ns
static constexpr qint64 tick = 10 * ms; // the coarsest clock tick of a kernel, which is how exact an arrival is

namespace {

QByteArray get(const QByteArray &target)
{
    return "GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n";
}

// A server with GET /hold, which holds the loop until somebody waits for it, and for `heldNs` more.
struct Holding {
    static constexpr qint64 heldNs = 300 * ms;

    std::unique_ptr<web::Application> app;
    std::atomic<bool> begun = false;
    std::atomic<bool> waited = false;
    test::ServedTrace served{[this]() -> web::Application & {
        app = std::make_unique<web::Application>();
        app->get("/", [](web::Request &, web::Response &res) { res.send(QByteArray("Hello")); });
        app->get("/hold", [this](web::Request &, web::Response &res) {
            const loop::Span span("holding");
            begun = true;
            while (!waited) { }
            const auto until = std::chrono::steady_clock::now() + std::chrono::nanoseconds(heldNs);
            while (std::chrono::steady_clock::now() < until) { }
            res.send(QByteArray("held"));
        });
        return *app;
    }};
};

// The slice of the loop in which something else stands.
const Slice &outermost(const SliceStore &run, qint64 at)
{
    quint64 outer = run.innermostAt(at);
    while (run.parent(outer) != run.end())
        outer = run.parent(outer);
    return run.at(outer);
}

// Without the time for which the system kept the loop's thread from its processor.
qint64 ownNs(const Slice &slice)
{
    return slice.duration - qint64(slice.detail) * 1'000;
}

int blockedBy(const char *name, const Session &session, const Warnings &warnings)
{
    int blocked = 0;
    for (int row = 0; row < warnings.count(); ++row) {
        const Warning &warning = warnings.at(row);
        blocked += warning.kind == Warning::Kind::LoopBlocked && session.string(warning.name) == name;
    }
    return blocked;
}

} // namespace

// Who delayed whom, by a real server's records.
class tst_DelayAccounts : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void bytesThatWaitedForTheLoopAreAccountedFor_data();
    void bytesThatWaitedForTheLoopAreAccountedFor();
};

void tst_DelayAccounts::bytesThatWaitedForTheLoopAreAccountedFor_data()
{
    QTest::addColumn<bool>("isNew");
    QTest::newRow("on a connection that was open") << false;
    QTest::newRow("on a new connection, which waited in the backlog") << true;
}

// While one request holds the loop, another is sent: the time until it is read is the first one's fault.
void tst_DelayAccounts::bytesThatWaitedForTheLoopAreAccountedFor()
{
    QFETCH(bool, isNew);
    Holding holding;
    test::BlockingClient holder(holding.served.port);
    test::BlockingClient waiter(holding.served.port);
    QVERIFY(holder.connect());
    QVERIFY(isNew || (waiter.connect() && waiter.send(get("/")) && waiter.receive()));
    QVERIFY(holder.send(get("/hold")));
    while (!holding.begun)
        std::this_thread::yield();
    const qint64 sentAfter = holding.served.trace.clock().now().count();
    QVERIFY(!isNew || waiter.connect());
    QVERIFY(waiter.send(get("/?late")));
    holding.waited = true;
    QVERIFY(waiter.receive());
    QVERIFY(holder.receive());
    Session session;
    const Warnings warnings(session);
    holding.served.stop([&] { holding.app.reset(); });
    session.drain(holding.served.trace);
    const Request &late = session.requestAt(session.requestCount() - 1);
    QVERIFY(session.text(late.head).startsWith("GET /?late"));
    QVERIFY2(late.arrived != Request::unknown, "the system told nothing");
    QVERIFY(late.arrived >= sentAfter - tick);
    const DelayAccount account = accountFor(session, late.number, session.lastTime());
    const QByteArray told = test::described(session, account).toUtf8();
    QVERIFY2(account.of(DelayPart::BehindOthers) >= Holding::heldNs - tick, told.constData());
    QVERIFY2(account.accountedShare() > 0.95, told.constData());
    const auto other = std::find_if(account.shares.cbegin(), account.shares.cend(), [](const DelayShare &share) {
        return share.part == DelayPart::BehindOthers && share.request != 0;
    });
    QVERIFY2(other != account.shares.cend(), told.constData());
    QCOMPARE(session.string(other->name), QByteArray("holding"));
    QCOMPARE(session.string(other->file), QByteArray("tests/integration/tst_delayaccounts.cpp"));
    const Slice *span = session.slice(other->slice);
    QVERIFY(span && span->duration >= Holding::heldNs);
    const SliceStore &run = session.slices(other->slice.lane, Track::Run);
    const Slice &outer = outermost(run, span->start + 1);
    QVERIFY2(other->ns <= outer.duration, told.constData());
    QCOMPARE(blockedBy("holding", session, warnings), ownNs(outer) > Warnings::blockedNs ? 1 : 0);
}

QTEST_GUILESS_MAIN(tst_DelayAccounts)
#include "tst_delayaccounts.moc"
