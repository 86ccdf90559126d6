// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/loop/eventloop.h"
#include "server/loop/indexedheap.h"

#include <deque>
#include <memory>
#include <unordered_map>
#include <vector>

namespace loopscope::loop {

// One setTimeout or setInterval.
struct Timeout {
    Callback callback;
    quint64 number = 0; // a part of its TimerId; 0: this place is free
    quint64 registration = 0; // as it is traced: another one each time that it is refreshed
    Site site;
    Context context;
    qint64 startMs = 0; // when it was started, on the loop's clock
    qint64 durationMs = 0;
    quint64 insertion = 0; // counts all insertions of the lists
    Timeout *previous = nullptr;
    Timeout *next = nullptr;
    quint32 place = 0;
    bool repeats = false;
    bool referenced = true;
    bool waits = false; // it is in a list

    [[nodiscard]] qint64 dueMs() const noexcept { return startMs + durationMs; }
    // It will run (again), unless it is cleared; an interval also while it runs.
    [[nodiscard]] bool isLive() const noexcept { return waits || repeats; }
    [[nodiscard]] const char *name() const noexcept { return repeats ? "setInterval" : "setTimeout"; }
};

// Node's timers: a list for each duration, in the order of starting, so that starting and clearing cost O(1);
// and a heap of the lists by the expiry of their first. As in Node's lib/internal/timers.js.
//
// Lists that expire in the same millisecond run in the order in which they were made or last looked at, so it matters how
// long a list lives. It outlives its last timeout while that one's callback runs, and until it expires if the last was
// unreferenced when it was cleared; who starts a timeout of its duration meanwhile finds the old list.
//
// Owned by an EventLoop, for its thread. It runs nothing itself: the loop takes what is due.
class TimeoutLists {
public:
    // Empty lists that are kept for the next timeout of their duration, at most.
    static constexpr std::size_t keptLists = 64;
    // Lists whose last timeout was unreferenced and cleared, which wait for their expiry, at most.
    // Deviation: in Node as many as there are durations; beyond, they go at once, as those of referenced ones.
    static constexpr int maximumAbandoned = 1'024;
    // Timeouts at once, at most: their place is a part of their TimerId. More is a programmer's error (qFatal).
    static constexpr quint32 placeBits = 24;
    // TIMEOUT_MAX of Node; a longer or non-positive duration counts as 1 ms.
    static constexpr qint64 maximumMs = 2'147'483'647;

    [[nodiscard]] Timeout *add(quint64 number, qint64 durationMs);
    // Puts it at the end of its duration's list, in which it may have been.
    void insert(Timeout *timeout, qint64 startMs);
    // For it is cleared: takes it out of its list, if it is in one.
    void unlink(Timeout *timeout);
    // Takes it out of its list, for its callback runs. It keeps its place until release().
    void setRunning(Timeout *timeout);
    // Its callback is over.
    void setIdle() noexcept { m_running = nullptr; }
    // And did not fail: what comes next in its list is looked at before the ticks run. (After a failure due() does.)
    void lookOn();
    // Frees its place; the pointer is invalid afterwards.
    void release(Timeout *timeout);

    [[nodiscard]] static TimerId idOf(const Timeout &timeout) noexcept
    {
        return TimerId(timeout.number << placeBits | timeout.place);
    }
    // Null if there is none (any more).
    [[nodiscard]] Timeout *find(TimerId id) noexcept;

    // The first that is due at `nowMs` and was inserted no later than `lastInsertion`; null if there is none.
    [[nodiscard]] Timeout *due(qint64 nowMs, quint64 lastInsertion);
    // When the next list expires, ms; -1 if there is none.
    [[nodiscard]] qint64 nextExpiryMs() const noexcept
    {
        const List *list = m_lists.top();
        return list ? list->expiryMs : -1;
    }
    // When the next of those that wait is looked at, ms; -1 if none waits. nextExpiryMs() may be an empty list's.
    [[nodiscard]] qint64 nextDueMs() const noexcept;
    // Those that wait, and intervals that run.
    [[nodiscard]] std::size_t size() const noexcept
    {
        return m_places.size() - m_free.size() - (m_running && !m_running->isLive() ? 1 : 0);
    }
    [[nodiscard]] quint64 lastInsertion() const noexcept { return m_insertions; }
    // Any of those that wait, or null: for taking down.
    [[nodiscard]] Timeout *any() noexcept;

private:
    struct List {
        qint64 durationMs = 0;
        qint64 expiryMs = 0;
        quint64 sequence = 0; // lists of one expiry run in this order
        Timeout *first = nullptr;
        Timeout *last = nullptr;
        bool abandoned = false; // it is empty, and waits for its expiry
        std::size_t heapPosition = IndexedHeap<List>::notInHeap;

        friend bool operator<(const List &a, const List &b) noexcept
        {
            return a.expiryMs != b.expiryMs ? a.expiryMs < b.expiryMs : a.sequence < b.sequence;
        }
    };

    void append(List &list, Timeout *timeout);
    // The list keeps its place among the lists, even if that was the last one in it.
    static void detach(List &list, Timeout *timeout);
    // An empty one: takes it out of the heap. The reference may be invalid afterwards.
    void drop(List &list);
    // One that has expired: true if its first is due; else it is dropped or waits for its first.
    bool look(List &list);

    std::deque<Timeout> m_places;
    std::vector<quint32> m_free;
    std::unordered_map<qint64, std::unique_ptr<List>> m_byDuration;
    IndexedHeap<List> m_lists; // those that live
    const Timeout *m_running = nullptr; // loops do not nest: one at a time
    List *m_runningList = nullptr; // from which it was taken; null: it has gone since
    qint64 m_nowMs = 0; // that due() was told last
    int m_abandoned = 0; // lists
    quint64 m_insertions = 0;
    quint64 m_sequence = 0;
};

} // namespace loopscope::loop
