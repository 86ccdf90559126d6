// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QString>
#include <QtCore/QStringList>

namespace loopscope::practice {

// The site's pages. Every value that comes from a person is escaped here; the pages run no script.
[[nodiscard]] QString homePage();
[[nodiscard]] QString usersPage(const QStringList &names);
[[nodiscard]] QString messagePage();

} // namespace loopscope::practice
