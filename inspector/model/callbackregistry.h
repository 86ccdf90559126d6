// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/session.h"
#include "inspector/model/slicecursor.h"

#include <QtCore/QAbstractTableModel>

#include <algorithm>
#include <deque>
#include <limits>
#include <vector>

namespace loopscope::model {

// Every live and recent callback of a session as a row: who registered it where, when it is due, when it ran and how
// long. The newest come last. It joins what Session::events() registered, queued and cleared with the Callback slices.
//
// Owned by its panel; the session's thread; the session must outlive it. Owns no timer: tick(now) reads what is new, at
// most mostPerTick of each kind at once, so that a panel that was hidden catches up without a stall; and it costs nothing
// while it is not ticked. Nothing is O(rows) but setting a filter.
//
// Bounded by the session's limit of events, about 100 bytes a row: the oldest go in blocks of 4,096, but those that still
// may run stay, maximumLive of them. They stay when the session is cleared, too.
class CallbackRegistry final : public QAbstractTableModel {
    Q_OBJECT

public:
    // Events, and callbacks of each loop, that one tick() reads: about 6 ms of work.
    static constexpr quint64 mostPerTick = 20'000;
    // Rows are announced no more often than this, ns: what moves faster cannot be read.
    static constexpr qint64 announceNs = 100'000'000;
    // Callbacks that are kept beyond the limit because they may still run; then the oldest go. A server's connections
    // register two each.
    static constexpr std::size_t maximumLive = 65'536;

    enum Column { Kind, State, Took, Where, RequestNumber, Ran, Registered, In, Due, ColumnCount };
    enum Role {
        KeyRole = Qt::UserRole, // qulonglong: names the row as long as it is kept
        LiveRole, // bool: it may still run
        RunsRole, // qulonglong: how often it ran
        RequestRole, // qulonglong: for whom, or 0
    };

    // One registration and what became of it. Plain.
    struct Entry {
        enum class End : quint8 {
            None, // it may still run
            Ran, // it runs once, and has; or a listener of a stream whose request has ended
            Cleared,
            Forgotten, // its number came again, or there are too many: what becomes of it is not known
        };
        qint64 registered = -1; // ns; if it was not recorded, that of the row before: rows are in this order
        quint64 id = 0;
        quint64 parent = 0; // callback in which it was registered; 0: in none
        quint64 request = 0; // for whom it was registered, or ran last
        qint64 due = 0; // ns; timers only: the next or the last run's
        qint64 lastStart = -1; // ns; -1: it has not run
        qint64 lastDuration = 0; // ns
        qint64 cleared = -1; // ns
        StringId name = 0;
        StringId file = 0;
        quint32 line = 0;
        quint32 runs = 0;
        qint16 lane = 0;
        End end = End::None;
        bool isJob = false;
        bool isStream = false; // a listener of a request's stream: "data", "end", "drain"
        bool isRecorded = true; // its registration was

        [[nodiscard]] bool isLive() const noexcept { return end == End::None; }
        // It was cleared from within its only run, as a single-shot QTimer is.
        [[nodiscard]] bool endedItself() const noexcept
        {
            return runs == 1 && cleared >= lastStart && cleared - lastStart <= lastDuration;
        }
    };
    // Both ends of a registration on the timeline.
    struct Ends {
        qint64 from = 0; // ns: registered
        qint64 to = 0; // ns: where the last run ended; `from` if it has not run
        SliceKey slice; // the last run; the slice in which it was registered if it has not run; or none
        quint64 request = 0;
        quint64 connection = 0;
    };

    explicit CallbackRegistry(const Session &session, QObject *parent = nullptr);

