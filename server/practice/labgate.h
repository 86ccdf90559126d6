// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QtGlobal>

#include <memory>

namespace loopscope::practice {

// How much the experiments under way may take together, in number, and in bytes of memory or disk. The server's thread.
class LabGate {
    struct Sums {
        int runs = 0;
        qint64 bytes = 0;
    };

public:
    // Runs under way at most; beyond it 503.
    static constexpr int maximumRuns = 256;
    // Bytes that they say they need, in memory or on the disk, at most; beyond it 503. One run alone always fits.
    static constexpr qint64 maximumBytes = qint64(1) << 30;

    // A place within, until it is destroyed; it may outlive the gate, as the work of a request outlives its server.
    class Pass {
    public:
        Pass(Pass &&other) noexcept = default;
        Pass &operator=(Pass &&) = delete;
        ~Pass();

    private:
        friend class LabGate;
        Pass(std::shared_ptr<Sums> under, qint64 bytes);
        std::shared_ptr<Sums> m_under; // null: moved from
        qint64 m_bytes;
    };

    // Throws AppError 503 (ERR_LAB_BUSY).
    [[nodiscard]] Pass enter(qint64 bytes);
    [[nodiscard]] int runs() const noexcept { return m_under->runs; }

private:
    const std::shared_ptr<Sums> m_under = std::make_shared<Sums>();
};

} // namespace loopscope::practice
