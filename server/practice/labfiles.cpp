// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/practice/labfiles.h"

#include "server/loop/fs.h"

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QRandomGenerator>

#include <thread>
#include <vector>

namespace loopscope::practice {

using namespace Qt::StringLiterals;
using loop::Task;
namespace fs = loop::fs;

// --- the files ---

LabFile::~LabFile()
{
    if (!m_path.isEmpty())
        QFile::remove(m_path);
}

Task<> LabFile::remove()
{
    co_await fs::unlink(m_path);
    m_path.clear();
}

namespace labfiles {

Task<LabFile> newFile(QString folder, QString what)
{
    co_await fs::mkdir(folder, {.recursive = true});
    const QString number = QString::number(QRandomGenerator::system()->generate64(), 16);
    co_return LabFile(QDir(folder).filePath(what + u'-' + number));
}

// --- write ---

Task<QJsonObject> write(LabRun run, QString folder)
{
    const qint64 size = run.number("mib") * 1024 * 1024;
    const fs::WriteFileOptions options{.flush = run.number("flush") != 0};
    QByteArray bytes = co_await loop::runOnPool("prepare", [size] { return QByteArray(size, 'x'); });
    LabFile file = co_await newFile(folder, u"write"_s);

    const LabClock clock;
    if (run.is("blocking")) {
        if (const auto error = fs::writeFileSync(file.path(), bytes, options)) // on the loop: everybody waits
            throw *error;
    } else {
        co_await fs::writeFile(file.path(), bytes, options); // on the pool: only this request waits
    }
    const double milliseconds = clock.milliseconds();
    co_await file.remove();
    // To give so much memory back to the system takes milliseconds too: not on the loop.
    co_await loop::runOnPool("release", [&bytes] { bytes = QByteArray(); });
    co_return QJsonObject{{u"milliseconds"_s, milliseconds}, {u"bytes"_s, size}, {u"flushed"_s, options.flush}};
}

// --- read ---

// What is read: files that let one wait before their bytes come, as one does on a slow disk or a network share. Files that
// were just written are in the system's memory, and there is next to nothing to wait for.
struct SlowFiles {
    std::vector<LabFile> files;
    std::chrono::milliseconds delay;
};

// The calling thread waits, a worker or the loop; the wait stands in the trace.
static QByteArray readSlowlySync(const QString &path, std::chrono::milliseconds delay)
{
    {
        const loop::Span span("waits for the disk");
        std::this_thread::sleep_for(delay);
    }
    auto [error, text] = fs::readFileSync(path);
    if (error)
        throw *error;
    return std::move(text);
}

static Task<QByteArray> readSlowly(QString path, std::chrono::milliseconds delay)
{
    co_return co_await loop::runOnPool("readFile", [&path, delay] { return readSlowlySync(path, delay); });
}

// One after another on the loop, which does nothing else meanwhile.
static qint64 readBlocking(const SlowFiles &slow)
{
    qint64 bytes = 0;
    for (const LabFile &file : slow.files)
        bytes += readSlowlySync(file.path(), slow.delay).size();
    return bytes;
}

// One after another on the pool: the next starts when the one before has come.
static Task<qint64> readSequentially(const SlowFiles &slow)
{
    qint64 bytes = 0;
    for (const LabFile &file : slow.files)
        bytes += (co_await readSlowly(file.path(), slow.delay)).size();
    co_return bytes;
}

// All at once on the pool: as many at a time as it has threads. JavaScript: await Promise.all(…).
static Task<qint64> readInParallel(const SlowFiles &slow)
{
    std::vector<Task<QByteArray>> reads;
    for (const LabFile &file : slow.files)
        reads.push_back(readSlowly(file.path(), slow.delay));
    qint64 bytes = 0;
    std::exception_ptr failure; // each is awaited, also after one has failed
    for (Task<QByteArray> &read : reads) {
        try {
            bytes += (co_await read).size();
        } catch (const fs::FsError &) {
            failure = std::current_exception();
        }
    }
    if (failure)
        std::rethrow_exception(failure);
    co_return bytes;
}

Task<QJsonObject> read(LabRun run, QString folder)
{
    const QByteArray text(run.number("kib") * 1024, 'x');
    SlowFiles slow{{}, std::chrono::milliseconds(run.number("delay"))};
    for (qint64 i = 0; i < run.number("files"); ++i) {
        slow.files.push_back(co_await newFile(folder, u"read"_s));
        co_await fs::writeFile(slow.files.back().path(), text);
    }

    const LabClock clock;
    qint64 bytes = 0;
    if (run.is("blocking"))
        bytes = readBlocking(slow);
    else if (run.is("sequential"))
        bytes = co_await readSequentially(slow);
    else
        bytes = co_await readInParallel(slow);
    const double milliseconds = clock.milliseconds();
    for (LabFile &file : slow.files)
        co_await file.remove();
    co_return QJsonObject{
        {u"milliseconds"_s, milliseconds}, {u"files"_s, qint64(slow.files.size())}, {u"bytes"_s, bytes}};
}

// --- callback ---

Task<QJsonObject> callback(LabRun run, QString folder)
{
    const QString path = QDir(folder).filePath(u"no such folder/note.txt"_s);
    const bool ignores = run.is("ignored");
    const LabClock clock;
    loop::Deferred<QJsonObject> told;
    fs::writeFile(path, "Remember the milk.", [resolver = told.resolver(), ignores, folder](std::optional<fs::FsError> error) {
        if (error && !ignores) {
            // without the folder: where the server keeps its files is nobody's business
            const QString message = QString(error->message()).remove(folder + u'/');
            const QJsonObject described{{u"code"_s, QString::fromLatin1(error->name())}, {u"message"_s, message}};
            resolver.resolve(QJsonObject{{u"told"_s, u"not written"_s}, {u"error"_s, described}});
            return; // or it would go on as if all were well
        }
        resolver.resolve(QJsonObject{{u"told"_s, u"written"_s}});
    });
    QJsonObject result = co_await told;
    result.insert(u"milliseconds"_s, clock.milliseconds());
    bool isThere = true;
    try {
        co_await fs::stat(path);
    } catch (const fs::FsError &) {
        isThere = false;
    }
    result.insert(u"isThere"_s, isThere);
    const QString said = ignores ? u"its client was told that the file is written"_s
                                 : u"its client was told why the file is not written"_s;
    result.insert(u"summary"_s, QString(said + (isThere ? u", and it is there"_s : u", and there is none"_s)));
    co_return result;
}

} // namespace labfiles
} // namespace loopscope::practice
