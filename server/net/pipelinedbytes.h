// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QByteArrayView>

#include <array>

namespace loopscope::net {

// Bytes of following requests that came while an answer was outstanding, and when they came, so that a request's time
// begins with its first byte and not with the end of its predecessor. A value of one Connection; the loop's thread.
class PipelinedBytes {
public:
    [[nodiscard]] bool isEmpty() const noexcept { return m_begin == m_bytes.size(); }
    [[nodiscard]] qsizetype size() const noexcept { return m_bytes.size() - m_begin; }

    // `arrivedAt`: ns on the trace's clock, 0 if not known.
    void append(QByteArrayView bytes, qint64 arrivedAt);
    // When the first of them came.
    [[nodiscard]] qint64 arrivedAt() const noexcept { return m_arrivals[0].at; }
    // Valid until the next append().
    [[nodiscard]] QByteArrayView bytes() const noexcept { return QByteArrayView(m_bytes).sliced(m_begin); }
    // Drops the first `count` of them.
    void consume(qsizetype count);
    void clear();

    // Arrivals that are told apart; what comes after the last counts as come with it.
    static constexpr std::size_t maximumArrivals = 8;

private:
    struct Arrival {
        qint64 at = 0; // ns on the trace's clock
        qsizetype offset = 0; // of its first byte in m_bytes
    };
    QByteArray m_bytes;
    qsizetype m_begin = 0;
    std::array<Arrival, maximumArrivals> m_arrivals; // in order; the first holds m_begin
    std::size_t m_arrivalCount = 0;
};

} // namespace loopscope::net
