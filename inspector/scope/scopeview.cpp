// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/scope/scopeview.h"

#include "inspector/model/formatting.h"
#include "inspector/scope/scopepainter.h"
#include "inspector/scope/scopetexts.h"
#include "inspector/scope/sessionpainter.h"
#include "inspector/scope/timeticks.h"

#include <QtCore/QThread>
#include <QtGui/QHelpEvent>
#include <QtGui/QKeyEvent>
#include <QtGui/QMouseEvent>
#include <QtGui/QPainter>
#include <QtGui/QWheelEvent>
#include <QtWidgets/QApplication>
#include <QtWidgets/QScrollBar>
#include <QtWidgets/QToolTip>

#include <utility>

namespace loopscope::scope {

using namespace Qt::StringLiterals;
using model::Slice;
using model::SliceKey;
using model::TimeRange;
using model::Track;

ScopeView::ScopeView(const model::Session &session, model::ViewState &state, QWidget *parent)
    : QAbstractScrollArea(parent)
    , m_session(session)
    , m_state(state)
    , m_style(palette(), font())
{
    setAccessibleName(tr("Timeline"));
    setAccessibleDescription(tr("What ran when: a lane for the event loop, each worker and each connection. "
                                "Full stop and comma select the next and the previous slice."));
    setFocusPolicy(Qt::StrongFocus);
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    viewport()->setMouseTracking(true);
    viewport()->setAutoFillBackground(false);
    viewport()->setAttribute(Qt::WA_OpaquePaintEvent);
    connectModel();
    updateHeaderWidth();
    m_now = session.lastTime();
    scheduleRefresh();
}

void ScopeView::connectModel()
{
    connect(&m_session, &model::Session::changed, this, [this](const model::Session::Change &change) {
        m_now = std::max(m_now, m_session.lastTime());
        m_collectIsDue = m_collectIsDue || change.slices;
        collectIfDue();
        scheduleRefresh();
    });
    connect(&m_session, &model::Session::cleared, this, [this] {
        m_lanes.clear();
        m_chunks.clear();
        m_selectedSlices.clear();
        m_measured.reset();
        scheduleRefresh();
    });
    connect(&m_state, &model::ViewState::timeRangeChanged, this, &ScopeView::scheduleRefresh);
    connect(&m_state, &model::ViewState::followingChanged, this, &ScopeView::scheduleRefresh);
    connect(&m_state, &model::ViewState::selectionChanged, this, &ScopeView::onSelectionChanged);
}

void ScopeView::tick(qint64 nowNs)
{
    if (nowNs <= m_now)
        return;
    const bool nowIsInView = m_now <= m_geometry.endNs();
    m_now = nowNs;
    collectIfDue();
    // A still picture of ended things needs no new one. What blocks is said wherever one looks.
    bool something = nowIsInView && (!m_session.inFlight().empty() || m_session.server().openConnections > 0);
    for (int lane = 0; lane < m_session.laneCount() && !something; ++lane)
        something = m_session.lane(lane).running.isRunning() || (nowIsInView && m_session.lane(lane).sleepsSince >= 0);
    if (something)
        viewport()->update();
}

void ScopeView::scheduleRefresh()
{
    if (m_refreshIsScheduled)
        return;
    m_refreshIsScheduled = true;
    QMetaObject::invokeMethod(this, &ScopeView::refresh, Qt::QueuedConnection);
}

void ScopeView::refresh()
{
    Q_ASSERT(QThread::currentThread() == thread());
    m_refreshIsScheduled = false;
    const TimeRange range = m_state.timeRange();
    m_geometry.setFrame(viewport()->size(), m_headerWidth, m_style.axisHeight);
    m_geometry.setTimeRange(range.from, range.to);
    m_lanes.updateSums(m_session);
    m_geometry.setBoxes(m_lanes.layOut(m_session, range, m_style));
    updateScrollBar();
    viewport()->update();
}

void ScopeView::updateScrollBar()
{
    const int page = std::max(0, int(m_geometry.plot().height()));
    const int content = int(std::ceil(m_geometry.contentHeight()));
    verticalScrollBar()->setPageStep(page);
    verticalScrollBar()->setSingleStep(int(m_style.rowHeight));
    verticalScrollBar()->setRange(0, std::max(0, content - page));
    m_geometry.setScrollY(verticalScrollBar()->value());
}

void ScopeView::updateHeaderWidth()
{
    if (m_headerWidthIsDragged)
        return;
    const QFontMetricsF bold(m_style.boldFont);
    m_headerWidth = std::clamp(std::ceil(bold.horizontalAdvance(tr("conn %1").arg(99999))
                                         + m_style.metrics.horizontalAdvance(u"in flight"_s) + 32),
                               minimumHeaderWidth, maximumHeaderWidth);
}

void ScopeView::collectSelectedSlices()
{
    m_collectIsDue = false;
    m_collectedAt = m_now;
    const quint64 request = m_state.selection().request;
    m_selectedSlices = request == 0 ? QList<SliceKey>() : m_session.slicesOfRequest(request);
}

void ScopeView::collectIfDue()
{
    const model::Request *request = m_session.request(m_state.selection().request);
    if (!m_collectIsDue || !request || m_now - m_collectedAt < collectEveryNs)
        return;
    // The last callback of a request ends a little after it: one more look, then no more.
    if (request->isRunning() || request->end + collectEveryNs >= m_collectedAt)
        collectSelectedSlices();
}

void ScopeView::onSelectionChanged()
{
    // What was selected elsewhere comes into view; what is in view stays where it is.
    if (const model::Request *request = m_session.request(m_state.selection().request)) {
        const qint64 end = request->isRunning() ? m_now : request->end;
        if (end < m_geometry.startNs() || request->start > m_geometry.endNs())
            fit();
    }
    collectSelectedSlices();
    const ScopeTexts texts(m_session, m_now);
    const model::Selection &selection = m_state.selection();
    if (const Slice *slice = m_session.slice(selection.slice))
        setAccessibleDescription(texts.sliceDetails(selection.slice.lane, *slice));
    else if (const model::Request *request = m_session.request(selection.request))
        setAccessibleDescription(texts.requestDetails(*request));
    scheduleRefresh();
}

void ScopeView::setZero(std::optional<qint64> ns)
{
    if (std::exchange(m_zero, ns) != ns)
        viewport()->update();
}

// --- painting ---

void ScopeView::paintEvent(QPaintEvent *)
{
    QPainter painter(viewport());
    const qreal pixel = 1 / viewport()->devicePixelRatioF();
    painter.fillRect(viewport()->rect(), m_style.base);
    ScopePainter strokes(painter, m_geometry, m_style, pixel);
    if (m_session.isEmpty()) { // and there is no time that an axis could show
        strokes.emptyText(tr("Nothing has been recorded yet"),
                          m_session.server().isListening()
                              ? tr("Send a request from the playground or with curl.")
                              : tr("Press ▶ Start, then send a request from the playground or with curl."));
        strokes.corner({});
        return;
    }
    strokes.axis(zeroNs());
    const SessionPainter::Input input{m_session, m_lanes, m_chunks, m_geometry, m_style, m_state.selection(),
                                      m_selectedSlices, m_now, pixel};
    SessionPainter content(input, strokes);
    painter.setClipRect(m_geometry.plot());
    content.paintLanes();
    content.paintArrow();
    painter.setClipRect(QRectF(0, m_geometry.axisHeight(), m_geometry.size().width(), m_geometry.plot().height()));
    painter.fillRect(QRectF(0, m_geometry.axisHeight(), m_headerWidth, m_geometry.plot().height()), m_style.header);
    content.paintHeaders();
    painter.setClipping(false);
    strokes.corner(m_state.isFollowing() ? tr("● follows") : tr("%1 wide").arg(model::formatSpan(m_state.timeRange().length())));
    paintOverlays(strokes);
    content.paintBlocked();
    if (hasFocus()) {
        const QRectF all = viewport()->rect();
        for (const QRectF &edge : {QRectF(0, 0, all.width(), 2 * pixel), QRectF(0, all.height() - 2 * pixel, all.width(), 2 * pixel),
                                   QRectF(0, 0, 2 * pixel, all.height()), QRectF(all.width() - 2 * pixel, 0, 2 * pixel, all.height())})
            painter.fillRect(edge, m_style.highlight);
    }
}

void ScopeView::paintOverlays(ScopePainter &strokes)
{
    if (m_measured)
        strokes.range(m_geometry.toX(m_measured->from), m_geometry.toX(m_measured->to), model::formatDuration(m_measured->length()));
    if (!m_pointer || m_drag == Drag::Measure || m_drag == Drag::Header)
        return;
    TimeTicks scale; // as many decimals as a pixel can tell apart
    scale.stepNs = niceStep(m_geometry.nsPerPixel());
    strokes.cursor(m_pointer->x(), scale.label(m_geometry.toNs(m_pointer->x()) - zeroNs()));
}

// --- what lies where ---

ScopeView::Target ScopeView::targetAt(QPointF point) const
{
    const Hit hit = m_geometry.hitTest(point);
    if (hit.box < 0)
        return {};
    const ScopeLane &lane = m_lanes.all()[std::size_t(m_geometry.boxes()[hit.box].lane)];
    if (point.x() < m_headerWidth) {
        Target target;
        target.connection = lane.connection;
        return target;
    }
    return lane.kind == ScopeLane::Kind::Connection ? connectionTargetAt(lane.connection, hit.ns)
                                                    : threadTargetAt(lane, hit);
}

ScopeView::Target ScopeView::threadTargetAt(const ScopeLane &lane, const Hit &hit) const
{
    // Slices looked at to find the nearest, in a crowd.
    constexpr int mostLookedAt = 4'096;
    const bool isLoop = lane.kind == ScopeLane::Kind::Loop;
    const bool phases = isLoop && hit.row == ScopeLanes::phaseRow;
    const Track track = phases ? Track::Phases : Track::Run;
    const int wanted = phases ? -1 : hit.row - (isLoop ? ScopeLanes::runRow : 0);
    const model::Lane::Running &running = m_session.lane(lane.thread).running;
    Target target;
    const qint64 sleepsSince = m_session.lane(lane.thread).sleepsSince;
    if (phases && sleepsSince >= 0 && hit.ns >= sleepsSince && hit.ns <= m_now) {
        target.sleeping = lane.thread;
        return target;
    }
    if (wanted == 0 && running.isRunning() && hit.ns >= running.since) {
        target.running = lane.thread;
        target.request = running.request;
        return target;
    }
    const qint64 tolerance = qint64(std::ceil(hitTolerance * m_geometry.nsPerPixel()));
    qint64 best = tolerance + 1;
    int looked = 0;
    const model::SliceStore &store = m_session.slices(lane.thread, track);
    const int lastRow = m_geometry.boxes()[hit.box].rows - 1 - (isLoop ? ScopeLanes::runRow : 0);
    const auto consider = [&](quint64, const Slice &slice) {
        if (++looked > mostLookedAt || (!phases && std::min(BusySums::rowOf(slice), lastRow) != wanted))
            return;
        const qint64 away = std::max({qint64(0), slice.start - hit.ns, hit.ns - slice.end()});
        if (away > best || (away == best && away > 0))
            return; // of those that contain the point the innermost comes last
        best = away;
        target.slice = model::Session::keyOf(lane.thread, track, slice);
        target.request = slice.request;
        target.connection = slice.connection;
    };
    store.visit(hit.ns - tolerance, hit.ns + tolerance, consider);
    return target;
}

ScopeView::Target ScopeView::connectionTargetAt(quint64 number, qint64 ns) const
{
    Target target;
    target.connection = number;
    const model::Connection *connection = m_session.connection(number);
    if (!connection)
        return target;
    const qint64 tolerance = qint64(std::ceil(hitTolerance * m_geometry.nsPerPixel()));
    const std::size_t next = m_session.firstRequestEndingAfter(*connection, ns - tolerance);
    if (next >= connection->requestCount())
        return target;
    const model::Request *request = m_session.request(connection->requestAt(next));
    if (request && request->start <= ns + tolerance)
        target.request = request->number;
    return target;
}

QString ScopeView::toolTipAt(QPointF point) const
{
    const ScopeTexts texts(m_session, m_now);
    const Target target = targetAt(point);
    if (target.running >= 0)
        return texts.runningDetails(m_session.lane(target.running));
    if (target.sleeping >= 0)
        return texts.sleepDetails(m_session.lane(target.sleeping));
    if (const Slice *slice = m_session.slice(target.slice))
        return texts.sliceDetails(target.slice.lane, *slice);
    if (const model::Request *request = m_session.request(target.request))
        return texts.requestDetails(*request);
    if (const model::Connection *connection = m_session.connection(target.connection))
        return texts.connectionDetails(*connection);
    return {};
}

void ScopeView::select(const Target &target)
{
    model::Selection selection{.request = target.request, .connection = target.connection, .slice = target.slice};
    if (const model::Request *request = m_session.request(target.request))
        selection.connection = request->connection;
    m_state.select(selection);
}

// --- moving ---

void ScopeView::showRange(qint64 fromNs, qint64 toNs, double margin)
{
    const qint64 extra = std::max(qint64(double(toNs - fromNs) * margin), model::ViewState::minimumRangeNs / 2);
    m_state.setTimeRange({std::max(qint64(0), fromNs - extra), toNs + extra});
}

void ScopeView::fit()
{
    const model::Selection &selection = m_state.selection();
    if (m_measured)
        return showRange(m_measured->from, m_measured->to, 0);
    if (const model::Request *request = m_session.request(selection.request))
        return showRange(request->start, request->isRunning() ? m_now : request->end, 0.1);
    if (const Slice *slice = m_session.slice(selection.slice))
        return showRange(slice->start, slice->end(), 0.5);
    if (!m_session.isEmpty())
        showRange(m_session.firstTime(), std::max(m_session.lastTime(), m_session.firstTime() + 1'000), 0.02);
}

qreal ScopeView::zoomAnchorX() const
{
    return m_pointer && m_pointer->x() >= m_headerWidth ? m_pointer->x() : m_geometry.plot().center().x();
}

void ScopeView::zoomBy(double factor)
{
    m_state.zoom(factor, m_geometry.toNs(zoomAnchorX()));
}

void ScopeView::panBy(qreal dx)
{
    m_state.scrollBy(qint64(std::llround(dx * m_geometry.nsPerPixel())));
}

void ScopeView::goTo(qint64 endNs)
{
    const qint64 length = m_state.timeRange().length();
    m_state.setTimeRange({std::max(qint64(0), endNs - length), std::max(endNs, length)});
}

void ScopeView::step(int direction)
{
    SliceKey key = m_state.selection().slice;
    if (key.isValid() && m_session.slice(key)) {
        const model::SliceStore &store = m_session.slices(key.lane, key.track);
        const quint64 from = store.find(key.kind, key.start, key.id);
        const quint8 depth = store.at(from).depth;
        quint64 index = from;
        // Neighbours of a row are seldom far apart; a lone nested slice is not searched for without end.
        constexpr quint64 farthest = 65'536;
        for (quint64 steps = 0; steps < farthest; ++steps) {
            if (direction < 0 ? index == store.first() : index + 1 >= store.end())
                return;
            index = direction < 0 ? index - 1 : index + 1;
            if (store.at(index).depth == depth)
                break;
        }
        if (store.at(index).depth != depth)
            return;
        key = model::Session::keyOf(key.lane, key.track, store.at(index));
    } else {
        key = {};
        for (int lane = 0; lane < m_session.laneCount() && !key.isValid(); ++lane) {
            const model::SliceStore &store = m_session.slices(lane, Track::Run);
            const quint64 index = store.lowerBound(m_geometry.startNs());
            if (index < store.end())
                key = model::Session::keyOf(lane, Track::Run, store.at(index));
        }
        if (!key.isValid())
            return;
    }
    const Slice *slice = m_session.slice(key);
    select({.slice = key, .request = slice->request, .connection = slice->connection});
    const TimeRange range = m_state.timeRange();
    if (slice->end() <= range.from || slice->start >= range.to) {
        const qint64 from = std::max(qint64(0), slice->start - range.length() / 2);
        m_state.setTimeRange({from, from + range.length()});
    }
}

// --- events ---

bool ScopeView::viewportEvent(QEvent *event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto *help = static_cast<QHelpEvent *>(event);
        const QString text = toolTipAt(help->pos());
        // Escaped: what came from the network is shown, not rendered.
        QToolTip::showText(help->globalPos(),
                           text.isEmpty() ? QString() : u"<p style='white-space:pre'>"_s % text.toHtmlEscaped() % u"</p>"_s,
                           viewport());
        return true;
    }
    if (event->type() == QEvent::Leave) {
        m_pointer.reset();
        viewport()->update();
    }
    return QAbstractScrollArea::viewportEvent(event);
}

void ScopeView::resizeEvent(QResizeEvent *)
{
    refresh();
}

void ScopeView::changeEvent(QEvent *event)
{
    QAbstractScrollArea::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange) {
        m_style = ScopeStyle(palette(), font());
        updateHeaderWidth();
        scheduleRefresh();
    }
}

void ScopeView::scrollContentsBy(int, int)
{
    m_geometry.setScrollY(verticalScrollBar()->value());
    viewport()->update();
}

void ScopeView::wheelEvent(QWheelEvent *event)
{
    // Of an ordinary wheel one notch is 120: it zooms by a fifth, and scrolls 80 pixels.
    const QPoint angle = event->angleDelta();
    if (event->modifiers().testFlag(Qt::ControlModifier)) {
        m_pointer = event->position();
        zoomBy(std::pow(0.8, angle.y() / 120.0));
    } else {
        const bool lanesScroll = verticalScrollBar()->maximum() > 0 && !event->modifiers().testFlag(Qt::ShiftModifier);
        const int sideways = lanesScroll ? angle.x() : (angle.x() != 0 ? angle.x() : angle.y());
        if (sideways != 0)
            panBy(-sideways * 80 / 120.0);
        if (lanesScroll && angle.y() != 0)
            verticalScrollBar()->setValue(verticalScrollBar()->value() - angle.y() * 60 / 120);
    }
    event->accept();
}

bool ScopeView::isOverHeaderEdge(QPointF point) const
{
    return std::abs(point.x() - m_headerWidth) <= 4;
}

void ScopeView::mousePressEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton)
        return;
    m_dragStart = m_dragLast = event->position();
    if (isOverHeaderEdge(event->position())) {
        m_drag = Drag::Header;
    } else if (event->modifiers().testFlag(Qt::ShiftModifier)) {
        m_drag = Drag::Measure;
        m_measureStart = m_geometry.toNs(event->position().x());
    } else {
        m_drag = Drag::Undecided;
    }
}

