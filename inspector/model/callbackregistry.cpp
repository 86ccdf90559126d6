// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/model/callbackregistry.h"

#include "inspector/model/formatting.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace loopscope::model {

using trace::Phase;

CallbackRegistry::CallbackRegistry(const Session &session, QObject *parent)
    : QAbstractTableModel(parent)
    , m_session(session)
    , m_limit(std::max(session.limits().events, 2 * ChunkedDeque<Entry>::blockSize))
    , m_now(session.lastTime())
{
    connect(&session, &Session::cleared, this, &CallbackRegistry::onCleared);
}

// --- reading the session ---

void CallbackRegistry::tick(qint64 nowNs)
{
    m_now = nowNs;
    const bool isDue = m_announced < 0 || nowNs < m_announced || nowNs - m_announced >= announceNs;
    if (!isDue)
        return;
    const bool all = readNew();
    announce();
    m_announced = all ? nowNs : -1; // what is left is read with the next tick
}

// False: there is more.
bool CallbackRegistry::readNew()
{
    const ChunkedDeque<Event> &events = m_session.events();
    m_nextEvent = std::max(m_nextEvent, events.first());
    const quint64 end = std::min(events.end(), m_nextEvent + mostPerTick);
    for (; m_nextEvent < end; ++m_nextEvent)
        take(events.at(m_nextEvent));
    bool all = end == events.end();
    // A callback is read after its registration.
    const qint64 until = all ? std::numeric_limits<qint64>::max() : m_lastRegistered;
    m_cursors.resize(std::size_t(m_session.laneCount()));
    for (int lane = 0; lane < m_session.laneCount(); ++lane) {
        if (m_session.lane(lane).kind != trace::Trace::LaneKind::Loop)
            continue;
        all &= m_cursors[std::size_t(lane)].read(m_session.lane(lane), trace::Kind::Callback, until, mostPerTick,
                                                 [&](const Slice &slice) { take(lane, slice); });
    }
    if (all)
        endStreams();
    return all;
}

void CallbackRegistry::take(const Event &event)
{
    switch (event.kind) {
    case trace::Kind::Registered:
    case trace::Kind::JobQueued: {
        m_lastRegistered = std::max(m_lastRegistered, event.start);
        Entry entry;
        entry.registered = event.start;
        entry.id = event.id;
        entry.parent = event.parent;
        entry.request = event.request;
        entry.isJob = event.kind == trace::Kind::JobQueued;
        entry.due = entry.isJob ? 0 : event.value;
        entry.name = event.name;
        entry.file = event.file;
        entry.line = event.line;
        entry.lane = qint16(event.lane);
        const QByteArray &name = m_session.string(event.name);
        entry.isStream = !entry.isJob && entry.request != 0
            && (name == "data" || name == "end" || name == "drain" || name == "finish");
        const Key key = append(entry);
        if (entry.isStream)
            m_streams.push_back(key);
        return;
    }
    case trace::Kind::Cleared: return clearEntry(event.lane, event);
    default: return;
    }
}

CallbackRegistry::Key CallbackRegistry::append(const Entry &entry)
{
    Key &live = m_live[liveKey(entry.lane, entry.id)];
    if (Entry *before = live == 0 ? nullptr : find(live - 1); before && before->isLive()) {
        before->end = Entry::End::Forgotten; // another loop, which counts from 1 again
        touch(live - 1);
    }
    const Key key = m_entries.append(entry);
    live = key + 1;
    return key;
}

void CallbackRegistry::clearEntry(int lane, const Event &event)
{
    const auto found = m_live.constFind(liveKey(lane, event.id));
    Entry *entry = found == m_live.constEnd() ? nullptr : find(*found - 1);
    if (!entry || !entry->isLive())
        return;
    entry->end = Entry::End::Cleared;
    entry->cleared = event.start;
    touch(*found - 1);
    m_ended.push_back({found.key(), event.start, lane});
}

void CallbackRegistry::take(int lane, const Slice &callback)
{
    if (callback.id == 0)
        return; // Qt's posted events: nobody registered them
    forgetEnded(lane, callback.start);
    const auto found = m_live.constFind(liveKey(lane, callback.id));
    Key key = found == m_live.constEnd() ? 0 : *found - 1;
    Entry *entry = found == m_live.constEnd() ? nullptr : find(key);
    if (!entry) {
        Entry unknown;
        unknown.registered = m_lastRegistered;
        unknown.id = callback.id;
        unknown.name = callback.name;
        unknown.file = callback.file;
        unknown.line = callback.line;
        unknown.lane = qint16(lane);
        unknown.isRecorded = false;
        key = append(unknown);
        entry = find(key);
    }
    ++entry->runs;
    entry->lastStart = callback.start;
    entry->lastDuration = callback.duration;
    if (callback.request != 0)
        entry->request = callback.request;
    if (callback.value != 0)
        entry->due = callback.value;
    touch(key);
    if (entry->isLive() && !repeats(*entry, callback.phase)) {
        entry->end = Entry::End::Ran;
        m_live.remove(liveKey(lane, callback.id));
    }
}

