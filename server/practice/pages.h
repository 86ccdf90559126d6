// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/web/uploadedfile.h"

#include <QtCore/QString>
#include <QtCore/QStringList>

#include <vector>

namespace loopscope::practice {

// The site's pages. Every value that comes from a person is escaped here; the pages run no script.
[[nodiscard]] QString page(const QString &title, const QString &body); // `title` is escaped, `body` is HTML
[[nodiscard]] QString homePage();
[[nodiscard]] QString usersPage(const QStringList &names);
[[nodiscard]] QString messagePage();
[[nodiscard]] QString uploadPage(const std::vector<web::UploadedFile> &received, std::size_t kept);

} // namespace loopscope::practice
