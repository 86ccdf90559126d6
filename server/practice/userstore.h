// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QString>
#include <QtCore/QStringList>

namespace loopscope::practice {

// The users of the practice site, in memory, in the order in which they were added. The server's thread.
class UserStore {
public:
    static constexpr qsizetype maximumUsers = 10'000;
    static constexpr qsizetype maximumNameLength = 100; // UTF-16 code units

    // Throws web::AppError 400 for a name that is empty or too long, 507 when the store is full.
    void add(const QString &name);
    [[nodiscard]] const QStringList &names() const noexcept { return m_names; }

private:
    QStringList m_names;
};

} // namespace loopscope::practice
