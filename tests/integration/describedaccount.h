// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/delays.h"

namespace loopscope::test {

// One line with all parts of an account, for a test that fails.
[[nodiscard]] inline QString described(const model::Session &session, const model::DelayAccount &account)
{
    const QByteArray head = session.text(session.request(account.request)->head).toByteArray().left(100);
    QString text =
        QStringLiteral("#%1 %2: %3 ns").arg(account.request).arg(QString::fromLatin1(head)).arg(account.total());
    for (int i = 0; i < model::delayPartCount; ++i)
        text += QStringLiteral(", part %1: %2").arg(i).arg(account.of(model::DelayPart(i)));
    return text;
}

} // namespace loopscope::test
