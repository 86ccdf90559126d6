// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/loop/task.h"
#include "server/practice/labrun.h"

// The experiments with files: blocking calls of fs against those on the pool, and what an error-first callback is for.
// `folder` is where they live; it is made if it is not there. The server's thread.
namespace loopscope::practice {

// A file of an experiment: removed with it, at the latest. The server's thread.
class LabFile {
public:
    explicit LabFile(const QString &path)
        : m_path(path)
    {
    }
    LabFile(LabFile &&other) noexcept
        : m_path(std::exchange(other.m_path, QString()))
    {
    }
    LabFile &operator=(LabFile &&) = delete;
    // What was not removed before, on the calling thread: an experiment that failed.
    ~LabFile();
    [[nodiscard]] const QString &path() const noexcept { return m_path; }
    // By the pool.
    [[nodiscard]] loop::Task<> remove();

private:
    QString m_path; // empty: there is none any more
};

namespace labfiles {

// A name that nothing has in the folder. The file is not made.
[[nodiscard]] loop::Task<LabFile> newFile(QString folder, QString what);

[[nodiscard]] loop::Task<QJsonObject> write(LabRun run, QString folder);
[[nodiscard]] loop::Task<QJsonObject> read(LabRun run, QString folder);
[[nodiscard]] loop::Task<QJsonObject> callback(LabRun run, QString folder);

} // namespace labfiles
} // namespace loopscope::practice
