// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/session.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QString>

namespace loopscope::scope {

// What the timeline says in words. Refers to a session; lives for an event or a paint.
class ScopeTexts {
    Q_DECLARE_TR_FUNCTIONS(ScopeTexts)

public:
    // `now`: the time on the clock, ns, for what still runs.
    ScopeTexts(const model::Session &session, qint64 now)
        : m_session(session)
        , m_now(now)
    {
    }

    // "#41 GET /users"; "#41" when its head is not known.
    [[nodiscard]] QString request(quint64 number) const;
    // In a bar: "#41 readable", "logger", "poll".
    [[nodiscard]] QString bar(const model::Slice &slice) const;
    // "blocked 1.2 s in writeFileSync"; where no span is under way, in the layer that runs: "in POST /message".
    [[nodiscard]] QString blocked(const model::Lane::Running &running) const;
    [[nodiscard]] static QString phase(trace::Phase phase);
    // A connection's state in a word.
    [[nodiscard]] static QString state(const model::Connection &connection);

    // Lines of plain text, for tooltips and screen readers.
    [[nodiscard]] QString sliceDetails(int lane, const model::Slice &slice) const;
    [[nodiscard]] QString runningDetails(const model::Lane &lane) const;
    [[nodiscard]] QString sleepDetails(const model::Lane &lane) const;
    [[nodiscard]] QString requestDetails(const model::Request &request) const;
    [[nodiscard]] QString connectionDetails(const model::Connection &connection) const;

private:
    [[nodiscard]] QString string(model::StringId id) const;
    [[nodiscard]] QString site(model::StringId file, quint32 line) const;
    [[nodiscard]] QString sliceName(const model::Slice &slice) const;
    [[nodiscard]] QString waited(int lane, const model::Slice &slice) const;

    const model::Session &m_session;
    const qint64 m_now;
};

} // namespace loopscope::scope
