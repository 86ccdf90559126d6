// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QList>
#include <QtCore/QtGlobal>

#include <vector>

namespace loopscope::load {

// Counts of latencies from 1 µs to 5 minutes with three significant digits, in fixed memory (153 KiB).
//
// The log-linear layout is HdrHistogram's (https://hdrhistogram.org): 2,048 steps of 1 µs, then 1,024 steps for each
// doubling, so that a step is never wider than a thousandth of its value. Debian 12 packages no HdrHistogram for C or
// C++, hence this one. A value: copied, merged and read on any thread, by one at a time. Adding allocates nothing.
class LatencyHistogram final {
public:
    // Longer latencies are counted in the last step; maximum() and mean() still know them exactly.
    static constexpr qint64 highestNs = qint64(300) * 1'000'000'000;
    // Points of percentiles() for each halving of what is left to 100 %: as HdrHistogram's output.
    static constexpr int pointsPerHalving = 5;

    struct Point {
        double percentile = 0; // 0 … 100
        qint64 latencyNs = 0; // so many percent were not slower
        quint64 count = 0; // how many that were
    };

    LatencyHistogram();

    // Less than 0 is taken as 0.
    void add(qint64 latencyNs) noexcept;
    void merge(const LatencyHistogram &other) noexcept;
    void clear() noexcept;

    [[nodiscard]] quint64 count() const noexcept { return m_count; }
    [[nodiscard]] bool isEmpty() const noexcept { return m_count == 0; }
    // Exact, ns; 0 when empty.
    [[nodiscard]] qint64 minimum() const noexcept { return m_count == 0 ? 0 : m_minimum; }
    [[nodiscard]] qint64 maximum() const noexcept { return m_maximum; }
    [[nodiscard]] double mean() const noexcept { return m_count == 0 ? 0 : m_sum / double(m_count); }
    // The least latency, ns, that at least `percent` of all did not exceed: to three digits, and never more than
    // maximum(). `percent` is clamped to 0 … 100. 0 when empty.
    [[nodiscard]] qint64 percentile(double percent) const noexcept;
    // The distribution as a curve: from the fastest on, ever denser towards 100 %, the last point the slowest of all.
    [[nodiscard]] QList<Point> percentiles() const;

    // Bytes that the counts take.
    [[nodiscard]] static qsizetype memoryBytes() noexcept;

private:
    [[nodiscard]] static std::size_t stepOf(quint64 us) noexcept;
    // The largest latency of a step, ns.
    [[nodiscard]] static qint64 endOf(std::size_t step) noexcept;

    std::vector<quint64> m_counts;
    quint64 m_count = 0;
    double m_sum = 0; // ns
    qint64 m_minimum = 0; // ns
    qint64 m_maximum = 0; // ns
};

} // namespace loopscope::load
