// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/panel/callbackview.h"

#include "inspector/model/formatting.h"
#include "inspector/panel/emptytext.h"
#include "inspector/panel/followtail.h"
#include "inspector/panel/inview.h"
#include "inspector/panel/listview.h"
#include "inspector/panel/plaintext.h"

#include <QtCore/QScopedValueRollback>
#include <QtGui/QKeyEvent>
#include <QtWidgets/QCheckBox>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QLabel>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QToolButton>
#include <QtWidgets/QVBoxLayout>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace loopscope::panel {

using model::CallbackRegistry;

CallbackView::CallbackView(const model::Session &session, model::ViewState &view, QWidget *parent)
    : QWidget(parent)
    , m_session(session)
    , m_view(view)
    , m_model(session)
    , m_list(new ListView(tr("Callbacks"), this))
    , m_tail(new FollowTail(m_list, view))
    , m_empty(new EmptyText(m_list, {}))
    , m_filter(new QLineEdit(this))
    , m_liveOnly(new QCheckBox(tr("&Live only"), this))
    , m_follow(new QToolButton(this))
    , m_count(new QLabel(this))
{
    setUpList();
    setUpControls();
    layOut();
    connect(&view, &model::ViewState::selectionChanged, this, &CallbackView::onSelectionChanged);
    updateWords();
}

void CallbackView::setUpList()
{
    m_list->setModel(&m_model);
    m_empty->watchModel();
    m_list->setNumericColumns({CallbackRegistry::Took, CallbackRegistry::RequestNumber, CallbackRegistry::Ran,
                               CallbackRegistry::Registered, CallbackRegistry::Due});
    m_list->setColumnSample(CallbackRegistry::Kind, u"queueMicrotask"_s);
    m_list->setColumnSample(CallbackRegistry::State, u"ran 99 times"_s);
    m_list->setColumnSample(CallbackRegistry::Took, u"99.9 ms"_s);
    m_list->setColumnSample(CallbackRegistry::Where, u"messages.cpp:999"_s);
    m_list->setColumnSample(CallbackRegistry::RequestNumber, u"#99999"_s);
    m_list->setColumnSample(CallbackRegistry::Ran, u"+9,999.999 s"_s);
    m_list->setColumnSample(CallbackRegistry::Registered, u"+9,999.999 s"_s);
    m_list->setColumnSample(CallbackRegistry::In, u"setImmediate #99"_s);
    connect(m_list->selectionModel(), &QItemSelectionModel::selectionChanged, this, &CallbackView::onRowSelected);
    connect(m_list, &QAbstractItemView::activated, this, [this](const QModelIndex &index) { showEnds(index.row()); });
    connect(&m_model, &QAbstractItemModel::modelReset, this, &CallbackView::keepSelection);
}

void CallbackView::setUpControls()
{
    m_filter->setPlaceholderText(tr("Filter: setTimeout, main.cpp, #12"));
    m_filter->setAccessibleName(tr("Filter callbacks"));
    m_filter->setClearButtonEnabled(true);
    m_filter->setToolTip(plainToolTip(tr("A part of the kind or of file:line, or # and the number of a request. Esc clears.")));
    m_filter->installEventFilter(this);
    connect(m_filter, &QLineEdit::textChanged, this, [this](const QString &text) {
        m_model.setFilter(text);
        updateWords();
    });
    m_liveOnly->setToolTip(plainToolTip(tr("Only what may still run: waiting timers, immediates and jobs, intervals, "
                                           "watched sockets")));
    connect(m_liveOnly, &QCheckBox::toggled, this, [this](bool liveOnly) {
        m_model.setLiveOnly(liveOnly);
        updateWords();
    });
    m_follow->setText(tr("Follow"));
    m_follow->setCheckable(true);
    m_follow->setChecked(m_tail->isFollowing());
    m_follow->setToolTip(plainToolTip(tr("Keep the newest callback in view (Space). Scrolling or selecting stops it.")));
    connect(m_follow, &QToolButton::toggled, m_tail, &FollowTail::setFollowing);
    connect(m_tail, &FollowTail::followingChanged, m_follow, &QToolButton::setChecked);
    m_count->setTextFormat(Qt::PlainText);
    m_count->setWordWrap(true);
    m_count->setAccessibleName(tr("Number of callbacks"));
}

