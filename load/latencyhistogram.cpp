// SPDX-License-Identifier: GPL-3.0-or-later
#include "load/latencyhistogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace loopscope::load {

namespace {

constexpr int linearBits = 11; // 2,048 steps of 1 µs: three digits need at least 2 × 10³
constexpr quint64 linearSteps = quint64(1) << linearBits;
constexpr quint64 stepsPerDoubling = linearSteps / 2;
constexpr qint64 nsPerUs = 1'000;
constexpr quint64 highestUs = quint64(LatencyHistogram::highestNs / nsPerUs);

// Doublings behind the linear part: 0 for values in it.
constexpr int doublingOf(quint64 us)
{
    return std::max(0, int(std::bit_width(us)) - linearBits);
}

constexpr std::size_t stepFor(quint64 us)
{
    const int doubling = doublingOf(us);
    return std::size_t(quint64(doubling) * stepsPerDoubling + (us >> doubling));
}

constexpr std::size_t stepCount = stepFor(highestUs) + 1;

} // namespace

LatencyHistogram::LatencyHistogram()
    : m_counts(stepCount)
{
}

std::size_t LatencyHistogram::stepOf(quint64 us) noexcept
{
    return stepFor(std::min(us, highestUs));
}

qint64 LatencyHistogram::endOf(std::size_t step) noexcept
{
    if (step < linearSteps)
        return qint64(step) * nsPerUs;
    const quint64 doubling = (quint64(step) - stepsPerDoubling) / stepsPerDoubling;
    const quint64 within = quint64(step) - doubling * stepsPerDoubling;
    return qint64(((within + 1) << doubling) - 1) * nsPerUs;
}

void LatencyHistogram::add(qint64 latencyNs) noexcept
{
    const qint64 ns = std::max<qint64>(0, latencyNs);
    ++m_counts[stepOf(quint64(ns + nsPerUs / 2) / nsPerUs)];
    m_minimum = m_count == 0 ? ns : std::min(m_minimum, ns);
    m_maximum = std::max(m_maximum, ns);
    m_sum += double(ns);
    ++m_count;
}

void LatencyHistogram::merge(const LatencyHistogram &other) noexcept
{
    if (other.m_count == 0)
        return;
    for (std::size_t i = 0; i < stepCount; ++i)
        m_counts[i] += other.m_counts[i];
    m_minimum = m_count == 0 ? other.m_minimum : std::min(m_minimum, other.m_minimum);
    m_maximum = std::max(m_maximum, other.m_maximum);
    m_sum += other.m_sum;
    m_count += other.m_count;
}

void LatencyHistogram::clear() noexcept
{
    std::fill(m_counts.begin(), m_counts.end(), 0);
    m_count = 0;
    m_sum = 0;
    m_minimum = 0;
    m_maximum = 0;
}

qint64 LatencyHistogram::percentile(double percent) const noexcept
{
    if (m_count == 0)
        return 0;
    // A share like 99.9 has no exact double: what is a hair above a whole number of requests is that number.
    const double wanted = std::clamp(percent, 0.0, 100.0) / 100 * double(m_count);
    const quint64 rank = std::clamp<quint64>(quint64(std::ceil(wanted - 1e-6)), 1, m_count);
    quint64 sum = 0;
    for (std::size_t i = 0; i < stepCount; ++i) {
        sum += m_counts[i];
        if (sum >= rank)
            return i + 1 == stepCount ? m_maximum : std::clamp(endOf(i), m_minimum, m_maximum);
    }
    return m_maximum;
}

QList<LatencyHistogram::Point> LatencyHistogram::percentiles() const
{
    QList<Point> points;
    if (m_count == 0)
        return points;
    for (int i = 0;; ++i) {
        // What is left to 100 % halves every pointsPerHalving points, until it is less than one request.
        const double left = std::exp2(-double(i) / pointsPerHalving);
        if (left * double(m_count) < 1)
            break;
        const double percent = 100 * (1 - left);
        const qint64 latency = percentile(percent);
        const quint64 count = std::max<quint64>(1, quint64(std::ceil(percent / 100 * double(m_count) - 1e-6)));
        points.append({percent, latency, count});
    }
    points.append({100, m_maximum, m_count});
    return points;
}

qsizetype LatencyHistogram::memoryBytes() noexcept
{
    return qsizetype(stepCount * sizeof(quint64));
}

} // namespace loopscope::load