// Nobody clears the listeners of a request's streams: they go with it.
void CallbackRegistry::endStreams()
{
    constexpr std::size_t mostLookedAt = 10'000;
    for (std::size_t left = std::min(m_streams.size(), mostLookedAt); left > 0; --left) {
        const Key key = m_streams.front();
        m_streams.pop_front();
        Entry *entry = find(key);
        if (!entry || !entry->isLive())
            continue;
        const Request *request = m_session.request(entry->request);
        const qint64 read = SliceCursor::settledUntil(m_session.lane(entry->lane));
        if (request && (request->isRunning() || request->end >= read)) { // what ran before its end may not be read yet
            m_streams.push_back(key);
            continue;
        }
        entry->end = Entry::End::Ran;
        touch(key);
        m_live.remove(liveKey(entry->lane, entry->id));
    }
}

// Callbacks follow each other: once one has been read that began after a registration was cleared, the one that
// cleared it has been read, too.
void CallbackRegistry::forgetEnded(int lane, qint64 start)
{
    while (!m_ended.empty() && (m_ended.front().lane != lane || m_ended.front().time < start)) {
        const auto found = m_live.constFind(m_ended.front().liveKey);
        const Entry *entry = found == m_live.constEnd() ? nullptr : find(*found - 1);
        if (found != m_live.constEnd() && (!entry || !entry->isLive()))
            m_live.erase(found);
        m_ended.pop_front();
    }
}

// Whether it may run again. A registration does not say so; what ran does: intervals, Qt's timers and Qt's sockets (which
// have no place) do until they are cleared, listeners of a stream until its request ends.
bool CallbackRegistry::repeats(const Entry &entry, Phase phase) const
{
    if (entry.isJob)
        return false;
    if (entry.isStream)
        return true;
    if (phase == Phase::Timers)
        return m_session.string(entry.name) != "setTimeout";
    return phase == Phase::Poll && entry.file == 0;
}

CallbackRegistry::Entry *CallbackRegistry::find(Key key) noexcept
{
    if (m_entries.contains(key))
        return &m_entries.at(key);
    const auto kept = std::lower_bound(m_kept.begin(), m_kept.end(), key,
                                       [](const Kept &a, Key wanted) { return a.key < wanted; });
    return kept != m_kept.end() && kept->key == key ? &kept->entry : nullptr;
}

void CallbackRegistry::touch(Key key)
{
    m_touchedFirst = std::min(m_touchedFirst, key);
    m_touchedLast = std::max(m_touchedLast, key);
    if (m_liveOnly && key < m_shownEnd)
        m_gone.push_back(key); // perhaps
}

// --- rows ---

void CallbackRegistry::announce()
{
    if (m_liveOnly)
        announceGone();
    if (m_touchedFirst <= m_touchedLast && !m_rows.empty()) {
        const auto first = std::lower_bound(m_rows.begin(), m_rows.end(), m_touchedFirst);
        const auto last = std::upper_bound(first, m_rows.end(), m_touchedLast);
        if (first != last) {
            Q_EMIT dataChanged(index(int(first - m_rows.begin()), 0),
                               index(int(last - m_rows.begin()) - 1, ColumnCount - 1));
        }
    }
    m_touchedFirst = std::numeric_limits<Key>::max();
    m_touchedLast = 0;
    announceNew();
    while (m_entries.size() > m_limit)
        evictBlock();
}

void CallbackRegistry::announceGone()
{
    // Above so many, one reset costs a view less than as many removals.
    constexpr std::size_t mostRemovals = 256;
    std::sort(m_gone.begin(), m_gone.end());
    m_gone.erase(std::unique(m_gone.begin(), m_gone.end()), m_gone.end());
    std::erase_if(m_gone, [this](Key key) {
        const Entry *entry = find(key);
        return !entry || entry->isLive() || rowOf(key) < 0;
    });
    if (m_gone.size() > mostRemovals) {
        beginResetModel();
        rebuild();
        endResetModel();
    } else {
        for (auto key = m_gone.rbegin(); key != m_gone.rend(); ++key) {
            const std::size_t row = std::size_t(rowOf(*key));
            removeRows(row, row + 1);
        }
    }
    m_gone.clear();
}

