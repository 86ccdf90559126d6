// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/loop/eventloop.h"

#include <QtCore/QByteArray>
#include <QtCore/QByteArrayView>
#include <QtCore/QString>

#include <atomic>
#include <memory>
#include <vector>

namespace loopscope::stream {

// A file that a stream has open, or is about to. It counts against one limit of the process.
//
// A ReadStream or WriteStream makes it on the loop's thread and shares it with its jobs; one thread at a time uses it. What
// opens, reads, writes and closes blocks, and so belongs on the pool.
class OpenFile {
public:
    // Files that all streams of the process may have open together; beyond it they fail with EMFILE. Half of the 1,024
    // descriptors that Linux gives a process by default (getrlimit(2)), so that sockets keep theirs; who raises that limit
    // raises this one, at any time and on any thread.
    static constexpr int defaultMaximum = 512;
    static void setMaximum(int files) noexcept { maximumFiles = files; }
    [[nodiscard]] static int maximum() noexcept { return maximumFiles; }
    [[nodiscard]] static int count() noexcept { return openFiles; }

    // Null if there are as many as there may be.
    [[nodiscard]] static std::shared_ptr<OpenFile> reserve();
    // Closes it if that was not done. Deviation: on the calling thread; so it is with a stream that was dropped instead of
    // destroyed, whose last reader went away for one, when the loop ends, and when its pool is full.
    ~OpenFile();
    OpenFile(const OpenFile &) = delete;
    OpenFile &operator=(const OpenFile &) = delete;

    // open(2)'s flags for Node's ("r", "wx", "a+"). Throws StreamError InvalidArgument for others.
    // https://nodejs.org/docs/latest-v20.x/api/fs.html#file-system-flags
    [[nodiscard]] static int flagsOf(QByteArrayView flags);

    // These block. They give a count of bytes or 0, or libuv's negative error. `position` -1: where the last ended.
    [[nodiscard]] int open(const QString &path, int flags, int mode);
    [[nodiscard]] qint64 read(char *bytes, qsizetype count, qint64 position);
    // All of them, in order.
    [[nodiscard]] qint64 write(const std::vector<QByteArray> &chunks, qint64 position);
    [[nodiscard]] int sync();
    [[nodiscard]] int close();

    // Runs `work` on the pool of the calling thread's loop, then `done` on the loop with what it gave; UV_EAGAIN if the pool
    // refused it. `name` is a literal.
    static void runJob(const char *name, loop::UniqueFunction<qint64()> work, loop::UniqueFunction<void(qint64)> done,
                       loop::Site site);

private:
    OpenFile() = default;

    static std::atomic<int> maximumFiles;
    static std::atomic<int> openFiles;

    int m_descriptor = -1;
};

} // namespace loopscope::stream
