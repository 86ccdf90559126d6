// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/panel/replayview.h"

#include "inspector/model/formatting.h"
#include "inspector/panel/emptytext.h"
#include "inspector/panel/listview.h"
#include "inspector/panel/requestwords.h"

#include <QtCore/QScopedValueRollback>
#include <QtGui/QKeyEvent>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QLabel>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QSplitter>
#include <QtWidgets/QVBoxLayout>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace loopscope::panel {

ReplayView::ReplayView(const model::Session &session, model::ViewState &view, QWidget *parent)
    : QWidget(parent)
    , m_session(session)
    , m_view(view)
    , m_replay(session)
    , m_steps(m_replay)
    , m_queues(m_replay)
    , m_request(new QPushButton(tr("Replay &request"), this))
    , m_visible(new QPushButton(tr("Replay what is &visible"), this))
    , m_first(new QPushButton(tr("First"), this))
    , m_back(new QPushButton(tr("Back"), this))
    , m_forward(new QPushButton(tr("Forward"), this))
    , m_last(new QPushButton(tr("Last"), this))
    , m_where(new QLabel(this))
    , m_missing(new QLabel(this))
    , m_list(new ListView(tr("Steps"), this))
    , m_queueList(new ListView(tr("Queues before the step"), this))
{
    setUpButtons();
    setUpLists();
    layOut();
    connect(m_list->selectionModel(), &QItemSelectionModel::selectionChanged, this, &ReplayView::onRowSelected);
    connect(&view, &model::ViewState::selectionChanged, this, &ReplayView::onSelectionChanged);
    connect(&session, &model::Session::cleared, this, &ReplayView::replayNothing);
    replayNothing();
}

void ReplayView::setUpButtons()
{
    m_request->setToolTip(tr("Step by step through the callbacks of the request that is selected"));
    m_visible->setToolTip(tr("Step by step through the callbacks that the timeline shows"));
    m_first->setToolTip(tr("To the first step (Home)"));
    m_back->setToolTip(tr("One step back (Left)"));
    m_forward->setToolTip(tr("One step forwards (Right)"));
    m_last->setToolTip(tr("To the last step (End)"));
    connect(m_request, &QPushButton::clicked, this, &ReplayView::replaySelection);
    connect(m_visible, &QPushButton::clicked, this, &ReplayView::replayVisible);
    connect(m_first, &QPushButton::clicked, this, &ReplayView::first);
    connect(m_back, &QPushButton::clicked, this, &ReplayView::back);
    connect(m_forward, &QPushButton::clicked, this, &ReplayView::forward);
    connect(m_last, &QPushButton::clicked, this, &ReplayView::last);
    for (QLabel *label : {m_where, m_missing}) {
        label->setTextFormat(Qt::PlainText);
        label->setWordWrap(true);
    }
    m_where->setAccessibleName(tr("The step that is shown"));
    m_missing->setAccessibleName(tr("What the records do not tell"));
}

void ReplayView::setUpLists()
{
    m_list->setModel(&m_steps);
    m_list->setNumericColumns({ReplaySteps::Number, ReplaySteps::Start, ReplaySteps::Duration});
    m_list->setColumnSample(ReplaySteps::Number, u"9,999"_s);
    m_list->setColumnSample(ReplaySteps::Start, u"+99.9 ms"_s);
    m_list->setColumnSample(ReplaySteps::Phase, u"Microtask"_s);
    m_list->setColumnSample(ReplaySteps::Name, u"queueMicrotask (request 99)"_s);
    m_list->setColumnSample(ReplaySteps::Duration, u"99.9 ms"_s);
    m_empty = new EmptyText(m_list, {});
    m_queueList->setModel(&m_queues);
    m_queueList->setSelectionBehavior(QAbstractItemView::SelectItems);
    m_queueList->setSelectionMode(QAbstractItemView::NoSelection);
    m_queueList->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
    m_list->installEventFilter(this);
    m_queueList->installEventFilter(this);
}

void ReplayView::layOut()
{
    auto *buttons = new QHBoxLayout;
    buttons->setContentsMargins(6, 6, 6, 0);
    for (QPushButton *button : {m_request, m_visible})
        buttons->addWidget(button);
    buttons->addStretch();
    for (QPushButton *button : {m_first, m_back, m_forward, m_last})
        buttons->addWidget(button);
    auto *words = new QVBoxLayout;
    words->setContentsMargins(6, 0, 6, 0);
    words->addWidget(m_where);
    words->addWidget(m_missing);
    auto *lists = new QSplitter(Qt::Vertical, this);
    lists->addWidget(m_queueList);
    lists->addWidget(m_list);
    lists->setChildrenCollapsible(false);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addLayout(buttons);
    layout->addLayout(words);
    layout->addWidget(lists, 1);
    setFocusProxy(m_list);
}

// The arrows go through time here, not through the cells of a row.
bool ReplayView::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::KeyPress && (watched == m_list || watched == m_queueList)) {
        const auto *key = static_cast<const QKeyEvent *>(event);
        if ((key->modifiers() & ~Qt::KeypadModifier) == Qt::NoModifier) {
            switch (key->key()) {
            case Qt::Key_Left: back(); return true;
            case Qt::Key_Right: forward(); return true;
            case Qt::Key_Home: first(); return true;
            case Qt::Key_End: last(); return true;
            default: break;
            }
        }
    }
    return QWidget::eventFilter(watched, event);
}

// --- what is replayed ---

