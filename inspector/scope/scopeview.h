// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/session.h"
#include "inspector/model/viewstate.h"
#include "inspector/scope/chunkcache.h"
#include "inspector/scope/scopegeometry.h"
#include "inspector/scope/scopelanes.h"
#include "inspector/scope/scopestyle.h"

#include <QtWidgets/QAbstractScrollArea>

#include <optional>

namespace loopscope::scope {

class ScopePainter;

// The timeline: lanes of the loop, the workers and the connections over one axis of time.
//
// Made by app/; the session and the view state must outlive it. GUI thread. It reads the session, and shares time range,
// selection and following with the other views through the view state alone. It owns no timer and no clock: the owner
// calls tick() with the time. It never writes to the session and keeps no copy of it.
//
// Mouse: wheel scrolls (time, or lanes when they do not all fit), Shift+wheel scrolls time, Ctrl+wheel zooms at the
// pointer, dragging moves, Shift+dragging measures and keeps a range, a click selects, a double click fits what it hits.
// Keys: W S + - zoom, A D ← → scroll time, ↑ ↓ scroll lanes, F fits the range or the selection, Home End go to the
// session's ends, Space follows, Escape clears, comma and full stop select the slice before and after.
class ScopeView final : public QAbstractScrollArea {
    Q_OBJECT

public:
    // Width of the header column, logical pixels: as dragged by a person.
    static constexpr qreal minimumHeaderWidth = 60;
    static constexpr qreal maximumHeaderWidth = 400;
    // A pointer this near to a slice hits it, logical pixels.
    static constexpr qreal hitTolerance = 3;
    // How often the slices of a selected request that still runs are looked up anew, ns: it reads all since its start.
    static constexpr qint64 collectEveryNs = 250'000'000;

    ScopeView(const model::Session &session, model::ViewState &state, QWidget *parent = nullptr);

    // The time on the clock, ns, up to 60 times a second: what runs grows. (ViewState::advance() is the owner's, too.)
    void tick(qint64 nowNs);

    // The time, ns on the clock, that the axis calls 0; nothing: the session's first record.
    void setZero(std::optional<qint64> ns);
    [[nodiscard]] qint64 zeroNs() const { return m_zero.value_or(m_session.firstTime()); }

    // Where everything is, as of the last layout; for tests and the owner's overlays.
    [[nodiscard]] const ScopeGeometry &geometryOfScope() const noexcept { return m_geometry; }
    [[nodiscard]] const std::vector<ScopeLane> &lanes() const noexcept { return m_lanes.all(); }
    // The range measured with Shift+drag.
    [[nodiscard]] std::optional<model::TimeRange> measuredRange() const noexcept { return m_measured; }
    // Lays out anew now, not with the next turn of the event loop.
    void refresh();
    // Shows all of the measured range, of the selected slice or request, or of the session.
    void fit();
    // Selects the slice before (-1) or after (+1) the selected one in its row; without one the first in view.
    void step(int direction);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    bool viewportEvent(QEvent *event) override;
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void changeEvent(QEvent *event) override;
    void scrollContentsBy(int dx, int dy) override;
    void wheelEvent(QWheelEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void mouseDoubleClickEvent(QMouseEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void focusInEvent(QFocusEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;

private:
    enum class Drag { None, Undecided, Pan, Measure, Header };
    // What lies under the pointer.
    struct Target {
        model::SliceKey slice;
        quint64 request = 0;
        quint64 connection = 0;
        int running = -1; // lane whose live slice it is
        int sleeping = -1; // lane whose sleep it is, which has not ended
    };

    void connectModel();
    void scheduleRefresh();
    void onSelectionChanged();
    void updateHeaderWidth();
    void updateScrollBar();
    void collectSelectedSlices();
    void collectIfDue();
    void showRange(qint64 fromNs, qint64 toNs, double margin);
    void zoomBy(double factor);
    void panBy(qreal dx);
    void goTo(qint64 endNs);
    [[nodiscard]] qreal zoomAnchorX() const;
    [[nodiscard]] bool isOverHeaderEdge(QPointF point) const;
    [[nodiscard]] Target targetAt(QPointF point) const;
    [[nodiscard]] Target threadTargetAt(const ScopeLane &lane, const Hit &hit) const;
    [[nodiscard]] Target connectionTargetAt(quint64 connection, qint64 ns) const;
    [[nodiscard]] QString toolTipAt(QPointF point) const;
    void select(const Target &target);
    bool zoomOrPanKey(int key);
    bool otherKey(int key);
    void paintOverlays(ScopePainter &strokes);

    const model::Session &m_session;
    model::ViewState &m_state;
    std::optional<qint64> m_zero; // ns
    ScopeGeometry m_geometry;
    ScopeStyle m_style;
    ScopeLanes m_lanes;
    ChunkCache m_chunks;
    QList<model::SliceKey> m_selectedSlices; // of the selected request, in order of start
    qint64 m_collectedAt = 0; // ns
    bool m_collectIsDue = false; // slices came since
    qint64 m_now = 0; // ns
    qreal m_headerWidth = 0;
    bool m_headerWidthIsDragged = false;
    bool m_refreshIsScheduled = false;

    std::optional<model::TimeRange> m_measured;
    std::optional<QPointF> m_pointer; // over the viewport
    Drag m_drag = Drag::None;
    QPointF m_dragStart;
    QPointF m_dragLast;
    qint64 m_measureStart = 0; // ns
};

} // namespace loopscope::scope
