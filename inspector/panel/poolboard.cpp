// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/panel/poolboard.h"

#include "inspector/model/formatting.h"
#include "inspector/panel/emptytext.h"
#include "inspector/panel/inview.h"
#include "inspector/panel/listview.h"
#include "inspector/panel/plaintext.h"
#include "inspector/panel/sharedelegate.h"

#include <QtCore/QScopedValueRollback>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QLabel>
#include <QtWidgets/QSpinBox>
#include <QtWidgets/QSplitter>
#include <QtWidgets/QVBoxLayout>

using namespace Qt::StringLiterals;

namespace loopscope::panel {

using model::formatCount;
using model::PoolJobModel;
using model::PoolQueueModel;
using model::PoolWorkerModel;

PoolBoard::PoolBoard(const model::Session &session, QWidget *parent)
    : QWidget(parent)
    , m_session(session)
    , m_workers(session)
    , m_queue(session)
    , m_jobs(session)
    , m_threads(new QSpinBox(this))
    , m_state(new QLabel(this))
    , m_workerList(new ListView(tr("Workers"), this))
    , m_queueList(new ListView(tr("Queue"), this))
    , m_jobList(new ListView(tr("Recent jobs"), this))
    , m_workersEmpty(new EmptyText(m_workerList, {}))
    , m_queueEmpty(new EmptyText(m_queueList, {}))
    , m_jobsEmpty(new EmptyText(m_jobList, {}))
{
    setUpControls();
    setUpLists();
    layOut();
    m_time = session.lastTime();
    refresh();
}

void PoolBoard::setUpControls()
{
    m_threads->setRange(minimumThreads, maximumThreads);
    m_threads->setKeyboardTracking(false); // a size is asked for when it has been typed, not digit by digit
    m_threads->setAccessibleName(tr("Threads of the pool"));
    m_threads->setToolTip(plainToolTip(tr("Threads of the worker pool, %1 to %2, at once: new ones start, those that are too "
                                          "many end after their job. In Node it is UV_THREADPOOL_SIZE, fixed at the start.")
                                           .arg(minimumThreads)
                                           .arg(maximumThreads)));
    connect(m_threads, &QSpinBox::valueChanged, this, [this](int threads) {
        if (m_setting)
            return;
        m_requestedAt = m_time;
        Q_EMIT threadsRequested(threads);
    });
    m_state->setTextFormat(Qt::PlainText);
    m_state->setWordWrap(true);
    m_state->setAccessibleName(tr("State of the pool"));
    m_state->setToolTip(plainToolTip(tr("Threads that run a job, jobs that wait for a free one, and jobs that ended in the "
                                        "last second")));
}

void PoolBoard::setUpLists()
{
    const auto bar = [](const ShareDelegate::Roles &roles, const QList<int> &numeric, ListView *list) {
        auto *delegate = new ShareDelegate(roles, list);
        delegate->numericColumns = numeric;
        list->setItemDelegate(delegate);
    };
    m_workerList->setModel(&m_workers);
    bar({.column = PoolWorkerModel::Progress,
         .share = PoolWorkerModel::ProgressRole,
         .bold = PoolWorkerModel::RunningRole,
         .sample = u"999 of 999"_s},
        {PoolWorkerModel::RequestNumber, PoolWorkerModel::Since, PoolWorkerModel::Progress}, m_workerList);
    m_workerList->setColumnSample(PoolWorkerModel::Worker, u"   pool 64"_s);
    m_workerList->setColumnSample(PoolWorkerModel::Since, u"Runs for "_s);
    m_workerList->setColumnSample(PoolWorkerModel::RequestNumber, u"#99999"_s);
    m_workerList->setColumnSample(PoolWorkerModel::Job, u"hashRandom..."_s);
    m_queueList->setModel(&m_queue);
    m_queueList->setNumericColumns({PoolQueueModel::RequestNumber, PoolQueueModel::Waits});
    m_queueList->setColumnSample(PoolQueueModel::Job, u"writeFile, written"_s);
    m_queueList->setColumnSample(PoolQueueModel::RequestNumber, u"#99999"_s);
    m_queueList->setColumnSample(PoolQueueModel::Waits, u"Waits for "_s);
    m_jobList->setModel(&m_jobs);
    bar({.column = PoolJobModel::Bar, .share = PoolJobModel::WaitShareRole, .second = PoolJobModel::RunShareRole},
        {PoolJobModel::Count, PoolJobModel::Wait, PoolJobModel::Run, PoolJobModel::Longest}, m_jobList);
    m_jobList->setColumnSample(PoolJobModel::Job, u"hashRandom..."_s);
    m_jobList->setColumnSample(PoolJobModel::Count, u"1,000"_s);
    for (const int times : {PoolJobModel::Wait, PoolJobModel::Run, PoolJobModel::Longest})
        m_jobList->setColumnSample(times, u"99.9 ms "_s);
    m_jobList->horizontalHeader()->setStretchLastSection(false); // which keeps to a least width
    m_jobList->horizontalHeader()->setSectionResizeMode(PoolJobModel::Bar, QHeaderView::Stretch);
    for (EmptyText *empty : {m_workersEmpty, m_queueEmpty, m_jobsEmpty})
        empty->watchModel();
}

QWidget *PoolBoard::section(const QString &title, ListView *list, QSplitter *into)
{
    auto *box = new QWidget(into);
    auto *label = new QLabel(title, box);
    label->setBuddy(list);
    label->setContentsMargins(6, 4, 6, 0);
    auto *layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(2);
    layout->addWidget(label);
    layout->addWidget(list);
    list->setMinimumHeight(3 * list->fontMetrics().height());
    return box;
}

void PoolBoard::layOut()
{
    auto *label = new QLabel(tr("&Threads"), this);
    label->setBuddy(m_threads);
    auto *top = new QHBoxLayout;
    top->setContentsMargins(6, 6, 6, 0);
    top->addWidget(label);
    top->addWidget(m_threads);
    top->addWidget(m_state, 1);
    auto *parts = new QSplitter(Qt::Vertical, this);
    parts->setChildrenCollapsible(false);
    parts->addWidget(section(tr("&Workers"), m_workerList, parts));
    parts->addWidget(section(tr("&Queue"), m_queueList, parts));
    parts->addWidget(section(tr("&Recent jobs"), m_jobList, parts));
    for (int part = 0; part < parts->count(); ++part)
        parts->setStretchFactor(part, 1);
    auto *all = new QVBoxLayout(this);
    all->setContentsMargins(0, 0, 0, 0);
    all->setSpacing(4);
    all->addLayout(top);
    all->addWidget(parts, 1);
}

void PoolBoard::tick(qint64 nowNs)
{
    m_time = nowNs;
    if (!isInView(*this) || (m_refreshed >= 0 && nowNs >= m_refreshed && nowNs - m_refreshed < refreshNs))
        return;
    refresh();
}

void PoolBoard::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    refresh();
}

