// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/scope/sessionpainter.h"

#include "inspector/model/requestcolor.h"
#include "inspector/scope/rowmarks.h"

namespace loopscope::scope {

using namespace Qt::StringLiterals;
using model::Slice;
using model::Track;
using trace::Kind;

SessionPainter::SessionPainter(const Input &input, ScopePainter &strokes)
    : m_in(input)
    , m_strokes(strokes)
    , m_texts(input.session, input.now)
{
}

Emphasis SessionPainter::emphasisOf(quint64 request, quint64 connection) const
{
    const model::Selection &selection = m_in.selection;
    if (selection.request != 0)
        return request == selection.request ? Emphasis::Related : Emphasis::Dimmed;
    if (selection.connection != 0)
        return connection == selection.connection ? Emphasis::Related : Emphasis::Dimmed;
    return selection.slice.isValid() ? Emphasis::Dimmed : Emphasis::Normal;
}

Emphasis SessionPainter::emphasisOf(const Slice &slice, int thread, Track track) const
{
    if (m_in.selection.slice.isValid() && model::Session::keyOf(thread, track, slice) == m_in.selection.slice)
        return Emphasis::Selected;
    return emphasisOf(slice.request, slice.connection);
}

qint64 SessionPainter::endOf(const model::Request &request) const
{
    return request.isRunning() ? std::max(request.start, m_in.now) : request.end;
}

void SessionPainter::paintLanes()
{
    const auto range = m_in.geometry.visibleBoxes();
    for (int box = range.first; box < range.last; ++box) {
        const ScopeLane &lane = m_in.lanes.all()[std::size_t(m_in.geometry.boxes()[box].lane)];
        switch (lane.kind) {
        case ScopeLane::Kind::Loop:
            paintPhases(box, lane.thread);
            paintRun(box, lane.thread, ScopeLanes::runRow);
            break;
        case ScopeLane::Kind::Worker: paintRun(box, lane.thread, 0); break;
        case ScopeLane::Kind::Connection: paintConnection(box, lane.connection); break;
        }
    }
}

void SessionPainter::paintHeaders()
{
    const auto range = m_in.geometry.visibleBoxes();
    for (int box = range.first; box < range.last; ++box) {
        const ScopeLane &lane = m_in.lanes.all()[std::size_t(m_in.geometry.boxes()[box].lane)];
        if (lane.kind == ScopeLane::Kind::Connection) {
            const model::Connection *connection = m_in.session.connection(lane.connection);
            m_strokes.laneHeader(box, ScopeTexts::tr("conn %1").arg(lane.connection),
                                 {connection ? ScopeTexts::state(*connection) : QString()});
            continue;
        }
        const QString name = QString::fromUtf8(m_in.session.lane(lane.thread).name);
        if (lane.kind == ScopeLane::Kind::Loop)
            m_strokes.laneHeader(box, name, {ScopeTexts::tr("phases"), ScopeTexts::tr("callbacks"), ScopeTexts::tr("layers, spans")});
        else
            m_strokes.laneHeader(box, name, {});
    }
}

QColor SessionPainter::phaseFill(trace::Phase phase) const
{
    const qreal paler = m_in.selection.isEmpty() ? 0.1 : 0.45;
    return theme::blend(theme::phaseColor(phase, m_in.style.palette), m_in.style.base, paler);
}

// Phases and waits share one row: a wait is a gap in the phase around it.
void SessionPainter::paintPhases(int box, int thread)
{
    const model::SliceStore &store = m_in.session.slices(thread, Track::Phases);
    std::vector<SliceMark> phases;
    std::vector<SliceMark> waits;
    SliceMark merged; // the last one of phases
    SliceWalk(store, m_in.lanes.phases(thread), m_in.geometry, m_in.pixel).run([&](const SliceMark &mark) {
        const Slice &slice = store.at(mark.first);
        const QRectF rect = m_strokes.rowRect(box, ScopeLanes::phaseRow, mark.x, mark.width);
        const bool isWait = mark.row == BusySums::waitRow;
        if (mark.count == 1 && isWait) {
            waits.push_back(mark);
        } else if (mark.count == 1) {
            const bool selected = m_in.selection.slice == model::Session::keyOf(thread, Track::Phases, slice);
            m_strokes.bar({.rect = rect,
                           .fill = phaseFill(slice.phase),
                           .text = {},
                           .emphasis = selected ? Emphasis::Selected : Emphasis::Normal});
            if (rect.width() >= ScopePainter::leastTextWidth)
                phases.push_back(mark);
        } else if (!isWait) {
            merged = mark;
            m_strokes.density(rect, m_in.style.nobody, mark.busy, Emphasis::Normal);
        } else if (mark.x == merged.x && slice.depth > 0) { // the phases' time was summed with these waits in it
            m_strokes.density(rect, m_in.style.base, 1, Emphasis::Normal);
            m_strokes.density(rect, m_in.style.nobody, std::max(0.0, merged.busy - mark.busy), Emphasis::Normal);
        }
    });
    paintWaits(box, store, phases, waits);
}

// The gaps, and each phase's name on what they left of it: libuv sleeps first and calls back afterwards.
void SessionPainter::paintWaits(int box, const model::SliceStore &store, const std::vector<SliceMark> &phases,
                                const std::vector<SliceMark> &waits)
{
    for (const SliceMark &wait : waits)
        m_strokes.gap(m_strokes.rowRect(box, ScopeLanes::phaseRow, wait.x, wait.width), ScopeTexts::tr("sleeps in poll"));
    for (const SliceMark &phase : phases) {
        const qreal right = phase.x + phase.width;
        const auto next = std::partition_point(waits.begin(), waits.end(), [&](const SliceMark &w) { return w.x < right; });
        const qreal left = next == waits.begin() ? phase.x : std::max(phase.x, (next - 1)->x + (next - 1)->width);
        const Slice &slice = store.at(phase.first);
        m_strokes.barLabel(m_strokes.rowRect(box, ScopeLanes::phaseRow, left, right - left), phaseFill(slice.phase), m_texts.bar(slice));
    }
}

void SessionPainter::paintRun(int box, int thread, int firstRow)
{
    const model::SliceStore &store = m_in.session.slices(thread, Track::Run);
    const int rows = m_in.geometry.boxes()[box].rows - firstRow;
    const SliceWalk walk(store, m_in.lanes.run(thread), m_in.geometry, m_in.pixel);
    walk.run([&](const SliceMark &mark) {
        const int row = std::min(mark.row, rows - 1);
        const QRectF rect = m_strokes.rowRect(box, firstRow + row, mark.x, mark.width);
        if (mark.count > 1) {
            m_strokes.density(rect, m_in.style.fill(mark.request, row), mark.busy, emphasisOf(mark.request, 0));
            return;
        }
        const Slice &slice = store.at(mark.first);
        const Emphasis emphasis = emphasisOf(slice, thread, Track::Run);
        if (rect.width() < 4) { // too narrow for an outline; those of the selected request are painted after
            m_strokes.density(rect, m_in.style.fill(slice.request, row), 1, emphasis);
            return;
        }
        m_strokes.bar({.rect = rect,
                       .fill = m_in.style.fill(slice.request, row),
                       .text = rect.width() >= ScopePainter::leastTextWidth ? m_texts.bar(slice) : QString(),
                       .emphasis = emphasis,
                       .pattern = theme::requestPattern(model::requestColorIndex(slice.request))});
    });
    paintSelectedSlices(box, thread, firstRow);
    paintRunning(box, thread, firstRow);
}

// What the selected request ran in and is too narrow, or merged with others, is seen all the same.
void SessionPainter::paintSelectedSlices(int box, int thread, int firstRow)
{
    const int rows = m_in.geometry.boxes()[box].rows - firstRow;
    qreal lastX[BusySums::rows];
    std::fill(std::begin(lastX), std::end(lastX), -1e18);
    const auto &keys = m_in.selectedSlices;
    const auto first = std::partition_point(keys.begin(), keys.end(), [&](const model::SliceKey &key) {
        return m_in.geometry.toX(key.start) < m_in.geometry.headerWidth() - 4;
    });
    for (auto it = first; it != keys.end(); ++it) {
        const qreal x = m_in.geometry.toX(it->start);
        if (x > m_in.geometry.size().width())
            break;
        if (it->lane != thread || it->track != Track::Run)
            continue;
        const Slice *slice = m_in.session.slice(*it);
        if (!slice || double(slice->duration) / m_in.geometry.nsPerPixel() >= 4)
            continue;
        const int row = std::min(BusySums::rowOf(*slice), rows - 1);
        if (x - lastX[row] < 2)
            continue;
        lastX[row] = x;
        m_strokes.bar({.rect = m_strokes.rowRect(box, firstRow + row, x - 1.5, 4),
                       .fill = m_in.style.fill(slice->request, row),
                       .text = {},
                       .emphasis = *it == m_in.selection.slice ? Emphasis::Selected : Emphasis::Related});
    }
}

void SessionPainter::paintRunning(int box, int thread, int firstRow)
{
    const model::Lane &lane = m_in.session.lane(thread);
    if (!lane.running.isRunning())
        return;
    const qreal x = m_in.geometry.toX(lane.running.since);
    const qreal width = m_in.geometry.toX(std::max(m_in.now, lane.running.since)) - x;
    const bool blocks = lane.kind == trace::Trace::LaneKind::Loop && m_in.now - lane.running.since >= blockedAfterNs;
    const QString name = QString::fromUtf8(m_in.session.string(lane.running.name));
    QString text = blocks ? m_texts.blocked(lane.running) : name;
    if (lane.running.request != 0)
        text.prepend(QString(u'#' % QString::number(lane.running.request) % u' '));
    m_strokes.bar({.rect = m_strokes.rowRect(box, firstRow, x, std::max(m_in.pixel, width)),
                   .fill = m_in.style.fill(lane.running.request),
                   .text = text,
                   .emphasis = emphasisOf(lane.running.request, 0),
                   .pattern = theme::requestPattern(model::requestColorIndex(lane.running.request)),
                   .open = true,
                   .alarm = blocks});
}

namespace {

// The requests of a connection as a row.
struct RequestRow {
    const model::Session &session;
    const model::Connection &connection;
    qint64 now;

