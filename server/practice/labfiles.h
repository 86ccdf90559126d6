// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/loop/task.h"
#include "server/practice/labrun.h"

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

// The experiments with files: blocking calls of fs against those on the pool, and what an error-first callback is for.
// Their files live in a folder of the practice site, which is removed with this if it is empty. The server's thread.
class LabFiles {
public:
    explicit LabFiles(const QString &directory);
    ~LabFiles();
    LabFiles(const LabFiles &) = delete;
    LabFiles &operator=(const LabFiles &) = delete;

    [[nodiscard]] const QString &folder() const noexcept { return m_folder; }
    // A name that nothing has, in the folder, which is made. The file is not.
    [[nodiscard]] loop::Task<LabFile> newFile(QString what);

    [[nodiscard]] loop::Task<QJsonObject> write(LabRun run);
    [[nodiscard]] loop::Task<QJsonObject> read(LabRun run);
    [[nodiscard]] loop::Task<QJsonObject> callback(LabRun run);

private:
    const QString m_folder;
};

} // namespace loopscope::practice
