// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/loop/eventemitter.h"
#include "tests/support/loopmain.h"
#include "tests/support/testcase.h"

#include <optional>
#include <stdexcept>

using namespace loopscope;
using namespace loopscope::loop;
using namespace Qt::StringLiterals;

// What is not in the order programs of tests/order: what C++ adds to Node's EventEmitter.
class tst_EventEmitter : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void listenersTakeAllOrTheFirstFew();
    void whatIsEmittedIsNotCopied();
    void listenersAreKnownByTheirIds();
    void namesBelongToOneTypeAtATime();
    void aListenerMayDestroyTheEmitter();
    void aListenerLivesAsLongAsItRuns();
    void anErrorOfAnotherTypeIsUnhandled();
    void callsAreTracedWithTheirSite();
    void manyListenersAreWarnedOf();
    void onceGivesWhatIsEmitted();
    void whoAwaitsADestroyedEmitterIsDestroyed();

private:
    static const Event<> plain;
    static const Event<QString, int> order;
};

const Event<> tst_EventEmitter::plain{"plain"};
const Event<QString, int> tst_EventEmitter::order{"order"};

void tst_EventEmitter::listenersTakeAllOrTheFirstFew()
{
    EventEmitter emitter;
    QStringList said;
    emitter.on(order, [&](const QString &what, int count) { said << what + QString::number(count); });
    emitter.on(order, [&] { said << u"nothing"_s; });
    emitter.on(order, [&](const QString &what) { said << what; });
    emitter.on(order, [&, owned = std::make_unique<int>(3)](QString what, qint64) { said << what.repeated(*owned); });
    QVERIFY(emitter.emit(order, u"tea"_s, 2));
    QCOMPARE(said, (QStringList{u"tea2"_s, u"nothing"_s, u"tea"_s, u"teateatea"_s}));
}

void tst_EventEmitter::whatIsEmittedIsNotCopied()
{
    EventEmitter emitter;
    const QString what = u"a string that is long enough"_s;
    const QString *seen = nullptr;
    emitter.on(order, [&](const QString &given, int) { seen = &given; });
    emitter.emit(order, what, 1);
    QCOMPARE(seen, &what);
}

void tst_EventEmitter::listenersAreKnownByTheirIds()
{
    EventEmitter emitter;
    const auto function = [] {};
    const auto first = emitter.on(plain, function);
    const int line = __LINE__ + 1;
    const auto second = emitter.prependOnceListener(plain, function);
    QVERIFY(first != second && first != EventEmitter::ListenerId::None);
    const QList<EventEmitter::Listener> listeners = emitter.listeners(plain);
    QCOMPARE(listeners.size(), 2);
    QCOMPARE(listeners[0].id, second);
    QVERIFY(listeners[0].once && !listeners[1].once);
    QCOMPARE(listeners[0].site.line, line);
    QCOMPARE(listeners[0].site.file, "tests/loop/tst_eventemitter.cpp");
    QVERIFY(emitter.off(first));
    QVERIFY(!emitter.off(first));
    QVERIFY(!emitter.off(EventEmitter::ListenerId::None));
    emitter.emit(plain);
    QVERIFY(!emitter.off(second)); // it has run
    QCOMPARE(emitter.listenerCount(plain), 0);
}

void tst_EventEmitter::namesBelongToOneTypeAtATime()
{
    EventEmitter emitter;
    const Event<int> same{"plain"};
    const auto id = emitter.on(plain, [] {});
    QVERIFY_THROWS_EXCEPTION(std::logic_error, emitter.on(same, [](int) {}));
    QVERIFY_THROWS_EXCEPTION(std::logic_error, emitter.emit(same, 1));
    emitter.off(id);
    emitter.on(same, [](int) {});
    QVERIFY(emitter.emit(same, 1));
}

void tst_EventEmitter::aListenerMayDestroyTheEmitter()
{
    auto emitter = std::make_optional<EventEmitter>();
    QStringList said;
    emitter->once(plain, [&] {
        said << u"first"_s;
        emitter.reset();
    });
    emitter->once(plain, [&] { said << u"second"_s; });
    QVERIFY(emitter->emit(plain));
    QCOMPARE(said, QStringList{u"first"_s});
    emitter.emplace();
    emitter->on(plain, [] {});
    emitter->on(EventEmitter::removeListenerEvent, [&] { emitter.reset(); });
    emitter->removeAllListeners();
    QVERIFY(!emitter);
}

