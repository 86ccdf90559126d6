// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/practice/userstore.h"

#include "server/web/apperror.h"

namespace loopscope::practice {

using namespace Qt::StringLiterals;

void UserStore::add(const QString &name)
{
    const QString trimmed = name.trimmed();
    if (trimmed.isEmpty())
        throw web::AppError(400, u"A user needs a name: send the form's field 'username'."_s, "ERR_NO_USERNAME");
    if (trimmed.size() > maximumNameLength)
        throw web::AppError(400, u"A user's name has at most %1 characters."_s.arg(maximumNameLength), "ERR_LONG_USERNAME");
    if (m_names.size() >= maximumUsers)
        throw web::AppError(507, u"There are %1 users already; no more fit."_s.arg(maximumUsers), "ERR_USERS_FULL");
    m_names.append(trimmed);
}

} // namespace loopscope::practice