    // The time on the clock, ns.
    void tick(qint64 nowNs);
    // Part of a kind's name or of "file:line", in any case; or "#12": a request's. Empty shows all. Resets the model.
    void setFilter(const QString &text);
    void setLiveOnly(bool liveOnly);
    [[nodiscard]] bool isLiveOnly() const noexcept { return m_liveOnly; }
    // Registrations known, shown or not; and those of them that may still run.
    [[nodiscard]] quint64 totalCount() const noexcept { return m_shownEnd - m_entries.first() + m_kept.size(); }
    [[nodiscard]] quint64 liveCount() const noexcept { return quint64(std::max<qsizetype>(0, m_live.size() - qsizetype(m_ended.size()))); }

    // Null if there is no such row.
    [[nodiscard]] const Entry *entryAt(int row) const;
    // -1 if it is not shown.
    [[nodiscard]] int rowOf(quint64 key) const;
    // Row of what ran in a Callback slice, or -1. O(log rows).
    [[nodiscard]] int rowOfSlice(const SliceKey &slice) const;
    [[nodiscard]] Ends ends(int row) const;

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    // Number of an entry, in the order in which they came; never used again.
    using Key = quint64;
    struct Kept {
        Key key = 0;
        Entry entry;
    };
    struct Ended {
        quint64 liveKey = 0; // in m_live
        qint64 time = 0; // ns
        int lane = 0;
    };

    bool readNew();
    void take(const Event &event);
    void take(int lane, const Slice &callback);
    void clearEntry(int lane, const Event &event);
    Key append(const Entry &entry);
    void forgetEnded(int lane, qint64 start);
    void endStreams();
    void touch(Key key);
    void announce();
    void announceGone();
    void announceNew();
    void evictBlock();
    void removeRows(std::size_t begin, std::size_t end);
    void onCleared();
    void rebuild();
    [[nodiscard]] bool isShown(const Entry &entry) const;
    [[nodiscard]] bool matches(const Entry &entry) const;
    [[nodiscard]] Entry *find(Key key) noexcept;
    [[nodiscard]] const Entry *find(Key key) const noexcept { return const_cast<CallbackRegistry *>(this)->find(key); }
    [[nodiscard]] static quint64 liveKey(int lane, quint64 id) noexcept { return id ^ (quint64(lane) << 56); }
    [[nodiscard]] bool repeats(const Entry &entry, trace::Phase phase) const;
    // The outermost slice around its registration; null if that is not kept, or has not ended.
    [[nodiscard]] const Slice *registeredIn(const Entry &entry) const;
    [[nodiscard]] QString state(const Entry &entry) const;
    [[nodiscard]] QString dueWords(const Entry &entry) const;
    [[nodiscard]] QString registeredInWords(const Entry &entry) const;
    [[nodiscard]] QString site(const Entry &entry) const;
    [[nodiscard]] QString toolTip(const Entry &entry) const;
    [[nodiscard]] QVariant display(const Entry &entry, int column) const;

    const Session &m_session;
    const quint64 m_limit; // entries
    ChunkedDeque<Entry> m_entries; // by key
    std::deque<Kept> m_kept; // older than m_entries.first(), and live when it was evicted
    std::deque<Key> m_rows; // shown, ascending
    Key m_shownEnd = 0; // entries from here on are not announced
    QHash<quint64, Key> m_live; // by liveKey(): may still run, or have just been cleared
    std::deque<Ended> m_ended; // cleared, and in m_live yet: the callback that cleared it may have been its own
    std::deque<Key> m_streams; // live listeners of requests' streams
    quint64 m_nextEvent = 0;
    qint64 m_lastRegistered = 0; // ns
    std::vector<SliceCursor> m_cursors; // by lane
    Key m_touchedFirst = std::numeric_limits<Key>::max();
    Key m_touchedLast = 0;
    std::vector<Key> m_gone; // live no more, since the last announcement; only while m_liveOnly

    QString m_filter;
    quint64 m_filterRequest = 0;
    bool m_liveOnly = false;
    mutable QHash<StringId, bool> m_nameMatches;
    mutable QHash<quint64, bool> m_siteMatches; // by file and line

    qint64 m_now = 0;
    qint64 m_announced = -1; // ns
};

} // namespace loopscope::model
