// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/loop/eventloop.h"
#include "server/loop/indexedheap.h"

#include <QtCore/QAbstractEventDispatcher>

#include <unordered_map>

namespace loopscope::loop {

// One timer of QObject::startTimer(), on which QTimer stands as well.
struct QtTimer {
    int id = 0;
    qint64 intervalMs = 0;
    Qt::TimerType type = Qt::CoarseTimer;
    QObject *object = nullptr;
    quint64 number = 0; // of its registration
    Context context;
    qint64 dueNs = 0; // on the steady clock
    quint64 sequence = 0; // timers due at one time fire in this order
    std::size_t heapPosition = IndexedHeap<QtTimer>::notInHeap;

    friend bool operator<(const QtTimer &a, const QtTimer &b) noexcept
    {
        return a.dueNs != b.dueNs ? a.dueNs < b.dueNs : a.sequence < b.sequence;
    }
};

// The Qt timers of one thread, ordered by when they are due, with the precision that Qt documents: a precise timer
// is never early, a coarse one within 5 %, a very coarse one on whole seconds. https://doc.qt.io/qt-6/qt.html#TimerType-enum
//
// Owned by the UvEventDispatcher, for its thread. It fires nothing itself.
class QtTimers {
public:
    // Takes an id that is not in use.
    const QtTimer &add(int id, qint64 intervalMs, Qt::TimerType type, QObject *object, quint64 number,
                       const Context &context, qint64 nowNs);
    // Null if there is none.
    [[nodiscard]] const QtTimer *find(int id) const noexcept;
    // False if there is none.
    bool remove(int id);
    [[nodiscard]] QList<int> idsOf(const QObject *object) const;
    [[nodiscard]] QList<QAbstractEventDispatcher::TimerInfo> infosOf(const QObject *object) const;
    // Whole milliseconds from now, rounded up; 0 if it is due; -1 if there is none.
    [[nodiscard]] int remainingMs(int id, qint64 nowNs) const;

    // The first that is due at `nowNs` and was scheduled no later than `lastSequence`; null if there is none.
    [[nodiscard]] const QtTimer *due(qint64 nowNs, quint64 lastSequence) const noexcept;
    // Sets its next time, as Qt does before the event is sent: intervals that were missed are left out.
    void advance(const QtTimer &timer, qint64 nowNs);
    [[nodiscard]] std::size_t size() const noexcept { return m_byId.size(); }
    [[nodiscard]] quint64 lastSequence() const noexcept { return m_sequence; }
    // When the loop has to wake for the next, whole ms of the steady clock; 0: at once; -1: there is none.
    [[nodiscard]] qint64 nextExpiryMs() const noexcept;

private:
    std::unordered_map<int, QtTimer> m_byId; // whose elements stay where they are
    IndexedHeap<QtTimer> m_heap;
    quint64 m_sequence = 0;
};

} // namespace loopscope::loop
