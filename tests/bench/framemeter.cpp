// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/framemeter.h"

#include "tests/bench/pinning_linux.h"

#include <QtCore/QEvent>
#include <QtCore/QMetaEnum>
#include <QtCore/QPointer>
#include <QtCore/QThread>

#include <algorithm>
#include <chrono>
#include <utility>

namespace loopscope::bench {

namespace {

qint64 nowNs()
{
    return std::chrono::steady_clock::now().time_since_epoch().count();
}

QByteArray describe(const QObject *receiver, QEvent::Type type)
{
    const char *name = QMetaEnum::fromType<QEvent::Type>().valueToKey(type);
    return QByteArray(name ? name : "event") + " to " + receiver->metaObject()->className();
}

} // namespace

double MeteredApplication::Figures::framesPerSecond() const
{
    return totalNs == 0 ? 0 : double(gaps.size()) * 1e9 / double(totalNs);
}

double MeteredApplication::Figures::processorMsPerFrame() const
{
    return gaps.empty() ? 0 : double(processorNs) / 1e6 / double(gaps.size());
}

double MeteredApplication::Figures::gapMs(double share) const
{
    if (gaps.empty())
        return 0;
    std::vector<qint64> sorted = gaps;
    std::sort(sorted.begin(), sorted.end());
    return double(sorted[std::min(sorted.size() - 1, std::size_t(share * double(sorted.size())))]) / 1e6;
}

MeteredApplication::MeteredApplication(int &argc, char **argv)
    : QApplication(argc, argv)
{
    take();
}

bool MeteredApplication::notify(QObject *receiver, QEvent *event)
{
    if (QThread::currentThread() != thread())
        return QApplication::notify(receiver, event);
    m_painted = m_painted || event->type() == QEvent::Paint;
    if (m_depth > 0)
        return QApplication::notify(receiver, event);
    const QEvent::Type type = event->type();
    const QPointer<QObject> kept(receiver);
    m_painted = type == QEvent::Paint;
    const qint64 began = nowNs();
    ++m_depth;
    const bool taken = QApplication::notify(receiver, event);
    --m_depth;
    const qint64 end = nowNs();
    if (end - began > m_figures.longestEvent) {
        m_figures.longestEvent = end - began;
        m_figures.longestEventWas = kept ? describe(kept, type) : QByteArray("event to something that is gone");
    }
    if (m_painted) {
        ++m_frames;
        m_figures.gaps.push_back(end - std::exchange(m_lastFrameNs, end));
    }
    return taken;
}

MeteredApplication::Figures MeteredApplication::take()
{
    const qint64 now = nowNs();
    const qint64 processor = processorNs();
    Figures figures = std::exchange(m_figures, {});
    if (!figures.gaps.empty() && m_lastFrameNs < now) // one that is still awaited counts for as long as it is
        figures.gaps.back() = std::max(figures.gaps.back(), now - m_lastFrameNs);
    figures.totalNs = now - std::exchange(m_takenNs, now);
    figures.processorNs = processor - std::exchange(m_takenProcessorNs, processor);
    m_lastFrameNs = now;
    return figures;
}

} // namespace loopscope::bench