void CallbackRegistry::announceNew()
{
    std::vector<Key> keys;
    for (Key key = std::max(m_shownEnd, m_entries.first()); key < m_entries.end(); ++key) {
        if (isShown(m_entries.at(key)))
            keys.push_back(key);
    }
    m_shownEnd = m_entries.end();
    if (keys.empty())
        return;
    beginInsertRows({}, int(m_rows.size()), int(m_rows.size() + keys.size()) - 1);
    m_rows.insert(m_rows.end(), keys.begin(), keys.end());
    endInsertRows();
}

// Drops the oldest block but what may still run.
void CallbackRegistry::evictBlock()
{
    const Key end = m_entries.first() + ChunkedDeque<Entry>::blockSize;
    for (std::size_t i = 0; i + maximumLive < m_kept.size(); ++i)
        m_kept[i].entry.end = Entry::End::Forgotten;
    const auto goes = [this](std::size_t row) { return !find(m_rows[row])->isLive(); };
    for (std::size_t row = 0; row < m_rows.size() && m_rows[row] < end;) {
        std::size_t after = row;
        while (after < m_rows.size() && m_rows[after] < end && goes(after))
            ++after;
        if (after > row)
            removeRows(row, after);
        else
            ++row;
    }
    const auto forget = [this](const Entry &entry, Key key) {
        const auto found = m_live.constFind(liveKey(entry.lane, entry.id));
        if (found != m_live.constEnd() && *found == key + 1)
            m_live.erase(found);
    };
    std::erase_if(m_kept, [&](const Kept &kept) {
        if (!kept.entry.isLive())
            forget(kept.entry, kept.key);
        return !kept.entry.isLive();
    });
    for (Key key = m_entries.first(); key < end; ++key) {
        if (m_entries.at(key).isLive())
            m_kept.push_back({key, m_entries.at(key)});
        else
            forget(m_entries.at(key), key);
    }
    m_entries.evictBlock();
}

void CallbackRegistry::removeRows(std::size_t begin, std::size_t end)
{
    beginRemoveRows({}, int(begin), int(end) - 1);
    m_rows.erase(m_rows.begin() + std::ptrdiff_t(begin), m_rows.begin() + std::ptrdiff_t(end));
    endRemoveRows();
}

// What may still run is alive, whatever the session has forgotten.
void CallbackRegistry::onCleared()
{
    beginResetModel();
    std::erase_if(m_kept, [](const Kept &kept) { return !kept.entry.isLive(); });
    for (Key key = m_entries.first(); key < m_entries.end(); ++key) {
        if (m_entries.at(key).isLive())
            m_kept.push_back({key, m_entries.at(key)});
    }
    m_entries.clear();
    m_live.clear();
    for (const Kept &kept : m_kept)
        m_live.insert(liveKey(kept.entry.lane, kept.entry.id), kept.key + 1);
    m_ended.clear();
    m_shownEnd = m_entries.end();
    rebuild();
    endResetModel();
}

void CallbackRegistry::rebuild()
{
    m_rows.clear();
    m_gone.clear();
    for (const Kept &kept : m_kept) {
        if (isShown(kept.entry))
            m_rows.push_back(kept.key);
    }
    for (Key key = m_entries.first(); key < m_shownEnd; ++key) {
        if (isShown(m_entries.at(key)))
            m_rows.push_back(key);
    }
}

void CallbackRegistry::setFilter(const QString &text)
{
    const QString wanted = text.trimmed();
    if (wanted == m_filter)
        return;
    beginResetModel();
    m_filter = wanted;
    m_filterRequest = wanted.startsWith(u'#') ? QStringView(wanted).sliced(1).toULongLong() : 0;
    m_nameMatches.clear();
    m_siteMatches.clear();
    rebuild();
    endResetModel();
}

void CallbackRegistry::setLiveOnly(bool liveOnly)
{
    if (liveOnly == m_liveOnly)
        return;
    beginResetModel();
    m_liveOnly = liveOnly;
    rebuild();
    endResetModel();
}

bool CallbackRegistry::isShown(const Entry &entry) const
{
    return (!m_liveOnly || entry.isLive()) && (m_filter.isEmpty() || matches(entry));
}