void ScopeView::mouseMoveEvent(QMouseEvent *event)
{
    const QPointF point = event->position();
    m_pointer = point;
    if (m_drag == Drag::Undecided && (point - m_dragStart).manhattanLength() >= QApplication::startDragDistance())
        m_drag = Drag::Pan;
    switch (m_drag) {
    case Drag::Header:
        m_headerWidthIsDragged = true;
        m_headerWidth = std::clamp(point.x(), minimumHeaderWidth, maximumHeaderWidth);
        scheduleRefresh();
        break;
    case Drag::Measure: {
        const qint64 ns = m_geometry.toNs(std::max(point.x(), m_headerWidth));
        m_measured = TimeRange{std::min(ns, m_measureStart), std::max(ns, m_measureStart)};
        break;
    }
    case Drag::Pan:
        if (point.x() != m_dragLast.x())
            panBy(m_dragLast.x() - point.x());
        verticalScrollBar()->setValue(verticalScrollBar()->value() + int(m_dragLast.y() - point.y()));
        m_geometry.setTimeRange(m_state.timeRange().from, m_state.timeRange().to);
        viewport()->setCursor(Qt::ClosedHandCursor);
        break;
    case Drag::None: viewport()->setCursor(isOverHeaderEdge(point) ? Qt::SplitHCursor : Qt::ArrowCursor); break;
    case Drag::Undecided: break;
    }
    m_dragLast = point;
    viewport()->update();
}

