// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/pinning_linux.h"

#include <QtCore/QDir>
#include <QtCore/QFile>

#include <ctime>
#include <sched.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace loopscope::bench {

namespace {

bool pin(pid_t thread, int core)
{
    cpu_set_t cores;
    CPU_ZERO(&cores);
    CPU_SET(std::size_t(core), &cores);
    return sched_setaffinity(thread, sizeof cores, &cores) == 0;
}

QByteArray contentOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

} // namespace

bool pinThisThread(int core)
{
    return pin(0, core);
}

void pinThreads(const std::function<int(const QByteArray &name, bool isMain)> &coreOf)
{
    const QStringList threads = QDir(u"/proc/self/task"_s).entryList(QDir::Dirs | QDir::NoDotAndDotDot);
    for (const QString &thread : threads) {
        const QByteArray name = contentOf(u"/proc/self/task/%1/comm"_s.arg(thread)).trimmed();
        pin(thread.toInt(), coreOf(name, thread.toInt() == getpid()));
    }
}

qint64 processorNs()
{
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return qint64(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

qint64 residentBytes()
{
    // proc(5): size resident shared …, in pages
    const QList<QByteArray> pages = contentOf(u"/proc/self/statm"_s).split(' ');
    return pages.size() < 2 ? 0 : pages[1].toLongLong() * sysconf(_SC_PAGESIZE);
}

} // namespace loopscope::bench
