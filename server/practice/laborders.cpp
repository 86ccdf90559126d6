// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/practice/laborders.h"

#include "server/loop/eventemitter.h"
#include "server/work/workerthread.h"

#include <QtCore/QJsonArray>

#include <stdexcept>

namespace loopscope::practice::laborders {

using namespace Qt::StringLiterals;
using loop::Deferred;
using loop::EventEmitter;
using loop::Task;
using work::WorkerScope;
using work::WorkerThread;

static const loop::Event<QString> &placed()
{
    static const loop::Event<QString> event{QByteArrayLiteral("placed")};
    return event;
}

static void runShop(WorkerScope &program, bool hearsErrors)
{
    const auto log = [&program](const QString &line) { program.postMessage(line); };
    EventEmitter shop;
    shop.on(placed(), [&](const QString &thing) { log(u"kitchen: makes "_s + thing); });
    shop.on(placed(), [&](const QString &thing) { log(u"accounts: writes a bill for "_s + thing); });
    shop.once(placed(), [&] { log(u"door: greets the first customer"_s); });
    shop.prependListener(placed(), [&](const QString &thing) { log(u"stock: counts one "_s + thing + u" less"_s); });
    if (hearsErrors) {
        shop.on(EventEmitter::errorEvent, [&](const std::exception_ptr &error) {
            try {
                std::rethrow_exception(error);
            } catch (const std::exception &known) {
                log(u"manager: hears that "_s + QString::fromUtf8(known.what()));
            }
        });
    }

    log(u"emit placed: soup"_s);
    shop.emit(placed(), u"soup"_s);
    log(u"emit placed has returned"_s); // all of them have run
    log(u"emit error"_s);
    shop.emit(EventEmitter::errorEvent, std::make_exception_ptr(std::runtime_error("the stock is empty")));
    log(u"emit placed: bread"_s);
    shop.emit(placed(), u"bread"_s);
}

Task<QJsonObject> orders(LabRun run)
{
    const LabClock clock;
    QJsonArray lines;
    QString fatal;
    Deferred<int> exited;
    WorkerThread thread([hears = run.is("heard")](WorkerScope &program) { runShop(program, hears); }, {.name = "orders"});
    thread.onMessage([&lines](const QVariant &line) { lines.append(line.toString()); });
    thread.onError([&fatal](const std::exception_ptr &error) {
        try {
            std::rethrow_exception(error);
        } catch (const std::exception &known) {
            fatal = QString::fromUtf8(known.what());
        }
    });
    thread.onExit([resolver = exited.resolver()](int code) { resolver.resolve(code); });
    const int code = co_await exited;
    QJsonObject result{{u"milliseconds"_s, clock.milliseconds()}, {u"order"_s, lines}, {u"exitCode"_s, code}};
    const QString last = lines.isEmpty() ? QString() : lines.last().toString();
    result.insert(u"summary"_s, fatal.isNull() ? u"the program went on to its end, \"%1\""_s.arg(last)
                                               : u"the program ended at \"%1\", with exit code %2: %3"_s.arg(last).arg(code).arg(fatal));
    if (!fatal.isNull())
        result.insert(u"error"_s, fatal);
    co_return result;
}

} // namespace loopscope::practice::laborders
