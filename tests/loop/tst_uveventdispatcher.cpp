// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/loop/uveventdispatcher.h"
#include "tests/support/loopmain.h"
#include "tests/support/testcase.h"

#include <QtCore/QElapsedTimer>
#include <QtCore/QEventLoop>
#include <QtCore/QProcess>
#include <QtCore/QSocketNotifier>
#include <QtCore/QTemporaryFile>
#include <QtCore/QThread>
#include <QtCore/QTimer>
#include <QtNetwork/QTcpServer>
#include <QtNetwork/QTcpSocket>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

using namespace loopscope;
using namespace loopscope::loop;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

// Qt's public behaviour, on libuv.
class tst_UvEventDispatcher : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void cleanup();
    void timersOfEachTypeFire_data();
    void timersOfEachTypeFire();
    void aPreciseTimerIsNeverEarly();
    void remainingTimeCountsDown();
    void zeroTimersFireOnceATurnAndStarveNobody();
    void anIdleLoopDoesNotSpin();
    void aTimersObjectMayDieInItsOwnEvent();
    void registeredTimersAreListedAndLeave();
    void anObjectTakesItsTimersToAnotherThread();
    void aRepeatedTimerLeavesOutWhatItMissed();
    void postedEventsAcrossThreads();
    void postedEventsAreDeliveredOncePerCall();
    void wakeUpAndInterruptFromAnotherThread();
    void deleteLaterFromAnywhere();
    void socketsEcho_data();
    void socketsEcho();
    void togglingANotifierCostsNoSystemCall();
    void aNotifierMayDieInItsOwnCallback();
    void aNotifierMayDieInAnothersCallbackOfTheBatch();
    void aDescriptorReusedWithinATurnIsWatchedAnew();
    void aFailedSocketTellsAllItsNotifiers();
    void aRegularFileIsAlwaysReady();
    void aClosedDescriptorIsRefusedWithAWarning();
    void notifiersCanBeExcluded();
    void peerHasClosedIsKnownAndForgotten();
    void processesRun();
    void tenThousandSockets();
    void nestedLoopsAreReported();
    void turnsWaitOnlyIfToldTo();
    void blockingIsAnnounced();
    void anExceptionInASlotReachesTheHandler();

private:
    static UvEventDispatcher &dispatcher()
    {
        return *qobject_cast<UvEventDispatcher *>(QCoreApplication::eventDispatcher());
    }
    static EventLoop &loop() { return dispatcher().eventLoop(); }
    static bool turn() { return dispatcher().processEvents(QEventLoop::AllEvents); }
    template<typename Condition>
    static void turnUntil(Condition condition)
    {
        while (!condition())
            dispatcher().processEvents(QEventLoop::WaitForMoreEvents);
    }
};

// Two connected descriptors, closed at the end unless taken.
struct Pair {
    int here = -1;
    int there = -1;
    Pair()
    {
        int ends[2];
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0)
            qFatal("socketpair failed");
        here = ends[0];
        there = ends[1];
    }
    Pair(Pair &&other) noexcept
        : here(std::exchange(other.here, -1))
        , there(std::exchange(other.there, -1))
    {
    }
    Pair &operator=(Pair &&) = delete;
    ~Pair()
    {
        if (here >= 0)
            ::close(here);
        if (there >= 0)
            ::close(there);
    }
    void say() const { QCOMPARE(::write(there, "x", 1), 1); }
    void hear() const
    {
        char byte;
        QCOMPARE(::read(here, &byte, 1), 1);
    }
};

void tst_UvEventDispatcher::cleanup()
{
    loop().setUncaughtHandler(nullptr);
    turn();
}

// --- timers ---

void tst_UvEventDispatcher::timersOfEachTypeFire_data()
{
    QTest::addColumn<Qt::TimerType>("type");
    QTest::addColumn<int>("interval");
    QTest::addColumn<int>("earliest");
    QTest::newRow("precise 1 ms") << Qt::PreciseTimer << 1 << 1;
    QTest::newRow("precise 33 ms") << Qt::PreciseTimer << 33 << 33;
    QTest::newRow("coarse 10 ms is precise") << Qt::CoarseTimer << 10 << 10;
    QTest::newRow("coarse 200 ms within 5 %") << Qt::CoarseTimer << 200 << 190;
    QTest::newRow("very coarse 1 s on whole seconds") << Qt::VeryCoarseTimer << 1000 << 500;
}

