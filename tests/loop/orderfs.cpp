// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/loop/fs.h"
#include "server/loop/workerpool.h"
#include "tests/loop/orderprogram.h"

#include <QtCore/QTemporaryDir>

#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

// Files, by callbacks, awaited and blocking.
namespace loopscope::test {

using namespace Qt::StringLiterals;
namespace fs = loop::fs;
using Failed = std::optional<fs::FsError>;

// What one step of the chain does: calls back with its error, or what there is to say.
using Done = std::function<void(Failed, QByteArray)>;
struct Step {
    const char *name;
    std::function<void(Done)> start;
};

// One after another, each in the callback of the one before it.
static void runSteps(const std::shared_ptr<std::vector<Step>> &steps, std::size_t index)
{
    if (index == steps->size())
        return;
    (*steps)[index].start([steps, index](const Failed &error, const QByteArray &said) {
        const QByteArray name = (*steps)[index].name;
        log(name + ": " + (error ? error->name() : said));
        queueMicrotask(says("microtask of " + name));
        nextTick(says("tick of " + name));
        runSteps(steps, index + 1);
    });
}

static auto saysDone(Done done)
{
    return [done = std::move(done)](const Failed &error) { done(error, "done"); };
}

static void callbacks()
{
    const auto parent = std::make_shared<QTemporaryDir>();
    const QString folder = parent->filePath(u"folder"_s);
    const QString file = folder + u"/note"_s;
    const auto makeFolder = [parent, folder](Done done) {
        fs::mkdir(folder, [done = std::move(done)](const Failed &error, const QString &) { done(error, "done"); });
    };
    const auto removeFile = [file](Done done) { fs::unlink(file, saysDone(std::move(done))); };
    runSteps(std::make_shared<std::vector<Step>>(std::vector<Step>{
                 {"mkdir", makeFolder},
                 {"mkdir again", makeFolder},
                 {"writeFile", [file](Done done) { fs::writeFile(file, "one", saysDone(std::move(done))); }},
                 {"appendFile", [file](Done done) { fs::appendFile(file, " two", saysDone(std::move(done))); }},
                 {"stat",
                  [file](Done done) {
                      fs::stat(file, [done = std::move(done)](const Failed &error, const fs::Stats &stats) {
                          done(error, QByteArray::number(stats.size));
                      });
                  }},
                 {"readdir",
                  [folder](Done done) {
                      fs::readdir(folder, [done = std::move(done)](const Failed &error, const QStringList &names) {
                          done(error, names.join(u',').toUtf8());
                      });
                  }},
                 {"readFile", [file](Done done) { fs::readFile(file, std::move(done)); }},
                 {"unlink", removeFile},
                 {"unlink again", removeFile}}),
             0);
}

static Task<> livesOfAFile(std::shared_ptr<QTemporaryDir> folder)
{
    const QString file = folder->filePath(u"note"_s);
    log("script");
    co_await fs::writeFile(file, "one");
    nextTick(says("tick"));
    queueMicrotask(says("microtask"));
    log("written");
    co_await fs::appendFile(file, " two");
    log(numbered("size ", int((co_await fs::stat(file)).size)));
    log(co_await fs::readFile(file));
    co_await fs::unlink(file);
    for (int which = 0; which < 4; ++which) {
        try {
            switch (which) {
            case 0: (void)co_await fs::readFile(file); break;
            case 1: (void)co_await fs::stat(file); break;
            case 2: (void)co_await fs::readdir(file); break;
            default: co_await fs::unlink(file); break;
            }
            log("never");
        } catch (const fs::FsError &error) {
            log(error.message().section(u'\'', 0, 0).toUtf8());
        }
    }
}

static Task<> thenEnds(Task<> task)
{
    co_await task;
    log("end");
}

static void awaited()
{
    thenEnds(livesOfAFile(std::make_shared<QTemporaryDir>())).detach();
    log("after the script");
}

static Task<> awaits(QByteArray name)
{
    (void)co_await fs::stat(u"."_s);
    log(name);
    nextTick(says("tick of " + name));
}

static void calls(const QByteArray &name)
{
    fs::stat(u"."_s, [name](const Failed &, const fs::Stats &) {
        log(name);
        nextTick(says("tick of " + name));
    });
}

static void callbacksAndAwaits()
{
    theLoop().pool().resize(1);
    calls("callback 1");
    awaits("await 1").detach();
    calls("callback 2");
    awaits("await 2").detach();
    setImmediate([] { spin(30); });
}

static void syncBetween()
{
    nextTick(says("tick"));
    log("readFileSync: " + fs::readFileSync(u"/nowhere/at/all"_s).error->name());
    log("statSync: " + words(fs::statSync(u"/"_s).value.isDirectory()));
    fs::readFile(u"/nowhere/at/all"_s, [](const Failed &error, const QByteArray &) {
        log("readFile: " + error->name());
        log("readdirSync: " + fs::readdirSync(u"/nowhere"_s).error->name());
    });
}

OrderPrograms fsPrograms()
{
    return {{"fs-callbacks", &callbacks},
            {"fs-awaited", &awaited},
            {"fs-callbacks-and-awaits", &callbacksAndAwaits},
            {"fs-sync-between", &syncBetween}};
}

} // namespace loopscope::test