void ScopeView::mouseReleaseEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton)
        return;
    const Drag drag = std::exchange(m_drag, Drag::None);
    viewport()->setCursor(Qt::ArrowCursor);
    if (drag == Drag::Undecided) {
        m_measured.reset();
        select(targetAt(event->position()));
    } else if (drag == Drag::Measure) {
        if (m_dragLast == m_dragStart)
            m_measured.reset();
        else
            m_state.setFollowing(false); // a range is kept in view
    }
    viewport()->update();
}

void ScopeView::mouseDoubleClickEvent(QMouseEvent *event)
{
    if (isOverHeaderEdge(event->position())) {
        m_headerWidthIsDragged = false;
        updateHeaderWidth();
        scheduleRefresh();
    } else if (!m_state.selection().isEmpty()) {
        fit();
    }
}

void ScopeView::keyPressEvent(QKeyEvent *event)
{
    const auto others = event->modifiers() & ~(Qt::ShiftModifier | Qt::KeypadModifier);
    if (others != Qt::NoModifier || (!zoomOrPanKey(event->key()) && !otherKey(event->key())))
        QAbstractScrollArea::keyPressEvent(event);
}

bool ScopeView::zoomOrPanKey(int key)
{
    const qreal step = m_geometry.plot().width() / 10;
    switch (key) {
    case Qt::Key_W:
    case Qt::Key_Plus:
    case Qt::Key_Equal: zoomBy(0.8); return true;
    case Qt::Key_S:
    case Qt::Key_Minus: zoomBy(1.25); return true;
    case Qt::Key_A:
    case Qt::Key_Left: panBy(-step); return true;
    case Qt::Key_D:
    case Qt::Key_Right: panBy(step); return true;
    default: return false;
    }
}