void tst_UvEventDispatcher::timersOfEachTypeFire()
{
    QFETCH(Qt::TimerType, type);
    QFETCH(int, interval);
    QFETCH(int, earliest);
    QTimer timer;
    timer.setTimerType(type);
    timer.setSingleShot(true);
    bool fired = false;
    connect(&timer, &QTimer::timeout, [&] { fired = true; });
    QElapsedTimer elapsed;
    elapsed.start();
    timer.start(interval);
    QVERIFY(timer.remainingTime() >= 0);
    turnUntil([&] { return fired; });
    QVERIFY2(elapsed.nsecsElapsed() >= qint64(earliest) * 1'000'000, qPrintable(QString::number(elapsed.nsecsElapsed())));
    QVERIFY(!timer.isActive());
}

void tst_UvEventDispatcher::aPreciseTimerIsNeverEarly()
{
    for (int i = 0; i < 50; ++i) {
        bool fired = false;
        QElapsedTimer elapsed;
        elapsed.start();
        QTimer::singleShot(1 + i % 5, Qt::PreciseTimer, this, [&] { fired = true; });
        turnUntil([&] { return fired; });
        QVERIFY(elapsed.nsecsElapsed() >= (1 + i % 5) * 1'000'000);
    }
}

void tst_UvEventDispatcher::remainingTimeCountsDown()
{
    QTimer timer;
    QCOMPARE(timer.remainingTime(), -1);
    timer.setTimerType(Qt::PreciseTimer);
    constexpr int hour = 3'600'000;
    timer.start(hour);
    QVERIFY(timer.remainingTime() <= hour);
    QVERIFY(timer.remainingTime() > hour / 2);
    timer.start(1);
    std::this_thread::sleep_for(3ms);
    QCOMPARE(timer.remainingTime(), 0); // overdue
    int inEvent = -2;
    connect(&timer, &QTimer::timeout, [&] { inEvent = timer.remainingTime(); });
    timer.start(20'000);
    timer.setInterval(5);
    turnUntil([&] { return inEvent != -2; });
    QVERIFY(inEvent >= 0 && inEvent <= 5); // counts towards the next time
    timer.stop();
    QCOMPARE(dispatcher().remainingTime(12345), -1);
}

void tst_UvEventDispatcher::zeroTimersFireOnceATurnAndStarveNobody()
{
    QTimer first;
    QTimer second;
    int firstRuns = 0;
    int secondRuns = 0;
    connect(&first, &QTimer::timeout, [&] { ++firstRuns; });
    connect(&second, &QTimer::timeout, [&] { ++secondRuns; });
    first.start(0);
    second.start(0);
    for (int i = 1; i <= 10; ++i) {
        dispatcher().processEvents(QEventLoop::WaitForMoreEvents); // never waits
        QCOMPARE(firstRuns, i);
        QCOMPARE(secondRuns, i);
    }
    const Pair pair;
    QSocketNotifier notifier(pair.here, QSocketNotifier::Read);
    bool heard = false;
    connect(&notifier, &QSocketNotifier::activated, [&] {
        pair.hear();
        heard = true;
    });
    pair.say();
    bool due = false;
    QTimer::singleShot(2, Qt::PreciseTimer, this, [&] { due = true; });
    turnUntil([&] { return heard && due; });
}

void tst_UvEventDispatcher::anIdleLoopDoesNotSpin()
{
    test::theTrace().drain([](int, const trace::TraceRecord &, QByteArrayView) {});
    QEventLoop eventLoop;
    QTimer::singleShot(200, Qt::PreciseTimer, &eventLoop, &QEventLoop::quit);
    eventLoop.exec();
    int turns = 0;
    test::theTrace().drain([&](int, const trace::TraceRecord &record, QByteArrayView) {
        turns += record.kind == trace::Kind::Turn;
    });
    QVERIFY2(turns < 20, qPrintable(QString::number(turns)));
}

class Mortal : public QObject {
    Q_OBJECT
public:
    explicit Mortal(int *deaths)
        : m_deaths(deaths)
    {
    }
    ~Mortal() override { ++*m_deaths; }

protected:
    void timerEvent(QTimerEvent *) override { delete this; }

private:
    int *m_deaths;
};

void tst_UvEventDispatcher::aTimersObjectMayDieInItsOwnEvent()
{
    int deaths = 0;
    for (int i = 0; i < 3; ++i) {
        auto *mortal = new Mortal(&deaths);
        mortal->startTimer(0);
        mortal->startTimer(1);
    }
    turnUntil([&] { return deaths == 3; });
    std::this_thread::sleep_for(3ms);
    turn();
    QCOMPARE(deaths, 3);
}

void tst_UvEventDispatcher::registeredTimersAreListedAndLeave()
{
    QObject object;
    const int coarse = object.startTimer(1234);
    const int slow = object.startTimer(56'789, Qt::VeryCoarseTimer);
    auto infos = dispatcher().registeredTimers(&object);
    QCOMPARE(infos.size(), 2);
    std::sort(infos.begin(), infos.end(), [](auto &a, auto &b) { return a.interval < b.interval; });
    QCOMPARE(infos[0].timerId, coarse);
    QCOMPARE(infos[0].interval, 1234);
    QCOMPARE(infos[0].timerType, Qt::CoarseTimer);
    QCOMPARE(infos[1].timerId, slow);
    QCOMPARE(infos[1].timerType, Qt::VeryCoarseTimer);
    object.killTimer(coarse);
    QCOMPARE(dispatcher().registeredTimers(&object).size(), 1);
    QVERIFY(dispatcher().unregisterTimers(&object));
    QVERIFY(!dispatcher().unregisterTimers(&object));
    QVERIFY(!dispatcher().unregisterTimer(slow));
    object.startTimer(1);
    turn();
}

void tst_UvEventDispatcher::anObjectTakesItsTimersToAnotherThread()
{
    QThread thread;
    thread.setEventDispatcher(new UvEventDispatcher);
    thread.start();
    auto *timer = new QTimer;
    std::atomic<int> there = 0;
    int here = 0;
    connect(timer, &QTimer::timeout, timer, [&] {
        if (QThread::currentThread() == &thread)
            ++there;
        else
            ++here;
    });
    timer->start(1);
    timer->moveToThread(&thread);
    QTRY_VERIFY(there > 3);
    QCOMPARE(here, 0);
    connect(&thread, &QThread::finished, timer, &QObject::deleteLater);
    thread.quit();
    QVERIFY(thread.wait());
}

void tst_UvEventDispatcher::aRepeatedTimerLeavesOutWhatItMissed()
{
    QTimer timer;
    timer.setTimerType(Qt::PreciseTimer);
    int runs = 0;
    connect(&timer, &QTimer::timeout, [&] { ++runs; });
    timer.start(1);
    std::this_thread::sleep_for(30ms);
    turn();
    QCOMPARE(runs, 1); // not thirty
}

// --- posted events ---

class Counter : public QObject {
    Q_OBJECT
public:
    std::atomic<int> value = 0;
    Q_SIGNAL void bounced(int number);
    Q_SLOT void bounce(int number)
    {
        ++value;
        Q_EMIT bounced(number + 1);
    }
};

void tst_UvEventDispatcher::postedEventsAcrossThreads()
{
    constexpr int last = 1'000;
    QThread thread;
    thread.setEventDispatcher(new UvEventDispatcher);
    Counter here;
    Counter there;
    there.moveToThread(&thread);
    QEventLoop eventLoop;
    connect(&here, &Counter::bounced, &there, &Counter::bounce, Qt::QueuedConnection);
    connect(&there, &Counter::bounced, &here, [&](int number) {
        if (number < last)
            here.bounce(number);
        else
            eventLoop.quit();
    });
    thread.start();
    here.bounce(0);
    eventLoop.exec(); // hangs if one wake-up is lost
    QCOMPARE(here.value + there.value, last);

    // many at once, from many threads
    std::atomic<int> received = 0;
    std::vector<std::thread> senders;
    for (int i = 0; i < 4; ++i) {
        senders.emplace_back([&] {
            for (int n = 0; n < 1'000; ++n)
                QMetaObject::invokeMethod(&there, [&] { ++received; }, Qt::QueuedConnection);
        });
    }
    for (std::thread &sender : senders)
        sender.join();
    QTRY_COMPARE(received.load(), 4'000);

    int answer = 0;
    QMetaObject::invokeMethod(&there, [] { return 42; }, Qt::BlockingQueuedConnection, &answer);
    QCOMPARE(answer, 42);
    thread.quit();
    QVERIFY(thread.wait());
}

void tst_UvEventDispatcher::postedEventsAreDeliveredOncePerCall()
{
    int runs = 0;
    std::function<void()> again = [&] {
        if (++runs < 5)
            QMetaObject::invokeMethod(this, again, Qt::QueuedConnection);
    };
    QMetaObject::invokeMethod(this, again, Qt::QueuedConnection);
    for (int i = 1; i <= 5; ++i) {
        QVERIFY(dispatcher().processEvents(QEventLoop::WaitForMoreEvents)); // would wait if one were forgotten
        QCOMPARE(runs, i);
    }
}

void tst_UvEventDispatcher::wakeUpAndInterruptFromAnotherThread()
{
    for (int i = 0; i < 200; ++i) {
        std::thread waker([&] {
            if (i % 2)
                dispatcher().wakeUp();
            else
                dispatcher().interrupt();
        });
        dispatcher().processEvents(QEventLoop::WaitForMoreEvents | QEventLoop::EventLoopExec);
        waker.join();
        turn(); // the second of two messages, if there were two
    }
    QEventLoop eventLoop;
    std::thread quitter;
    loop().setImmediate([&] { // exec() forgets an exit() that came before it
        quitter = std::thread([&] { eventLoop.exit(7); });
    });
    QCOMPARE(eventLoop.exec(), 7);
    quitter.join();
}

void tst_UvEventDispatcher::deleteLaterFromAnywhere()
{
    QEventLoop eventLoop;
    int deaths = 0;
    const auto mortal = [&] {
        auto *object = new QObject;
        connect(object, &QObject::destroyed, &eventLoop, [&] {
            if (++deaths == 5)
                eventLoop.quit();
        });
        return object;
    };
    QObject *inTimeout = mortal();
    QObject *inImmediate = mortal();
    QObject *inTimerEvent = mortal();
    QObject *inPosted = mortal();
    QObject *outside = mortal();
    outside->deleteLater();
    loop().setTimeout([&] { inTimeout->deleteLater(); }, 1ms);
    loop().setImmediate([&] { inImmediate->deleteLater(); });
    QTimer::singleShot(1, this, [&] { inTimerEvent->deleteLater(); });
    QMetaObject::invokeMethod(this, [&] { inPosted->deleteLater(); }, Qt::QueuedConnection);
    eventLoop.exec(); // hangs if one survives
    QCOMPARE(deaths, 5);
}

// --- notifiers ---

void tst_UvEventDispatcher::socketsEcho_data()
{
    QTest::addColumn<bool>("unbuffered");
    QTest::newRow("buffered") << false;
    QTest::newRow("unbuffered") << true;
}

void tst_UvEventDispatcher::socketsEcho()
{
    QFETCH(bool, unbuffered);
    QTcpServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    connect(&server, &QTcpServer::newConnection, [&] {
        QTcpSocket *socket = server.nextPendingConnection();
        connect(socket, &QTcpSocket::readyRead, socket, [socket] { socket->write(socket->readAll()); });
        connect(socket, &QTcpSocket::disconnected, socket, &QObject::deleteLater);
    });
    const QByteArray sent(1 << 20, 'e');
    constexpr int clients = 8;
    std::vector<std::unique_ptr<QTcpSocket>> sockets;
    std::array<QByteArray, clients> received;
    int complete = 0;
    for (QByteArray &bytes : received) {
        QTcpSocket *socket = sockets.emplace_back(std::make_unique<QTcpSocket>()).get();
        connect(socket, &QTcpSocket::connected, [&sent, socket] { socket->write(sent); });
        connect(socket, &QTcpSocket::readyRead, [&, socket] {
            bytes += socket->readAll();
            complete += bytes.size() == sent.size();
        });
        socket->connectToHost(QHostAddress::LocalHost, server.serverPort(),
                              unbuffered ? QIODevice::ReadWrite | QIODevice::Unbuffered : QIODevice::ReadWrite);
    }
    turnUntil([&] { return complete == clients; });
    for (const QByteArray &bytes : received)
        QCOMPARE(bytes, sent);
    int gone = 0;
    for (const auto &socket : sockets) {
        connect(socket.get(), &QTcpSocket::disconnected, [&] { ++gone; });
        socket->disconnectFromHost();
    }
    turnUntil([&] { return gone == clients; });
}

void tst_UvEventDispatcher::togglingANotifierCostsNoSystemCall()
{
    const Pair pair;
    QSocketNotifier notifier(pair.here, QSocketNotifier::Read);
    int heard = 0;
    connect(&notifier, &QSocketNotifier::activated, [&] {
        notifier.setEnabled(false);
        pair.hear();
        notifier.setEnabled(true);
        ++heard;
    });
    turn();
    const quint64 before = dispatcher().kernelChanges();
    for (int i = 1; i <= 100; ++i) {
        pair.say();
        turnUntil([&] { return heard == i; });
    }
    QCOMPARE(dispatcher().kernelChanges(), before);
    notifier.setEnabled(false);
    turn();
    QCOMPARE(dispatcher().kernelChanges(), before + 1);
    pair.say();
    turn();
    QCOMPARE(heard, 100);
    notifier.setEnabled(true);
    turn();
    QCOMPARE(heard, 101);
}

void tst_UvEventDispatcher::aNotifierMayDieInItsOwnCallback()
{
    const Pair pair;
    auto *notifier = new QSocketNotifier(pair.here, QSocketNotifier::Read);
    auto *other = new QSocketNotifier(pair.here, QSocketNotifier::Write);
    int calls = 0;
    connect(notifier, &QSocketNotifier::activated, [&] {
        ++calls;
        delete std::exchange(notifier, nullptr);
        delete std::exchange(other, nullptr); // ready in this batch as well
    });
    connect(other, &QSocketNotifier::activated, [&] { calls += 100; });
    pair.say();
    turnUntil([&] { return calls > 0; });
    turn();
    QCOMPARE(calls, 1);
}

void tst_UvEventDispatcher::aNotifierMayDieInAnothersCallbackOfTheBatch()
{
    std::vector<Pair> pairs(20);
    std::vector<std::unique_ptr<QSocketNotifier>> notifiers(20);
    int calls = 0;
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        notifiers[i] = std::make_unique<QSocketNotifier>(pairs[i].here, QSocketNotifier::Read);
        connect(notifiers[i].get(), &QSocketNotifier::activated, [&, i] {
            ++calls;
            for (std::size_t other = 0; other < notifiers.size(); ++other) {
                if (other == i)
                    continue;
                notifiers[other].reset();
                ::close(std::exchange(pairs[other].here, -1));
            }
            notifiers[i]->setEnabled(false);
        });
        pairs[i].say();
    }
    turnUntil([&] { return calls > 0; });
    turn();
    QCOMPARE(calls, 1);
}

void tst_UvEventDispatcher::aDescriptorReusedWithinATurnIsWatchedAnew()
{
    for (int round = 0; round < 3; ++round) {
        Pair first;
        auto notifier = std::make_unique<QSocketNotifier>(first.here, QSocketNotifier::Read);
        std::unique_ptr<QSocketNotifier> next;
        std::optional<Pair> second;
        int heard = 0;
        connect(notifier.get(), &QSocketNotifier::activated, [&] {
            const int number = first.here;
            notifier->setEnabled(false);
            notifier.release()->deleteLater();
            ::close(std::exchange(first.here, -1));
            second.emplace();
            if (second->here != number) { // the lowest free number is taken, unless another thread was quicker
                QCOMPARE(::dup2(second->here, number), number);
                ::close(std::exchange(second->here, number));
            }
            next = std::make_unique<QSocketNotifier>(number, QSocketNotifier::Read);
            connect(next.get(), &QSocketNotifier::activated, [&] {
                second->hear();
                ++heard;
            });
        });
        first.say();
        turnUntil([&] { return bool(next); });
        QCOMPARE(heard, 0);
        second->say();
        turnUntil([&] { return heard == 1; }); // hangs if the kernel does not know the new socket
        next.reset();
    }
}

void tst_UvEventDispatcher::aFailedSocketTellsAllItsNotifiers()
{
    int ends[2];
    QCOMPARE(::pipe2(ends, O_NONBLOCK), 0);
    while (::write(ends[1], QByteArray(4096, 'x').constData(), 4096) > 0) { } // full: not writable
    QSocketNotifier writable(ends[1], QSocketNotifier::Write);
    int calls = 0;
    connect(&writable, &QSocketNotifier::activated, [&] { ++calls; });
    turn();
    QCOMPARE(calls, 0);
    ::close(ends[0]); // POLLERR
    turnUntil([&] { return calls == 3; }); // again and again while it is enabled, as on stock Qt
    writable.setEnabled(false);
    turn();
    QCOMPARE(calls, 3);
    ::close(ends[1]);
}

void tst_UvEventDispatcher::aRegularFileIsAlwaysReady()
{
    QTemporaryFile file;
    QVERIFY(file.open());
    QSocketNotifier readable(file.handle(), QSocketNotifier::Read);
    int calls = 0;
    connect(&readable, &QSocketNotifier::activated, [&] { ++calls; });
    turnUntil([&] { return calls == 3; });
    readable.setEnabled(false);
    turn();
    QCOMPARE(calls, 3);
}

void tst_UvEventDispatcher::aClosedDescriptorIsRefusedWithAWarning()
{
    Pair pair;
    const int number = std::exchange(pair.here, -1);
    ::close(number);
    QSocketNotifier notifier(number, QSocketNotifier::Read);
    QTest::ignoreMessage(QtWarningMsg, qPrintable(u"QSocketNotifier: Invalid socket %1 with type Read, disabling..."_s
                                                      .arg(number)));
    turn();
    QVERIFY(!notifier.isEnabled());
}

void tst_UvEventDispatcher::notifiersCanBeExcluded()
{
    const Pair pair;
    QSocketNotifier notifier(pair.here, QSocketNotifier::Read);
    int heard = 0;
    connect(&notifier, &QSocketNotifier::activated, [&] {
        pair.hear();
        ++heard;
    });
    pair.say();
    dispatcher().processEvents(QEventLoop::ExcludeSocketNotifiers);
    dispatcher().processEvents(QEventLoop::ExcludeSocketNotifiers);
    QCOMPARE(heard, 0);
    turn();
    QCOMPARE(heard, 1);
}

void tst_UvEventDispatcher::peerHasClosedIsKnownAndForgotten()
{
    int number = -1;
    {
        Pair pair;
        number = pair.here;
        QSocketNotifier notifier(number, QSocketNotifier::Read);
        int calls = 0;
        connect(&notifier, &QSocketNotifier::activated, [&] { ++calls; });
        pair.say();
        turnUntil([&] { return calls == 1; });
        QVERIFY(!dispatcher().peerHasClosed(number));
        ::shutdown(pair.there, SHUT_WR);
        turnUntil([&] { return dispatcher().peerHasClosed(number); });
    }
    Pair pair;
    if (pair.here != number) {
        QCOMPARE(::dup2(pair.here, number), number);
        ::close(std::exchange(pair.here, number));
    }
    const QSocketNotifier notifier(number, QSocketNotifier::Read);
    turn();
    QVERIFY(!dispatcher().peerHasClosed(number));
    QVERIFY(!dispatcher().peerHasClosed(-1));
    QVERIFY(!dispatcher().peerHasClosed(1'000'000'000));
}

void tst_UvEventDispatcher::processesRun()
{
    QProcess process;
    QEventLoop eventLoop;
    QByteArray output;
    connect(&process, &QProcess::readyReadStandardOutput, [&] { output += process.readAllStandardOutput(); });
    connect(&process, &QProcess::finished, &eventLoop, &QEventLoop::exit);
    process.start(u"sh"_s, {u"-c"_s, u"cat; exit 3"_s});
    process.write("through a child");
    process.closeWriteChannel();
    QCOMPARE(eventLoop.exec(), 3);
    QCOMPARE(output, "through a child");
}

void tst_UvEventDispatcher::tenThousandSockets()
{
    constexpr int connections = 5'000;
    rlimit limit{};
    QCOMPARE(::getrlimit(RLIMIT_NOFILE, &limit), 0);
    if (limit.rlim_max < 2 * connections + 100)
        QSKIP("the system allows too few open files");
    limit.rlim_cur = limit.rlim_max;
    QCOMPARE(::setrlimit(RLIMIT_NOFILE, &limit), 0);

    QTcpServer server;
    server.setMaxPendingConnections(connections);
    server.setListenBacklogSize(1024);
    QVERIFY(server.listen(QHostAddress::LocalHost));
    int echoed = 0;
    connect(&server, &QTcpServer::newConnection, &server, [&] {
        while (QTcpSocket *socket = server.nextPendingConnection()) {
            connect(socket, &QTcpSocket::readyRead, socket, [&, socket] {
                socket->write(socket->readAll());
                ++echoed;
            });
        }
    });
    std::vector<std::unique_ptr<QTcpSocket>> clients;
    int answered = 0;
    int connected = 0;
    for (int i = 0; i < connections; ++i) {
        QTcpSocket *socket = clients.emplace_back(std::make_unique<QTcpSocket>()).get();
        connect(socket, &QTcpSocket::connected, [&] { ++connected; });
        connect(socket, &QTcpSocket::readyRead, [&answered, socket] { answered += int(socket->readAll().size()); });
        socket->connectToHost(QHostAddress::LocalHost, server.serverPort());
        if (i % 500 == 499)
            turnUntil([&] { return connected == i + 1; });
    }
    QCOMPARE(connected, connections);
    for (const auto &socket : clients)
        socket->write("x");
    turnUntil([&] { return answered == connections; });
    QCOMPARE(echoed, connections);

    // all of them idle but one: a turn costs what happens in it
    clients[0]->write("y");
    turnUntil([&] { return answered == connections + 1; });
    clients.clear();
    server.close();
    turn();
}

// --- turns ---

void tst_UvEventDispatcher::nestedLoopsAreReported()
{
    const QRegularExpression message(u"processEvents\\(\\) was called from a callback of the same loop"_s);
    bool checked = false;
    loop().setImmediate([&] {
        QTest::ignoreMessage(QtCriticalMsg, message);
        QVERIFY(!turn());
        checked = true;
    });
    turn();
    QVERIFY(checked);

    QString uncaught;
    loop().setUncaughtHandler([&](std::exception_ptr error) {
        try {
            std::rethrow_exception(error);
        } catch (const NestedLoopError &nested) {
            uncaught = QLatin1StringView(nested.what());
        }
    });
    loop().setImmediate([] {
        QEventLoop nested;
        nested.exec(); // must not hang
    });
    QTest::ignoreMessage(QtCriticalMsg, message);
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(u"Qt has caught an exception"_s)); // in QEventLoop::exec()
    turn();
    QCOMPARE(uncaught, u"a callback of the loop started a nested event loop"_s);
    bool goesOn = false;
    loop().setImmediate([&] { goesOn = true; });
    turn();
    QVERIFY(goesOn);
}

void tst_UvEventDispatcher::turnsWaitOnlyIfToldTo()
{
    while (turn()) { }
    QVERIFY(!turn()); // nothing to do, and it returns
    bool fired = false;
    loop().setTimeout([&] { fired = true; }, 1ms);
    std::this_thread::sleep_for(3ms);
    // has had an event in its timers phase, and does not wait for another in the poll phase
    QVERIFY(dispatcher().processEvents(QEventLoop::WaitForMoreEvents));
    QVERIFY(fired);
}

void tst_UvEventDispatcher::blockingIsAnnounced()
{
    QStringList order;
    std::thread waker; // by then the loop has nothing to do, so that it has to block
    connect(&dispatcher(), &QAbstractEventDispatcher::aboutToBlock, this, [&] {
        order << u"block"_s;
        if (!waker.joinable())
            waker = std::thread([&] {
                QMetaObject::invokeMethod(this, [&] { order << u"event"_s; }, Qt::QueuedConnection);
            });
    });
    connect(&dispatcher(), &QAbstractEventDispatcher::awake, this, [&] { order << u"awake"_s; });
    turnUntil([&] { return order.contains(u"event"_s); });
    dispatcher().disconnect(this);
    waker.join();
    QCOMPARE(order, (QStringList{u"block"_s, u"awake"_s, u"event"_s}));
}

void tst_UvEventDispatcher::anExceptionInASlotReachesTheHandler()
{
    int caught = 0;
    loop().setUncaughtHandler([&](std::exception_ptr) { ++caught; });
    QTimer::singleShot(0, this, [] { throw std::runtime_error("from a slot"); });
    turnUntil([&] { return caught == 1; });
    bool goesOn = false;
    QTimer::singleShot(0, this, [&] { goesOn = true; });
    turnUntil([&] { return goesOn; });
}

LOOPSCOPE_LOOP_TEST_MAIN(tst_UvEventDispatcher)
#include "tst_uveventdispatcher.moc"
