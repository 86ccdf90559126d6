// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/pooljobmodel.h"
#include "inspector/model/poolqueuemodel.h"
#include "inspector/model/poolworkermodel.h"

#include <QtWidgets/QWidget>

QT_BEGIN_NAMESPACE
class QLabel;
class QSpinBox;
class QSplitter;
QT_END_NAMESPACE

namespace loopscope::panel {

class EmptyText;
class ListView;

// The dock of the worker pool: its size and how to change it, what each worker runs, what waits, and how long jobs waited
// and ran.
//
// Made by app/; GUI thread; the session must outlive it. It asks for another size by a signal and shows the one that the
// pool has. It owns no timer: tick(now) is called by the one that app/ has; a hidden one costs nothing.
class PoolBoard final : public QWidget {
    Q_OBJECT

public:
    // What a person may ask for: the range of a pool (loop::WorkerPool::minimumThreads, maximumThreads).
    static constexpr int minimumThreads = 1;
    static constexpr int maximumThreads = 64;
    // So long a size that was asked for stands in the box; then the one that the pool has.
    static constexpr qint64 requestNs = 1'000'000'000;

    explicit PoolBoard(const model::Session &session, QWidget *parent = nullptr);

    // At most 60 times a second, with the time on the clock. Does nothing while the panel is hidden.
    void tick(qint64 nowNs);

    // "4 threads, none started yet", "2 of 4 threads run, 3 jobs wait · 12 jobs/s"
    [[nodiscard]] QString stateWords() const;
    [[nodiscard]] QSpinBox *threadsBox() const { return m_threads; }
    [[nodiscard]] ListView &workers() const { return *m_workerList; }
    [[nodiscard]] ListView &queue() const { return *m_queueList; }
    [[nodiscard]] ListView &jobs() const { return *m_jobList; }

Q_SIGNALS:
    // A person asks for a pool of so many threads.
    void threadsRequested(int threads);

protected:
    void showEvent(QShowEvent *event) override;

private:
    static constexpr qint64 refreshNs = 250'000'000;
    void setUpControls();
    void setUpLists();
    void layOut();
    [[nodiscard]] QWidget *section(const QString &title, ListView *list, QSplitter *into);
    void refresh();
    void updateThreads();
    void updateEmptyTexts();
    [[nodiscard]] QString state() const;

    const model::Session &m_session;
    model::PoolWorkerModel m_workers;
    model::PoolQueueModel m_queue;
    model::PoolJobModel m_jobs;
    QSpinBox *const m_threads;
    QLabel *const m_state;
    ListView *const m_workerList;
    ListView *const m_queueList;
    ListView *const m_jobList;
    EmptyText *const m_workersEmpty;
    EmptyText *const m_queueEmpty;
    EmptyText *const m_jobsEmpty;
    bool m_setting = false; // the box is set by the program
    qint64 m_requestedAt = -1; // ns; -1: nothing is asked for
    qint64 m_time = 0; // ns: of the last tick
    qint64 m_refreshed = -1; // ns
};

} // namespace loopscope::panel