void CallbackView::layOut()
{
    auto *top = new QHBoxLayout;
    top->setContentsMargins(4, 4, 4, 0);
    top->addWidget(m_filter);
    top->addWidget(m_liveOnly);
    top->addWidget(m_follow);
    m_count->setContentsMargins(6, 0, 6, 0);
    auto *all = new QVBoxLayout(this);
    all->setContentsMargins(0, 0, 0, 0);
    all->setSpacing(4);
    all->addLayout(top);
    all->addWidget(m_count);
    all->addWidget(m_list);
    setFocusProxy(m_list);
    setTabOrder(m_filter, m_liveOnly);
    setTabOrder(m_liveOnly, m_follow);
    setTabOrder(m_follow, m_list);
}

void CallbackView::tick(qint64 nowNs)
{
    if (!isInView(*this))
        return;
    m_model.tick(nowNs);
    m_tail->keepUp();
    if (m_refreshed >= 0 && nowNs >= m_refreshed && nowNs - m_refreshed < refreshNs)
        return;
    m_refreshed = nowNs;
    updateWords();
    m_list->viewport()->update(); // what waits comes nearer to when it is due
}

void CallbackView::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    m_refreshed = -1;
}

bool CallbackView::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_filter && event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent *>(event)->key();
        if (key == Qt::Key_Escape && !m_filter->text().isEmpty()) {
            m_filter->clear();
            return true;
        }
        if (key == Qt::Key_Down || key == Qt::Key_Return || key == Qt::Key_Enter) {
            m_list->setFocus(Qt::TabFocusReason);
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

void CallbackView::updateWords()
{
    const qint64 total = qint64(m_model.totalCount());
    const QString live = model::formatCount(qint64(m_model.liveCount()));
    const bool filtered = m_model.isLiveOnly() || !m_filter->text().trimmed().isEmpty();
    const QString words = filtered
        ? tr("%1 of %2 callbacks; %3 live").arg(model::formatCount(m_model.rowCount()), model::formatCount(total), live)
        : tr("%1 callbacks; %2 live").arg(model::formatCount(total), live);
    if (words != m_count->text())
        m_count->setText(words);
    if (total > 0 && filtered)
        m_empty->setText(tr("The filter hides every callback (%1).\nClear it, or switch \"Live only\" off.")
                             .arg(model::formatCount(total)));
    else
        m_empty->setText(tr("No callback was registered yet.\nStart the server and send it a request: every timer, "
                            "immediate, tick, job and socket callback stands here."));
}

QString CallbackView::countWords() const
{
    return m_count->text();
}

// --- selecting ---

void CallbackView::onRowSelected()
{
    const QModelIndexList rows = m_list->selectionModel()->selectedRows();
    if (m_selecting || rows.isEmpty())
        return;
    m_hasSelection = true;
    m_selectedKey = rows.first().data(CallbackRegistry::KeyRole).toULongLong();
    m_tail->selected();
    showEnds(rows.first().row());
}

// Selects what ran (or, before it has, that in which it was registered) and brings both ends into view: the timeline
// draws the arrow between them.
void CallbackView::showEnds(int row)
{
    const CallbackRegistry::Ends ends = m_model.ends(row);
    if (ends.from <= 0)
        return;
    const QScopedValueRollback guard(m_selecting, true);
    m_view.select({.request = ends.request, .connection = ends.connection, .slice = ends.slice});
    const qint64 length = std::max(ends.to - ends.from, leastRangeNs);
    const qint64 margin = qint64(double(length) * marginShare);
    m_view.setTimeRange({ends.from - margin, ends.from + length + margin});
}

void CallbackView::onSelectionChanged(const model::Selection &selection)
{
    if (m_selecting)
        return;
    const QScopedValueRollback guard(m_selecting, true);
    const int row = isVisible() ? m_model.rowOfSlice(selection.slice) : -1;
    m_hasSelection = row >= 0;
    if (row < 0) {
        m_list->selectionModel()->clear();
        return;
    }
    m_tail->selected();
    const QModelIndex index = m_model.index(row, 0);
    m_selectedKey = index.data(CallbackRegistry::KeyRole).toULongLong();
    m_list->selectionModel()->setCurrentIndex(index, QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
    m_list->scrollTo(index);
}

void CallbackView::keepSelection()
{
    const int row = m_hasSelection ? m_model.rowOf(m_selectedKey) : -1;
    if (row < 0)
        return;
    const QScopedValueRollback guard(m_selecting, true);
    const QModelIndex index = m_model.index(row, 0);
    m_list->selectionModel()->setCurrentIndex(index, QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
    m_list->scrollTo(index);
}

} // namespace loopscope::panel