void ReplayView::replayRequest(quint64 request)
{
    reload([this, request] { return m_replay.loadRequest(request); },
           tr("Nothing has run for request %1, or it is no longer in memory.").arg(request));
}

void ReplayView::replayRange(model::TimeRange range)
{
    reload([this, range] { return m_replay.loadRange(range); },
           tr("No callback has begun in this stretch of time, or none is still in memory."));
}

void ReplayView::replayNothing()
{
    const auto clear = [this] {
        m_replay.clear();
        return false;
    };
    reload(clear, tr("Nothing is replayed.\nSelect a request and press “Replay request”, or let the timeline show the "
                     "stretch that you want to see step by step, and press “Replay what is visible”."));
}

void ReplayView::replaySelection()
{
    if (const quint64 request = m_view.selection().request)
        replayRequest(request);
}

void ReplayView::replayVisible()
{
    replayRange(m_view.timeRange());
}

void ReplayView::reload(const std::function<bool()> &load, const QString &otherwise)
{
    m_step = -1;
    m_empty->setText(otherwise);
    bool loaded = false;
    {
        const QScopedValueRollback guard(m_selecting, true);
        m_steps.beginLoad();
        loaded = load();
        m_steps.endLoad();
    }
    if (loaded)
        goTo(std::max(qsizetype(0), m_replay.stepOf(m_view.selection().slice)));
    else
        show(-1);
}

// --- going ---

void ReplayView::last()
{
    goTo(qsizetype(m_replay.steps().size()) - 1);
}

void ReplayView::goTo(qsizetype step)
{
    if (m_replay.isEmpty())
        return;
    step = std::clamp(step, qsizetype(0), qsizetype(m_replay.steps().size()) - 1);
    if (step == m_step)
        return;
    show(step);
    select(m_replay.steps()[std::size_t(step)]);
}

void ReplayView::show(qsizetype step)
{
    m_step = step;
    m_queues.show(step);
    if (const QModelIndex now = m_queues.runningNow(); now.isValid())
        m_queueList->scrollTo(now);
    const QScopedValueRollback guard(m_selecting, true);
    if (step >= 0) {
        m_list->selectionModel()->setCurrentIndex(m_steps.index(int(step), 0),
                                                  QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
    }
    updateWords();
    updateButtons();
}

// Everywhere; and where the timeline shows it.
void ReplayView::select(const model::ReplayStep &step)
{
    const QScopedValueRollback guard(m_selecting, true);
    const model::Request *request = m_session.request(step.request);
    m_view.select({.request = step.request, .connection = request ? request->connection : 0, .slice = step.key});
    const model::TimeRange shown = m_view.timeRange();
    if (step.start < shown.from || step.start >= shown.to) {
        const qint64 from = std::max(qint64(0), step.start - shown.length() / 2);
        m_view.setTimeRange({from, from + shown.length()});
    }
    updateButtons();
}

void ReplayView::onRowSelected()
{
    const QModelIndexList rows = m_list->selectionModel()->selectedRows();
    if (!m_selecting && !rows.isEmpty())
        goTo(rows.first().row());
}

void ReplayView::onSelectionChanged(const model::Selection &selection)
{
    if (m_selecting)
        return;
    const qsizetype step = m_replay.stepOf(selection.slice);
    if (step >= 0 && step != m_step)
        show(step);
    updateButtons();
}

// --- words ---

QString ReplayView::stepWords() const
{
    return m_where->text();
}

QString ReplayView::missingWords() const
{
    return m_missing->text();
}

void ReplayView::updateWords()
{
    QString where;
    if (m_step >= 0) {
        const model::ReplayStep &step = m_replay.steps()[std::size_t(m_step)];
        where = tr("Step %1 of %2: %3 is about to run %4")
                    .arg(model::formatCount(m_step + 1), model::formatCount(qint64(m_replay.steps().size())),
                         model::printable(m_session.string(step.name)),
                         step.phase == trace::Phase::None ? tr("between turns")
                                                          : tr("(%1)").arg(QString::fromLatin1(trace::toString(step.phase))));
    }
    m_where->setText(where);
    m_where->setVisible(!where.isEmpty());
    const model::Replay::Missing &missing = m_replay.missing();
    QStringList words;
    if (missing.steps)
        words += tr("Only the first %1 steps are here.").arg(model::formatCount(qint64(m_replay.steps().size())));
    if (missing.unregistered > 0)
        words += tr("Steps whose registration was not recorded: %1.").arg(model::formatCount(qint64(missing.unregistered)));
    if (missing.droppedRecords > 0)
        words += tr("%1 records were dropped while recording.").arg(model::formatCount(qint64(missing.droppedRecords)));
    if (missing.evicted)
        words += tr("Older records are no longer in memory.");
    if (missing.lookedBackOnly || missing.entries)
        words += tr("What was registered long before is not shown.");
    if (!words.isEmpty())
        words.prepend(tr("The queues may lack entries:"));
    m_missing->setText(words.join(u' '));
    m_missing->setVisible(!words.isEmpty());
}

void ReplayView::updateButtons()
{
    const qsizetype steps = qsizetype(m_replay.steps().size());
    m_request->setEnabled(m_view.selection().request != 0);
    for (QPushButton *button : {m_first, m_back})
        button->setEnabled(m_step > 0);
    for (QPushButton *button : {m_forward, m_last})
        button->setEnabled(m_step >= 0 && m_step < steps - 1);
}

} // namespace loopscope::panel
