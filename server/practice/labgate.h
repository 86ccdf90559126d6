// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QtGlobal>

#include <utility>

namespace loopscope::practice {

// How much the experiments under way may take together, in number, and in bytes of memory or disk. The server's thread.
class LabGate {
public:
    // Runs under way at most; beyond it 503.
    static constexpr int maximumRuns = 256;
    // Bytes that they say they need, in memory or on the disk, at most; beyond it 503. One run alone always fits.
    static constexpr qint64 maximumBytes = qint64(1) << 30;

    // A place within, until it is destroyed; the gate outlives it.
    class Pass {
    public:
        Pass(Pass &&other) noexcept
            : m_gate(std::exchange(other.m_gate, nullptr))
            , m_bytes(other.m_bytes)
        {
        }
        Pass &operator=(Pass &&) = delete;
        ~Pass()
        {
            if (m_gate)
                m_gate->leave(m_bytes);
        }

    private:
        friend class LabGate;
        Pass(LabGate &gate, qint64 bytes) noexcept
            : m_gate(&gate)
            , m_bytes(bytes)
        {
        }
        LabGate *m_gate;
        qint64 m_bytes;
    };

    // Throws AppError 503 (ERR_LAB_BUSY).
    [[nodiscard]] Pass enter(qint64 bytes);
    [[nodiscard]] int runs() const noexcept { return m_runs; }

private:
    void leave(qint64 bytes) noexcept;

    int m_runs = 0;
    qint64 m_bytes = 0;
};

} // namespace loopscope::practice
