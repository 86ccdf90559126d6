// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/practice/uploadshelf.h"

namespace loopscope::practice {

void UploadShelf::add(const web::UploadedFile &file)
{
    m_files.push_back(file);
    m_bytes += file.size;
    while (m_files.size() > maximumFiles || m_bytes > maximumBytes) {
        m_bytes -= m_files.front().size;
        m_files.pop_front();
    }
}

} // namespace loopscope::practice
