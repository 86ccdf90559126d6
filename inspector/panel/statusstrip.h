// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/session.h"

#include <QtWidgets/QWidget>

QT_BEGIN_NAMESPACE
class QLabel;
QT_END_NAMESPACE

namespace loopscope::panel {

class ElidedLabel;

// The window's status line: "listening · 12 connections (3 in flight) · lag p99 0.4 ms · pool 2/4 · 1,204 req/s ·
// 0 records dropped", and beside it, in words, that the loop is blocked or that records were dropped.
//
// Made by app/; GUI thread; the session must outlive it. Every figure is measured; see LoopStatistics.
class StatusStrip final : public QWidget {
    Q_OBJECT

public:
    // A callback that has run for longer than this blocks the others, and is named. 50 ms: a person notices 100 ms
    // (Nielsen's limit of "instantaneous"), and two such callbacks in a row make one.
    static constexpr qint64 blockedNs = 50'000'000;

    explicit StatusStrip(const model::Session &session, QWidget *parent = nullptr);

    // At most 60 times a second, with the time on the clock.
    void tick(qint64 nowNs);

    [[nodiscard]] QString text() const;
    // Empty when there is nothing to notice.
    [[nodiscard]] QString blockedNotice() const;
    [[nodiscard]] QString droppedNotice() const;

protected:
    void changeEvent(QEvent *event) override;

private:
    // Figures that change faster cannot be read.
    static constexpr qint64 refreshNs = 250'000'000;
    void updateText(const model::LoopStatistics &loop);
    void updateNotices(const model::LoopStatistics &loop);
    [[nodiscard]] QString blockedWords(const model::LoopStatistics &loop) const;
    void colorNotices();

    const model::Session &m_session;
    ElidedLabel *const m_text;
    QLabel *const m_blocked;
    QLabel *const m_dropped;
    qint64 m_refreshed = -1; // ns
};

} // namespace loopscope::panel