void tst_EventEmitter::aListenerLivesAsLongAsItRuns()
{
    EventEmitter emitter;
    const auto held = std::make_shared<int>(7);
    EventEmitter::ListenerId id{};
    bool alive = false;
    id = emitter.on(plain, [&, weak = std::weak_ptr(held), kept = held] {
        emitter.off(id);
        alive = weak.use_count() == 2;
    });
    emitter.emit(plain);
    QVERIFY(alive);
    QCOMPARE(held.use_count(), 1); // it went with the call
}

void tst_EventEmitter::anErrorOfAnotherTypeIsUnhandled()
{
    EventEmitter emitter;
    QVERIFY_THROWS_EXCEPTION(UnhandledError, emitter.emit(Event<int>("error"), 1));
    QVERIFY_THROWS_EXCEPTION(UnhandledError, emitter.emit(EventEmitter::errorEvent, nullptr));
}

void tst_EventEmitter::callsAreTracedWithTheirSite()
{
    const auto ignore = [](int, const trace::TraceRecord &, QByteArrayView) {};
    EventEmitter emitter;
    QList<int> lines;
    lines << __LINE__ + 1;
    emitter.on(order, [] {});
    lines << __LINE__ + 1;
    emitter.on(order, [] {});
    test::theTrace().drain(ignore);
    emitter.emit(order, u"tea"_s, 1);
    QList<int> traced;
    test::theTrace().drain([&](int, const trace::TraceRecord &record, QByteArrayView) {
        QCOMPARE(record.kind, trace::Kind::Span);
        QCOMPARE(record.name, "order");
        QCOMPARE(record.file, "tests/loop/tst_eventemitter.cpp");
        traced << int(record.line);
    });
    QCOMPARE(traced, lines);
}

void tst_EventEmitter::manyListenersAreWarnedOf()
{
    EventEmitter emitter;
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(u"^MaxListenersExceededWarning: .* 11 plain listeners .*"_s));
    for (int i = 0; i < 20; ++i)
        emitter.on(plain, [] {});
    QCoreApplication::processEvents(); // it comes in a tick
    EventEmitter few;
    few.setMaxListeners(1);
    QCOMPARE(few.maxListeners(), 1);
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(u".* 2 plain listeners .*"_s));
    few.on(plain, [] {});
    few.on(plain, [] {});
    QCoreApplication::processEvents();
}

static Task<> takeAll(EventEmitter &emitter, const Event<QString, int> &event, QStringList &said)
{
    const auto [name, number] = co_await events::once(emitter, event);
    said << name << QString::number(number);
    try {
        (void)co_await events::once(emitter, event);
    } catch (const UnhandledError &) { // 'error' was emitted with none
        said << u"unhandled"_s;
    }
}

void tst_EventEmitter::onceGivesWhatIsEmitted()
{
    EventEmitter emitter;
    QStringList said;
    const Task<> task = takeAll(emitter, order, said);
    const QList<EventEmitter::Listener> listeners = emitter.listeners(order);
    QCOMPARE(listeners.size(), 1);
    QVERIFY(listeners[0].once);
    QCOMPARE(listeners[0].site.file, "tests/loop/tst_eventemitter.cpp"); // of the call
    QCoreApplication::processEvents();
    emitter.emit(order, u"soup"_s, 2);
    QVERIFY(QTest::qWaitFor([&] { return emitter.listenerCount(order) == 1; })); // it waits again
    QCOMPARE(said, (QStringList{u"soup"_s, u"2"_s}));
    emitter.emit(EventEmitter::errorEvent, nullptr);
    QVERIFY(QTest::qWaitFor([&] { return task.isEnded(); }));
    QCOMPARE(said.last(), u"unhandled"_s);
    QVERIFY(emitter.eventNames().isEmpty());
}

static Task<> holds(EventEmitter &emitter, const Event<> &event, std::shared_ptr<int> held)
{
    co_await events::once(emitter, event);
    ++*held;
}

void tst_EventEmitter::whoAwaitsADestroyedEmitterIsDestroyed()
{
    const auto held = std::make_shared<int>(0);
    {
        EventEmitter emitter;
        holds(emitter, plain, held).detach();
        QCoreApplication::processEvents();
        QCOMPARE(held.use_count(), 2);
    }
    QCOMPARE(held.use_count(), 1);
    QCOMPARE(*held, 0);
}

LOOPSCOPE_LOOP_TEST_MAIN(tst_EventEmitter)
#include "tst_eventemitter.moc"
