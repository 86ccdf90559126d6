// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/scope/chunkcache.h"

#include <algorithm>

namespace loopscope::scope {

const std::vector<ChunkCache::Mark> &ChunkCache::marks(const model::Session &session, const model::Request &request)
{
    if (m_requests.size() >= maximumRequests && !m_requests.contains(request.number))
        m_requests.clear();
    Known &known = m_requests[request.number];
    const std::size_t before = known.marks.size();
    for (quint64 at = request.lastEvent; at != known.lastEvent && session.events().contains(at);) {
        const model::Event &event = session.events().at(at);
        if (event.kind == trace::Kind::BodyChunk || event.kind == trace::Kind::ResponseChunk)
            known.marks.push_back({event.start, event.kind == trace::Kind::ResponseChunk});
        at = event.previous;
    }
    known.lastEvent = request.lastEvent;
    std::reverse(known.marks.begin() + std::ptrdiff_t(before), known.marks.end()); // the chain is newest first
    return known.marks;
}

} // namespace loopscope::scope
