// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtWidgets/QApplication>

#include <vector>

namespace loopscope::bench {

// An application that knows when something of a window was painted, and how long each event kept its thread.
//
// A frame is an event (the outermost: UpdateRequest, as a rule) in which widgets were painted; it counts at its end,
// when the pixels are with the platform. Made by main(); its thread.
class MeteredApplication final : public QApplication {
public:
    // Since the last take().
    struct Figures {
        std::vector<qint64> gaps; // ns from the end of one frame to the end of the next
        qint64 longestEvent = 0; // ns
        QByteArray longestEventWas; // "Timer to QTimer"
        qint64 totalNs = 0;
        qint64 processorNs = 0; // that the thread had

        [[nodiscard]] double framesPerSecond() const;
        [[nodiscard]] double processorMsPerFrame() const;
        // Of the gaps, ms; `share` 0 to 1. 0 without frames.
        [[nodiscard]] double gapMs(double share) const;
    };

    MeteredApplication(int &argc, char **argv);
    bool notify(QObject *receiver, QEvent *event) override;

    // What was measured since the last call; measuring begins anew. The first gap counts from here.
    Figures take();
    // Frames since the application was made.
    [[nodiscard]] quint64 frames() const noexcept { return m_frames; }

private:

    Figures m_figures;
    quint64 m_frames = 0;
    qint64 m_takenNs = 0;
    qint64 m_takenProcessorNs = 0;
    qint64 m_lastFrameNs = 0;
    int m_depth = 0; // of notify() in itself
    bool m_painted = false; // in the outermost event
};

} // namespace loopscope::bench
