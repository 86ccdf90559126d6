// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/loop/fs.h"
#include "server/loop/workerpool.h"
#include "tests/loop/orderprogram.h"

#include <QtCore/QFile>

#include <memory>

namespace loopscope::test {

using namespace Qt::StringLiterals;

static void immediateBeforeTimeout()
{
    io([] {
        log("io");
        setTimeout(says("timeout"), 0);
        setImmediate(says("immediate"));
        nextTick(says("tick"));
        queueMicrotask(says("microtask"));
        spin(5);
    });
}

// fs.readFile() of the test itself
static void readOwnFile(loop::UniqueFunction<void(bool)> callback)
{
    const auto read = std::make_shared<bool>(false);
    theLoop().pool().submit(
        "readFile",
        [read] {
            QFile file(u"/proc/self/exe"_s);
            *read = file.open(QIODevice::ReadOnly) && !file.read(64).isEmpty();
        },
        [read, callback = std::move(callback)](std::exception_ptr) mutable { callback(*read); });
}

static void readFileInsideIo()
{
    io([] {
        readOwnFile([](bool read) { log("read " + words(read)); });
        setImmediate(says("immediate"));
        setTimeout(says("timeout"), 0);
        log("io");
        spin(20);
    });
}

static void oneAfterAnother()
{
    theLoop().pool().resize(1);
    for (const QByteArray name : {"a", "b", "c"}) {
        io([name] {
            log(name);
            queueMicrotask(says("microtask of " + name));
            nextTick(says("tick of " + name));
        });
    }
    spin(20);
}

static void ioNested()
{
    io([] {
        log("first");
        io([] {
            log("second");
            setImmediate(says("immediate of the second"));
        });
        setImmediate(says("immediate of the first"));
        spin(20);
    });
}

static void errorFirst()
{
    loop::fs::writeFile(u"/nowhere/at/all"_s, "text", [](std::optional<loop::fs::FsError> error) {
        log(error->name());
        nextTick(says("tick"));
    });
    log("script");
    nextTick(says("tick of the script"));
}

static void ioKeepsAlive()
{
    io(says("io"));
    process().on(LoopRunner::beforeExitEvent, says("beforeExit"));
}

static Task<> awaitsIo()
{
    log("before");
    co_await loop::runOnPool("stat", [] { (void)QFile::exists(u"."_s); });
    log("after");
    setImmediate(says("immediate"));
    setTimeout(says("timeout"), 0);
    spin(5);
    nextTick(says("tick"));
}

static void awaited()
{
    awaitsIo().detach();
    log("script");
}

// --- close callbacks ---

static void afterImmediates()
{
    closeHandle([] {
        log("close");
        nextTick(says("tick"));
    });
    setImmediate(says("immediate"));
}

static void lastFirst()
{
    closeHandle(says("first"));
    closeHandle([] {
        log("second");
        nextTick(says("tick of the second"));
    });
    closeHandle(says("third"));
}

static void closeNested()
{
    closeHandle([] {
        log("close");
        closeHandle(says("nested"));
        setImmediate(says("immediate"));
        setTimeout(says("timeout"), 1);
        spin(5);
    });
}

static void closeInsideIo()
{
    io([] {
        setTimeout(says("timeout"), 0);
        closeHandle(says("close"));
        setImmediate(says("immediate"));
        log("io");
        spin(5);
    });
}

static void closeKeepsAlive()
{
    setTimeout(
        [] {
            closeHandle(says("close"));
            log("timeout");
        },
        1);
    process().on(LoopRunner::beforeExitEvent, says("beforeExit"));
}

OrderPrograms ioPrograms()
{
    return {{"io-immediate-before-timeout", &immediateBeforeTimeout},
            {"io-readfile-inside-io", &readFileInsideIo},
            {"io-one-after-another", &oneAfterAnother},
            {"io-nested", &ioNested},
            {"io-error-first", &errorFirst},
            {"io-keeps-alive", &ioKeepsAlive},
            {"io-awaited", &awaited},
            {"close-after-immediates", &afterImmediates},
            {"close-last-first", &lastFirst},
            {"close-nested", &closeNested},
            {"close-inside-io", &closeInsideIo},
            {"close-keeps-alive", &closeKeepsAlive}};
}

} // namespace loopscope::test
