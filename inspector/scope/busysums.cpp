// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/scope/busysums.h"

namespace loopscope::scope {

using model::Slice;
using model::SliceStore;

static void add(BusySums::Sums &sums, const Slice &slice)
{
    sums[std::size_t(BusySums::rowOf(slice))] += slice.duration;
}

static bool isOutermost(trace::Kind kind)
{
    return kind == trace::Kind::Callback || kind == trace::Kind::PhaseRun || kind == trace::Kind::Turn
        || kind == trace::Kind::JobFinished;
}

// A span or wait may yet get a slice around it and so move; a callback, phase, turn or job does not.
quint64 BusySums::settledEnd(const SliceStore &store)
{
    quint64 end = store.end();
    while (end > store.first()) {
        quint64 top = end - 1;
        for (quint64 parent = store.parent(top); parent != store.end(); parent = store.parent(top))
            top = parent;
        if (isOutermost(store.at(top).kind))
            return end;
        end = top;
    }
    return store.first();
}

void BusySums::update(const SliceStore &store)
{
    const quint64 firstBlock = (store.first() + blockSize - 1) / blockSize;
    const bool restarted = m_sums.empty() || m_firstBlock + m_sums.size() - 1 < firstBlock
        || (m_firstBlock + m_sums.size() - 1) * blockSize > store.end();
    if (restarted) {
        m_sums.assign(1, Sums{});
        m_firstBlock = firstBlock;
    }
    while (m_firstBlock < firstBlock) {
        m_sums.pop_front();
        ++m_firstBlock;
    }
    const quint64 settled = settledEnd(store);
    quint64 next = (m_firstBlock + m_sums.size() - 1) * blockSize;
    while (next + blockSize <= settled) {
        Sums sums = m_sums.back();
        for (const quint64 end = next + blockSize; next < end; ++next)
            add(sums, store.at(next));
        m_sums.push_back(sums);
    }
}

BusySums::Sums BusySums::between(const SliceStore &store, quint64 first, quint64 last) const
{
    Sums sums{};
    const quint64 firstBlock = std::max(m_firstBlock, (first + blockSize - 1) / blockSize);
    const quint64 lastBlock = m_sums.empty() ? 0 : std::min(m_firstBlock + m_sums.size() - 1, last / blockSize);
    if (m_sums.empty() || firstBlock >= lastBlock) {
        for (; first < last; ++first)
            add(sums, store.at(first));
        return sums;
    }
    for (std::size_t row = 0; row < rows; ++row)
        sums[row] = m_sums[lastBlock - m_firstBlock][row] - m_sums[firstBlock - m_firstBlock][row];
    for (; first < firstBlock * blockSize; ++first)
        add(sums, store.at(first));
    for (quint64 index = lastBlock * blockSize; index < last; ++index)
        add(sums, store.at(index));
    return sums;
}

} // namespace loopscope::scope
