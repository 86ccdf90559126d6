// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/web/uploadedfile.h"

#include <deque>

namespace loopscope::practice {

// The files that came to POST /upload, the newest last, on the disk. When they are too many, or too large together, the
// oldest is removed, and all of them with the shelf (what a process leaves that was killed stays). The server's thread.
class UploadShelf {
public:
    static constexpr std::size_t maximumFiles = 20;
    static constexpr qint64 maximumBytes = 512 * 1024 * 1024; // of all together; never less than one upload may have

    void add(const web::UploadedFile &file);
    [[nodiscard]] const std::deque<web::UploadedFile> &files() const noexcept { return m_files; }

private:
    std::deque<web::UploadedFile> m_files; // a copy keeps its file
    qint64 m_bytes = 0;
};

} // namespace loopscope::practice
