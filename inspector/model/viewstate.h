// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/slice.h"

#include <QtCore/QObject>
#include <QtCore/QString>

namespace loopscope::model {

// A stretch of time, ns on the trace's clock. from <= to.
struct TimeRange {
    qint64 from = 0;
    qint64 to = 0;
    [[nodiscard]] qint64 length() const noexcept { return to - from; }
    friend bool operator==(const TimeRange &, const TimeRange &) = default;
};

// What is selected. A slice brings its request with it, a request its connection; 0 and an invalid key are none.
struct Selection {
    quint64 request = 0;
    quint64 connection = 0;
    SliceKey slice;
    [[nodiscard]] bool isEmpty() const noexcept { return request == 0 && connection == 0 && !slice.isValid(); }
    friend bool operator==(const Selection &, const Selection &) = default;
};

// The one selection, time range, filter and follow flag that all views share. Made by app/; GUI thread (or the
// test's). Views read and write it and listen to its signals; it never looks into a session.
//
// Following: what is live moves only at the newest end. While following() is true advance(now) moves the time range so
// that it ends at `now`; it becomes false by itself as soon as a person scrolls (setTimeRange), selects or presses
// Space (toggleFollowing), and true again only by setFollowing(true) or toggleFollowing().
class ViewState final : public QObject {
    Q_OBJECT

public:
    // Shortest and longest time range, ns: 1 µs, and a day.
    static constexpr qint64 minimumRangeNs = 1'000;
    static constexpr qint64 maximumRangeNs = qint64(86'400) * 1'000'000'000;
    // What the range is at first.
    static constexpr qint64 defaultRangeNs = 1'000'000'000;

    explicit ViewState(QObject *parent = nullptr);

    [[nodiscard]] const Selection &selection() const noexcept { return m_selection; }
    // Selecting something stops following; selecting nothing does not start it again.
    void select(const Selection &selection);
    void selectRequest(quint64 request, quint64 connection = 0);
    void selectConnection(quint64 connection);
    void clearSelection() { select({}); }

    [[nodiscard]] TimeRange timeRange() const noexcept { return m_range; }
    // By a person: stops following. Clamped to the lengths above, about its centre; never before 0.
    void setTimeRange(TimeRange range);
    // Zooms by `factor` (< 1: in) about `anchor`, a time that stays where it is on the screen. While following, the
    // newest end stays instead, and following goes on.
    void zoom(double factor, qint64 anchorNs);
    // Scrolls; stops following.
    void scrollBy(qint64 ns);

    [[nodiscard]] bool isFollowing() const noexcept { return m_following; }
    void setFollowing(bool following);
    // What Space does.
    void toggleFollowing() { setFollowing(!m_following); }
    // The owner calls it, at most 60 times a second: the newest time. Does nothing unless following.
    void advance(qint64 nowNs);

    // As typed; FilterExpression understands it, and the views that filter show its error.
    [[nodiscard]] const QString &filter() const noexcept { return m_filter; }
    void setFilter(const QString &filter);

Q_SIGNALS:
    void selectionChanged(const loopscope::model::Selection &selection);
    void timeRangeChanged(loopscope::model::TimeRange range);
    void followingChanged(bool following);
    void filterChanged(const QString &filter);

private:
    void applyRange(TimeRange range);

    Selection m_selection;
    TimeRange m_range{0, defaultRangeNs};
    QString m_filter;
    bool m_following = true;
};

} // namespace loopscope::model
