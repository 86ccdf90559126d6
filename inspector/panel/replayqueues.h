// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/replay.h"

#include <QtCore/QAbstractTableModel>

#include <array>

namespace loopscope::panel {

// The queues of a loop as they stood before one step: a column each, what waits below each other. What the step runs has a
// mark in front of it and is bold. Owned by ReplayView; GUI thread.
class ReplayQueues final : public QAbstractTableModel {
    Q_OBJECT

public:
    // Entries shown of a queue; a last one counts the rest.
    static constexpr qsizetype maximumRows = 500;
    // In front of what runs now.
    static constexpr char16_t runsNowMark = u'\u25b6';

    explicit ReplayQueues(const model::Replay &replay, QObject *parent = nullptr);

    // -1: none, all empty.
    void show(qsizetype step);
    // How many wait in it.
    [[nodiscard]] qsizetype lengthOf(model::ReplayQueue queue) const { return m_queues[std::size_t(queue)].size(); }
    // The cell of what runs now; invalid if that waited in no queue.
    [[nodiscard]] QModelIndex runningNow() const;

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    [[nodiscard]] static QString queueName(model::ReplayQueue queue);
    [[nodiscard]] static QString queueWords(model::ReplayQueue queue);
    [[nodiscard]] static QLatin1StringView usualName(model::ReplayQueue queue);
    [[nodiscard]] QString entryWords(const model::ReplayEntry &entry, model::ReplayQueue queue) const;
    [[nodiscard]] QString entryToolTip(const model::ReplayEntry &entry, model::ReplayQueue queue) const;

    const model::Replay &m_replay;
    std::array<QList<model::ReplayEntry>, model::replayQueueCount> m_queues;
    qint64 m_now = 0; // start of the step, ns
};

} // namespace loopscope::panel