bool ScopeView::otherKey(int key)
{
    switch (key) {
    case Qt::Key_Up: verticalScrollBar()->triggerAction(QScrollBar::SliderSingleStepSub); return true;
    case Qt::Key_Down: verticalScrollBar()->triggerAction(QScrollBar::SliderSingleStepAdd); return true;
    case Qt::Key_PageUp: verticalScrollBar()->triggerAction(QScrollBar::SliderPageStepSub); return true;
    case Qt::Key_PageDown: verticalScrollBar()->triggerAction(QScrollBar::SliderPageStepAdd); return true;
    case Qt::Key_F: fit(); return true;
    case Qt::Key_Home: goTo(m_session.firstTime() + m_state.timeRange().length()); return true;
    case Qt::Key_End: goTo(std::max(m_now, m_session.lastTime())); return true;
    case Qt::Key_Space: m_state.toggleFollowing(); return true;
    case Qt::Key_Comma: step(-1); return true;
    case Qt::Key_Period: step(1); return true;
    case Qt::Key_Escape:
        m_measured.reset();
        m_state.clearSelection();
        viewport()->update();
        return true;
    default: return false;
    }
}

void ScopeView::focusInEvent(QFocusEvent *event)
{
    QAbstractScrollArea::focusInEvent(event);
    viewport()->update();
}

void ScopeView::focusOutEvent(QFocusEvent *event)
{
    QAbstractScrollArea::focusOutEvent(event);
    viewport()->update();
}

QSize ScopeView::sizeHint() const
{
    return {900, 320};
}

QSize ScopeView::minimumSizeHint() const
{
    return {int(m_headerWidth) + 160, int(m_style.axisHeight + 4 * m_style.rowHeight)};
}

} // namespace loopscope::scope
