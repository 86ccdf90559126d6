// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/pipelinedbytes.h"

#include <algorithm>

namespace loopscope::net {

void PipelinedBytes::append(QByteArrayView bytes, qint64 arrivedAt)
{
    if (bytes.isEmpty())
        return;
    if (m_arrivalCount < maximumArrivals)
        m_arrivals[m_arrivalCount++] = {arrivedAt, m_bytes.size()};
    m_bytes.append(bytes);
}

void PipelinedBytes::consume(qsizetype count)
{
    Q_ASSERT(count <= size());
    m_begin += count;
    if (isEmpty()) {
        clear();
        return;
    }
    // the arrival that the first byte belongs to now is the last that began at or before it
    const auto end = m_arrivals.begin() + qsizetype(m_arrivalCount);
    const auto next = std::upper_bound(m_arrivals.begin(), end, m_begin,
                                       [](qsizetype begin, const Arrival &arrival) { return begin < arrival.offset; });
    if (next - m_arrivals.begin() > 1)
        m_arrivalCount = std::size_t(std::move(next - 1, end, m_arrivals.begin()) - m_arrivals.begin());
}

void PipelinedBytes::clear()
{
    m_bytes = QByteArray();
    m_begin = 0;
    m_arrivalCount = 0;
    m_arrivals[0] = {};
}

} // namespace loopscope::net