    qsizetype count() const { return qsizetype(connection.requestCount()); }
    const model::Request *at(qsizetype i) const { return session.request(connection.requestAt(std::size_t(i))); }
    qint64 startNs(qsizetype i) const
    {
        const model::Request *request = at(i);
        return request ? request->start : 0;
    }
    qint64 endNs(qsizetype i) const
    {
        const model::Request *request = at(i);
        return !request ? 0 : request->isRunning() ? std::max(now, request->start) : request->end;
    }
};

} // namespace

void SessionPainter::paintConnection(int box, quint64 number)
{
    const model::Connection *connection = m_in.session.connection(number);
    if (!connection)
        return;
    m_strokes.idleLine(box, connection->opened, connection->isOpen() ? m_in.now : connection->closed,
                       emphasisOf(0, number));
    // Several requests on one pixel: lower than one alone. Its height says no more than that.
    constexpr qreal severalHeight = 0.6;
    const RequestRow row{m_in.session, *connection, m_in.now};
    forEachMark(row, m_in.geometry, m_in.pixel, [&](const Mark &mark) {
        const model::Request *request = row.at(mark.first);
        if (!request)
            return;
        const QRectF rect = m_strokes.rowRect(box, 0, mark.x, mark.width);
        if (mark.count > 1)
            m_strokes.density(rect, m_in.style.nobody, severalHeight, emphasisOf(0, number));
        else if (rect.width() < 4)
            m_strokes.density(rect, m_in.style.fill(request->number), 1, emphasisOf(request->number, number));
        else
            paintRequest(box, *request, emphasisOf(request->number, number));
    });
}

void SessionPainter::paintRequest(int box, const model::Request &request, Emphasis emphasis)
{
    const qreal x = m_in.geometry.toX(request.start);
    const qreal width = m_in.geometry.toX(endOf(request)) - x;
    const QRectF row = m_strokes.rowRect(box, 0, x, width);
    const QColor color = m_in.style.fill(request.number);
    QString text;
    if (row.width() >= ScopePainter::leastTextWidth) {
        text = m_texts.request(request.number);
        if (request.status != 0)
            text += u" → "_s % QString::number(request.status);
    }
    m_strokes.bar({.rect = row,
                   .fill = theme::blend(m_in.style.base, color, 0.3),
                   .text = text,
                   .emphasis = emphasis,
                   .pattern = theme::requestPattern(model::requestColorIndex(request.number)),
                   .open = request.isRunning(),
                   .edge = color,
                   .textBottom = ScopeStyle::chunkBand});
    if (row.width() >= 12)
        paintChunks(row, request, emphasis);
    if (!request.isRunning())
        m_strokes.glyph(ScopePainter::Glyph::End, x + width, row, color, emphasis);
}

void SessionPainter::paintChunks(const QRectF &row, const model::Request &request, Emphasis emphasis)
{
    const QRectF band(row.left(), row.bottom() - ScopeStyle::chunkBand - 1, row.width(), ScopeStyle::chunkBand - 1);
    const auto &marks = m_in.chunks.marks(m_in.session, request);
    const qint64 endNs = m_in.geometry.endNs();
    auto it = std::partition_point(marks.begin(), marks.end(),
                                   [&](const ChunkCache::Mark &mark) { return mark.time < m_in.geometry.startNs(); });
    while (it != marks.end() && it->time <= endNs) {
        const qreal x = m_in.geometry.toX(it->time);
        m_strokes.glyph(it->toClient ? ScopePainter::Glyph::ChunkOut : ScopePainter::Glyph::ChunkIn, x, band,
                        m_in.style.fill(request.number), emphasis);
        // The next one that does not hide this one: a mark is one chunk or more.
        const qint64 next = m_in.geometry.toNs(x + 6);
        it = std::partition_point(it + 1, marks.end(), [&](const ChunkCache::Mark &mark) { return mark.time < next; });
    }
}

QPointF SessionPainter::placeOf(int thread, int depth, qint64 ns) const
{
    const int box = m_in.geometry.boxOfLane(m_in.lanes.indexOfThread(thread));
    if (box < 0)
        return {};
    const LaneBox &lane = m_in.geometry.boxes()[box];
    const int first = m_in.session.lane(thread).kind != trace::Trace::LaneKind::Worker ? ScopeLanes::runRow : 0;
    const int row = std::min(first + depth, lane.rows - 1);
    return {m_in.geometry.toX(ns), m_in.geometry.rowY(box, row) + lane.rowHeight / 2};
}

void SessionPainter::paintArrow()
{
    const model::SliceKey &key = m_in.selection.slice;
    if (!key.isValid() || (key.kind != Kind::Callback && key.kind != Kind::JobFinished))
        return;
    const model::Event *registered = m_in.session.registration(key.id, key.kind == Kind::Callback ? key.lane : -1);
    if (!registered || registered->start > key.start)
        return;
    const QPointF from = placeOf(registered->lane, 0, registered->start);
    const QPointF to = placeOf(key.lane, 0, key.start);
    if (!from.isNull() && !to.isNull())
        m_strokes.arrow(from, to);
}

void SessionPainter::paintBlocked()
{
    for (int thread = 0; thread < m_in.session.laneCount(); ++thread) {
        const model::Lane &lane = m_in.session.lane(thread);
        if (lane.kind != trace::Trace::LaneKind::Loop || !lane.running.isRunning()
            || m_in.now - lane.running.since < blockedAfterNs)
            continue;
        m_strokes.alarmBanner(ScopeTexts::tr("%1: %2").arg(QString::fromUtf8(lane.name), m_texts.blocked(lane.running)));
        return;
    }
}

} // namespace loopscope::scope
