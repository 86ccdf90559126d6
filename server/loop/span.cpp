// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/loop/eventloop.h"

namespace loopscope::loop {

Span::Span(const char *name, Site site)
    : m_name(name)
    , m_site(site)
{
    EventLoop *loop = EventLoop::current();
    m_recorder = loop ? loop->tracing() : nullptr;
    if (!m_recorder)
        return;
    m_request = loop->context().request;
    m_phase = loop->phase();
    m_start = m_recorder->now();
    m_before = m_recorder->setLive({m_start, name, site.file, quint32(site.line), m_request, m_phase});
}

Span::~Span()
{
    if (!m_recorder)
        return;
    m_recorder->setLive(m_before);
    trace::TraceRecord record;
    record.kind = trace::Kind::Span;
    record.start = m_start;
    record.duration = m_recorder->now() - m_start;
    record.request = m_request;
    record.value = m_value;
    record.name = m_name;
    record.file = m_site.file;
    record.line = quint32(m_site.line);
    m_recorder->write(record);
}

} // namespace loopscope::loop