void PoolBoard::refresh()
{
    m_refreshed = m_time;
    m_workers.tick(m_time);
    m_queue.tick(m_time);
    m_jobs.tick(m_time);
    m_queueList->viewport()->update(); // what waits has waited longer
    updateThreads();
    updateEmptyTexts();
    const QString words = state();
    if (words != m_state->text())
        m_state->setText(words);
}

void PoolBoard::updateThreads()
{
    const int threads = m_session.server().poolThreads;
    m_threads->setEnabled(threads > 0);
    const bool asked = m_requestedAt >= 0 && m_time - m_requestedAt < requestNs && m_time >= m_requestedAt;
    if (threads <= 0 || threads == m_threads->value() || asked)
        return;
    m_requestedAt = -1;
    const QScopedValueRollback guard(m_setting, true);
    m_threads->setValue(threads);
}

QString PoolBoard::state() const
{
    const model::ServerState &server = m_session.server();
    if (server.poolThreads == 0)
        return tr("The pool's size is not known yet");
    const QString threads = server.poolThreads == 1 ? tr("1 thread") : tr("%1 threads").arg(server.poolThreads);
    if (!server.poolStarted)
        return tr("%1, none started yet").arg(threads);
    const QString jobs = m_queue.rowCount() == 1 ? tr("1 job waits") : tr("%1 jobs wait").arg(formatCount(m_queue.rowCount()));
    return tr("%1 of %2 run, %3 · %4 jobs/s")
        .arg(QString::number(server.poolRunning), threads, jobs, formatCount(qRound64(m_jobs.jobsPerSecond())));
}

void PoolBoard::updateEmptyTexts()
{
    const int threads = m_session.server().poolThreads;
    m_workersEmpty->setText(threads == 0
                                ? tr("Start the server: its worker threads stand here.")
                                : tr("No thread has started yet.\nThe first job starts them: send a request that reads or "
                                     "writes a file, or computes on the pool."));
    m_queueEmpty->setText(tr("No job waits.\nSend more jobs at once than there are threads, and the others wait here."));
    m_jobsEmpty->setText(tr("No job has ended yet.\nHow long jobs waited and ran is counted here by name."));
}

QString PoolBoard::stateWords() const
{
    return m_state->text();
}

} // namespace loopscope::panel
