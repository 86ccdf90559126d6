// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "load/labrun.h"

#include <QtCore/QByteArray>
#include <QtCore/QElapsedTimer>
#include <QtCore/QTimer>

#include <chrono>
#include <functional>

namespace loopscope::app {

// What a `loopscope lab run` does at this moment, on standard error. A terminal has one line, which is written over and
// is gone when the run has ended. Anything else (a log, a pipe) gets a whole line now and then, so that a run that takes
// long is not silent; a short one leaves nothing there.
//
// Owned by the command; its thread, which runs a Qt event loop. Writes nothing but through `write`.
class ProgressLine final {
public:
    using Write = std::function<void(const QByteArray &)>;
    // Between one line of a log and the next, and before the first. Bazel's are 10, 30, then 60 s.
    static constexpr std::chrono::milliseconds logPace{30'000};
    // A terminal's line is written again so often while nothing changes: its seconds do.
    static constexpr std::chrono::milliseconds terminalPace{1'000};
    // Of a terminal's line, characters: in a narrower one it would wrap and could not be written over.
    static constexpr qsizetype columns = 79;

    // `pace`: one of the two above, or a test's.
    ProgressLine(Write write, bool onTerminal, std::chrono::milliseconds pace);
    // Standard error.
    ProgressLine();
    ProgressLine(const ProgressLine &) = delete;
    ProgressLine &operator=(const ProgressLine &) = delete;

    void begin(const load::LabPlan &plan);
    void update(const load::LabProgress &progress);
    // Nothing is left of it on a terminal. Does nothing before begin().
    void end();

private:
    void tell();

    const Write m_write;
    const bool m_onTerminal;
    load::LabPlan m_plan;
    load::LabProgress m_progress;
    QElapsedTimer m_elapsed;
    QTimer m_timer;
    qsizetype m_shown = 0; // characters of the terminal's line
};

} // namespace loopscope::app
