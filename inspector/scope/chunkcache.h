// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/session.h"

#include <QtCore/QHash>

#include <vector>

namespace loopscope::scope {

// When the body chunks of the requests in view came and went, without their bytes. Owned by a ScopeView.
class ChunkCache {
public:
    // Requests remembered at most; then it starts afresh.
    static constexpr int maximumRequests = 4'096;

    struct Mark {
        qint64 time = 0; // ns
        bool toClient = false;
    };

    // In order of time. Reads only the events that came since it was asked last. Valid until the next call.
    [[nodiscard]] const std::vector<Mark> &marks(const model::Session &session, const model::Request &request);
    void clear() { m_requests.clear(); }

private:
    struct Known {
        quint64 lastEvent = model::Event::none;
        std::vector<Mark> marks;
    };
    QHash<quint64, Known> m_requests; // by number
};

} // namespace loopscope::scope
