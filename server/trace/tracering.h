// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/trace/tracerecord.h"

#include <QtCore/QByteArrayView>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstring>
#include <memory>
#include <new>

namespace loopscope::trace {

// A lock-free ring of records and their texts, between one producing thread and one consuming thread.
//
// The producer writes; if there is no room the record is counted as dropped and write() returns at once. It never
// blocks, never allocates after construction, and makes no system call. The consumer drains what is there.
//
// Layout: records follow each other in a buffer of bytes, each a TraceRecord with its text behind it, padded to 8.
// One that would cross the end of the buffer starts at its beginning instead, behind a skip mark.
class TraceRing {
public:
    // Smallest and largest capacity, bytes. The default holds about 0.1 s of a server at full load, six times what
    // a consumer that drains 60 times a second needs.
    static constexpr std::size_t minimumBytes = std::size_t(1) << 14;
    static constexpr std::size_t maximumBytes = std::size_t(1) << 30;
    static constexpr std::size_t defaultBytes = std::size_t(1) << 23;
    // A longer text is cut to this many bytes.
    static constexpr std::size_t maximumTextBytes = std::size_t(32) << 10;

    // The capacity is rounded up to a power of two within the limits above. All memory is taken, and touched, here.
    explicit TraceRing(std::size_t capacityBytes = defaultBytes);
    TraceRing(const TraceRing &) = delete;
    TraceRing &operator=(const TraceRing &) = delete;

    // Producer. Copies the record and its text (cut at maximumTextBytes and at a quarter of the capacity).
    // False: there was no room, the record is counted as dropped.
    bool write(const TraceRecord &record, QByteArrayView text = {}) noexcept
    {
        const std::size_t textBytes = std::min(std::size_t(text.size()), m_maximumText);
        const std::size_t need = stride(textBytes);
        std::size_t head = m_head.load(std::memory_order_relaxed);
        const bool fits = (head & m_mask) + need <= capacityBytes() && capacityBytes() - (head - m_tailSeen) >= need;
        if (!fits && !makeRoom(need, head)) [[unlikely]]
            return false;
        char *at = m_buffer.get() + (head & m_mask);
        (::new (at) TraceRecord(record))->textBytes = quint32(textBytes);
        if (textBytes != 0)
            std::memcpy(at + sizeof record, text.data(), textBytes);
        m_head.store(head + need, std::memory_order_release);
        return true;
    }

    // Consumer. Calls sink(const TraceRecord &, QByteArrayView text) for at most `most` records, oldest first, and
    // returns how many there were. Both are valid during the call only.
    template<typename Sink>
    std::size_t drain(Sink &&sink, std::size_t most = std::size_t(-1))
    {
        const std::size_t head = m_head.load(std::memory_order_acquire);
        std::size_t tail = m_tail.load(std::memory_order_relaxed);
        std::size_t count = 0;
        while (tail != head && count < most) {
            const char *at = m_buffer.get() + (tail & m_mask);
            const TraceRecord &record = *std::launder(reinterpret_cast<const TraceRecord *>(at));
            if (record.kind == Kind::Invalid) { // skip mark: the rest of the buffer is empty
                tail += (m_mask + 1) - (tail & m_mask);
                continue;
            }
            const std::size_t length = stride(record.textBytes);
            sink(record, QByteArrayView(at + sizeof record, qsizetype(record.textBytes)));
            tail += length;
            ++count;
            if ((count & 0xff) == 0) // give room back while a long batch is read
                m_tail.store(tail, std::memory_order_release);
        }
        m_tail.store(tail, std::memory_order_release);
        return count;
    }

    // Any thread. Records that found no room, since construction.
    [[nodiscard]] quint64 dropped() const noexcept { return m_dropped.load(std::memory_order_relaxed); }
    // Any thread; a moment's value. Bytes in use.
    [[nodiscard]] std::size_t usedBytes() const noexcept
    {
        const std::size_t tail = m_tail.load(std::memory_order_acquire);
        return m_head.load(std::memory_order_acquire) - tail;
    }
    [[nodiscard]] std::size_t capacityBytes() const noexcept { return m_mask + 1; }

private:
    static constexpr std::size_t stride(std::size_t textBytes) noexcept
    {
        return sizeof(TraceRecord) + ((textBytes + 7) & ~std::size_t(7));
    }

    // Moves `head` to where `need` bytes follow each other, or counts a record as dropped.
    bool makeRoom(std::size_t need, std::size_t &head) noexcept;

    std::unique_ptr<char[]> m_buffer;
    std::size_t m_mask = 0;
    std::size_t m_maximumText = 0;

    // Positions grow without end; position & m_mask is the place in the buffer. Apart, so that the two threads do
    // not share a cache line.
    alignas(64) std::atomic<std::size_t> m_head = 0; // written by the producer
    std::size_t m_tailSeen = 0; // the producer's copy of m_tail
    std::atomic<quint64> m_dropped = 0; // written by the producer
    alignas(64) std::atomic<std::size_t> m_tail = 0; // written by the consumer
};

} // namespace loopscope::trace
