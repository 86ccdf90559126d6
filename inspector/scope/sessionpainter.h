// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/scope/chunkcache.h"
#include "inspector/scope/scopelanes.h"
#include "inspector/scope/scopepainter.h"
#include "inspector/scope/scopetexts.h"
#include "inspector/scope/slicemarks.h"

namespace loopscope::scope {

// Chooses what of a session is drawn where, and with which emphasis; the strokes are ScopePainter's. Lives for one
// paint event.
class SessionPainter {
public:
    // A callback that runs longer than this blocks the loop: 50 ms, as the W3C's Long Tasks API has it.
    static constexpr qint64 blockedAfterNs = 50'000'000;

    struct Input {
        const model::Session &session;
        const ScopeLanes &lanes;
        ChunkCache &chunks;
        const ScopeGeometry &geometry;
        const ScopeStyle &style;
        const model::Selection &selection;
        const QList<model::SliceKey> &selectedSlices; // of the selected request, in order of start
        qint64 now; // ns
        qreal pixel; // of the device, in logical ones
    };
    SessionPainter(const Input &input, ScopePainter &strokes);

    // All lanes in view with what is in them, without their headers.
    void paintLanes();
    void paintHeaders();
    // Over the lanes: from where the selected slice was registered to where it ran.
    void paintArrow();
    // Says which loop is blocked, and in what.
    void paintBlocked();

private:
    void paintPhases(int box, int thread);
    void paintWaits(int box, const model::SliceStore &store, const std::vector<SliceMark> &phases,
                    const std::vector<SliceMark> &waits);
    void paintSleep(int box, int thread);
    [[nodiscard]] QColor phaseFill(trace::Phase phase) const;
    void paintRun(int box, int thread, int firstRow);
    void paintSelectedSlices(int box, int thread, int firstRow);
    void paintRunning(int box, int thread, int firstRow);
    void paintConnection(int box, quint64 number);
    void paintRequest(int box, const model::Request &request, Emphasis emphasis);
    void paintChunks(const QRectF &row, const model::Request &request, Emphasis emphasis);
    [[nodiscard]] Emphasis emphasisOf(const model::Slice &slice, int thread, model::Track track) const;
    [[nodiscard]] Emphasis emphasisOf(quint64 request, quint64 connection) const;
    [[nodiscard]] qint64 endOf(const model::Request &request) const;
    // Middle of a registration's or slice's row at a time; a null point if its lane is not laid out.
    [[nodiscard]] QPointF placeOf(int thread, int depth, qint64 ns) const;

    const Input &m_in;
    ScopePainter &m_strokes;
    const ScopeTexts m_texts;
};

} // namespace loopscope::scope