// There are few names and places, and many entries.
bool CallbackRegistry::matches(const Entry &entry) const
{
    if (m_filterRequest != 0)
        return entry.request == m_filterRequest;
    auto name = m_nameMatches.constFind(entry.name);
    if (name == m_nameMatches.constEnd()) {
        const QString text = QString::fromUtf8(m_session.string(entry.name));
        name = m_nameMatches.insert(entry.name, text.contains(m_filter, Qt::CaseInsensitive));
    }
    if (*name || entry.file == 0)
        return *name;
    const quint64 place = quint64(entry.file) << 32 | entry.line;
    auto known = m_siteMatches.constFind(place);
    if (known == m_siteMatches.constEnd())
        known = m_siteMatches.insert(place, site(entry).contains(m_filter, Qt::CaseInsensitive));
    return *known;
}

const CallbackRegistry::Entry *CallbackRegistry::entryAt(int row) const
{
    return row < 0 || std::size_t(row) >= m_rows.size() ? nullptr : find(m_rows[std::size_t(row)]);
}

int CallbackRegistry::rowOf(quint64 key) const
{
    const auto found = std::lower_bound(m_rows.begin(), m_rows.end(), key);
    return found == m_rows.end() || *found != key ? -1 : int(found - m_rows.begin());
}

int CallbackRegistry::rowOfSlice(const SliceKey &slice) const
{
    if (!slice.isValid() || slice.kind != trace::Kind::Callback)
        return -1;
    if (const auto live = m_live.constFind(liveKey(slice.lane, slice.id)); live != m_live.constEnd())
        return rowOf(*live - 1);
    const Event *event = m_session.registration(slice.id, slice.lane);
    const qint64 registered = event ? event->start : slice.start;
    // rows are in the order of registration
    auto row = std::partition_point(m_rows.begin(), m_rows.end(),
                                    [&](Key key) { return find(key)->registered < registered; });
    for (; row != m_rows.end() && find(*row)->registered == registered; ++row) {
        if (find(*row)->id == slice.id && find(*row)->lane == slice.lane)
            return int(row - m_rows.begin());
    }
    return -1;
}

// --- what a view reads ---

const Slice *CallbackRegistry::registeredIn(const Entry &entry) const
{
    if (entry.parent == 0 || !entry.isRecorded || entry.lane >= m_session.laneCount())
        return nullptr;
    const SliceStore &store = m_session.slices(entry.lane, Track::Run);
    quint64 index = store.innermostAt(entry.registered);
    if (index == store.end())
        return nullptr;
    for (quint64 around = store.parent(index); around != store.end(); around = store.parent(around))
        index = around;
    const Slice &slice = store.at(index);
    return slice.kind == trace::Kind::Callback && slice.id == entry.parent ? &slice : nullptr;
}

CallbackRegistry::Ends CallbackRegistry::ends(int row) const
{
    Ends result;
    const Entry *entry = entryAt(row);
    if (!entry)
        return result;
    result.from = result.to = entry->isRecorded ? entry->registered : entry->lastStart;
    result.request = entry->request;
    if (const Request *request = m_session.request(entry->request))
        result.connection = request->connection;
    if (entry->lastStart >= 0) {
        result.to = entry->lastStart + entry->lastDuration;
        result.slice = {entry->lane, Track::Run, trace::Kind::Callback, entry->lastStart, entry->id};
        if (!m_session.slice(result.slice))
            result.slice = {};
    } else if (const Slice *in = registeredIn(*entry)) {
        result.slice = Session::keyOf(entry->lane, Track::Run, *in);
    }
    return result;
}

QString CallbackRegistry::site(const Entry &entry) const
{
    return entry.file == 0 ? QString()
                           : QString(QString::fromUtf8(m_session.string(entry.file)) % u':' % QString::number(entry.line));
}

QString CallbackRegistry::state(const Entry &entry) const
{
    const QString times = tr("ran %1 times").arg(formatCount(entry.runs));
    switch (entry.end) {
    case Entry::End::Ran: return entry.runs == 0 ? tr("did not run") : entry.runs == 1 ? tr("ran") : times;
    case Entry::End::Cleared:
        if (entry.runs == 0)
            return tr("cleared");
        return entry.endedItself() ? tr("ran") : tr("%1, cleared").arg(entry.runs == 1 ? tr("ran") : times);
    case Entry::End::Forgotten: return tr("not known");
    case Entry::End::None: break;
    }
    if (entry.runs > 0)
        return entry.runs == 1 ? tr("ran, stays") : times;
    if (entry.registered <= m_session.gapUntil())
        return tr("waits?");
    if (!entry.isJob)
        return tr("waits");
    for (int lane = 0; lane < m_session.laneCount(); ++lane) {
        const Lane &worker = m_session.lane(lane);
        if (worker.kind == trace::Trace::LaneKind::Worker && worker.running.isRunning() && worker.running.id == entry.id)
            return tr("runs on %1").arg(QString::fromUtf8(worker.name));
    }
    return tr("waits");
}

