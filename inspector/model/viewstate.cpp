// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/model/viewstate.h"

#include <algorithm>
#include <cmath>

namespace loopscope::model {

ViewState::ViewState(QObject *parent)
    : QObject(parent)
{
}

void ViewState::select(const Selection &selection)
{
    if (selection == m_selection)
        return;
    m_selection = selection;
    if (!selection.isEmpty())
        setFollowing(false);
    Q_EMIT selectionChanged(m_selection);
}

void ViewState::selectRequest(quint64 request, quint64 connection)
{
    select({request, connection, {}});
}

void ViewState::selectConnection(quint64 connection)
{
    select({0, connection, {}});
}

void ViewState::setTimeRange(TimeRange range)
{
    setFollowing(false);
    applyRange(range);
}

void ViewState::zoom(double factor, qint64 anchorNs)
{
    if (!(factor > 0) || !std::isfinite(factor))
        return;
    const double length = std::clamp(double(m_range.length()) * factor, double(minimumRangeNs), double(maximumRangeNs));
    if (m_following) {
        applyRange({m_range.to - qint64(length), m_range.to});
        return;
    }
    const double share = m_range.length() > 0
        ? std::clamp(double(anchorNs - m_range.from) / double(m_range.length()), 0.0, 1.0)
        : 0.5;
    const qint64 anchor = std::clamp(anchorNs, m_range.from, m_range.to);
    const qint64 from = anchor - qint64(std::llround(length * share));
    applyRange({from, from + qint64(length)});
}

void ViewState::scrollBy(qint64 ns)
{
    setTimeRange({m_range.from + ns, m_range.to + ns});
}

void ViewState::setFollowing(bool following)
{
    if (following == m_following)
        return;
    m_following = following;
    Q_EMIT followingChanged(following);
}

void ViewState::advance(qint64 nowNs)
{
    if (m_following)
        applyRange({nowNs - m_range.length(), nowNs});
}

void ViewState::setFilter(const QString &filter)
{
    if (filter == m_filter)
        return;
    m_filter = filter;
    Q_EMIT filterChanged(m_filter);
}

void ViewState::applyRange(TimeRange range)
{
    const qint64 length = std::clamp(range.length(), minimumRangeNs, maximumRangeNs);
    if (length != range.length()) {
        const qint64 centre = range.from + range.length() / 2;
        range = {centre - length / 2, centre - length / 2 + length};
    }
    if (range.from < 0)
        range = {0, length};
    if (range == m_range)
        return;
    m_range = range;
    Q_EMIT timeRangeChanged(m_range);
}

} // namespace loopscope::model