QString CallbackRegistry::dueWords(const Entry &entry) const
{
    if (entry.due == 0)
        return {};
    if (entry.runs > 0 || !entry.isLive())
        return formatTimestamp(entry.due, m_session.firstTime());
    return entry.due > m_now ? tr("in %1").arg(formatDuration(entry.due - m_now))
                             : tr("for %1").arg(formatDuration(m_now - entry.due));
}

QString CallbackRegistry::registeredInWords(const Entry &entry) const
{
    if (!entry.isRecorded)
        return tr("(not recorded)");
    if (entry.parent == 0)
        return tr("no callback");
    const Slice *in = registeredIn(entry);
    if (!in)
        return tr("(not kept)");
    const QString name = QString::fromUtf8(m_session.string(in->name));
    return in->request ? QString(name % u" #" % QString::number(in->request)) : name;
}

QVariant CallbackRegistry::display(const Entry &entry, int column) const
{
    const auto time = [this](qint64 ns) { return formatTimestamp(ns, m_session.firstTime()); };
    switch (column) {
    case Kind: return QString::fromUtf8(m_session.string(entry.name));
    case State: return state(entry);
    case Took: return entry.lastStart < 0 ? QString() : formatDuration(entry.lastDuration);
    case Where: {
        const QString where = site(entry);
        return where.isEmpty() ? (entry.isJob ? QString() : tr("(Qt)")) : where.sliced(where.lastIndexOf(u'/') + 1);
    }
    case RequestNumber: return entry.request ? QString(u'#' % QString::number(entry.request)) : QString();
    case Ran: return entry.lastStart < 0 ? QString() : time(entry.lastStart);
    case Registered: return entry.isRecorded ? time(entry.registered) : tr("(not recorded)");
    case In: return registeredInWords(entry);
    case Due: return dueWords(entry);
    default: return {};
    }
}

QString CallbackRegistry::toolTip(const Entry &entry) const
{
    QStringList lines{tr("%1: %2").arg(QString::fromUtf8(m_session.string(entry.name)), state(entry))};
    if (entry.file != 0)
        lines << tr("registered at %1").arg(site(entry));
    if (entry.isRecorded)
        lines << tr("registered %1, in: %2").arg(formatTimestamp(entry.registered, m_session.firstTime()), registeredInWords(entry));
    if (entry.lastStart >= 0) {
        lines << tr("ran %1, took %2").arg(formatTimestamp(entry.lastStart, m_session.firstTime()),
                                           formatDuration(entry.lastDuration));
        if (entry.due > 0)
            lines << tr("%1 after it was due").arg(formatDuration(std::max<qint64>(0, entry.lastStart - entry.due)));
        else if (entry.isRecorded && entry.runs == 1)
            lines << tr("%1 after it was registered").arg(formatDuration(entry.lastStart - entry.registered));
    }
    if (entry.cleared >= 0)
        lines << tr("cleared %1").arg(formatTimestamp(entry.cleared, m_session.firstTime()));
    if (entry.isLive() && entry.runs == 0 && entry.registered <= m_session.gapUntil())
        lines << tr("Records are missing since: it may have run.");
    return lines.join(u'\n');
}

int CallbackRegistry::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

int CallbackRegistry::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

QVariant CallbackRegistry::data(const QModelIndex &index, int role) const
{
    const Entry *entry = index.isValid() ? entryAt(index.row()) : nullptr;
    if (!entry)
        return {};
    switch (role) {
    case Qt::DisplayRole: return display(*entry, index.column());
    case Qt::ToolTipRole: return toolTip(*entry);
    case KeyRole: return qulonglong(m_rows[std::size_t(index.row())]);
    case LiveRole: return entry->isLive();
    case RunsRole: return qulonglong(entry->runs);
    case RequestRole: return qulonglong(entry->request);
    default: return {};
    }
}

QVariant CallbackRegistry::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Kind: return tr("Kind");
    case State: return tr("State");
    case Took: return tr("Took");
    case Where: return tr("Registered at");
    case RequestNumber: return tr("For");
    case Ran: return tr("Ran");
    case Registered: return tr("Registered");
    case In: return tr("In");
    case Due: return tr("Due");
    default: return {};
    }
}

} // namespace loopscope::model
