// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/panel/requesttable.h"

#include "inspector/export/curl.h"
#include "inspector/model/formatting.h"
#include "inspector/model/httphead.h"
#include "inspector/panel/emptytext.h"
#include "inspector/panel/followtail.h"
#include "inspector/panel/plaintext.h"
#include "inspector/panel/requestdelegate.h"
#include "inspector/theme/colors.h"

#include <QtCore/QScopedValueRollback>
#include <QtGui/QAction>
#include <QtGui/QClipboard>
#include <QtGui/QGuiApplication>
#include <QtGui/QHelpEvent>
#include <QtWidgets/QCompleter>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QLabel>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QMenu>
#include <QtWidgets/QTableView>
#include <QtWidgets/QToolButton>
#include <QtWidgets/QToolTip>
#include <QtWidgets/QVBoxLayout>

using namespace Qt::StringLiterals;

namespace loopscope::panel {

using model::RequestTableModel;

RequestTable::RequestTable(const model::Session &session, model::ViewState &view, QWidget *parent)
    : QWidget(parent)
    , m_session(session)
    , m_view(view)
    , m_model(new RequestTableModel(session, this))
    , m_table(new QTableView(this))
    , m_delegate(new RequestDelegate(session, view, this))
    , m_tail(new FollowTail(m_table, view))
    , m_empty(new EmptyText(m_table, {}))
    , m_filter(new QLineEdit(this))
    , m_follow(new QToolButton(this))
    , m_message(new QLabel(this))
{
    setUpTable();
    setUpFilter();
    setUpActions();
    layOut();
    connect(&view, &model::ViewState::selectionChanged, this, &RequestTable::onSelectionChanged);
    connect(&view, &model::ViewState::filterChanged, this, &RequestTable::applyFilter);
    connect(&view, &model::ViewState::timeRangeChanged, this, [this] { m_paintedNow = -1; });
    m_filter->setText(view.filter());
    applyFilter();
    onSelectionChanged(view.selection());
}

RequestTable::~RequestTable() = default;

void RequestTable::setUpTable()
{
    m_table->setModel(m_model);
    m_empty->watchModel();
    m_table->setItemDelegate(m_delegate);
    m_table->setAccessibleName(tr("Requests"));
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setVerticalScrollMode(QAbstractItemView::ScrollPerItem);
    m_table->setWordWrap(false);
    m_table->setTabKeyNavigation(false);
    m_table->setShowGrid(false);
    m_table->setAlternatingRowColors(true);
    m_table->viewport()->installEventFilter(this);
    // every row is as high as every other: nothing is measured row by row, a million rows cost what ten do
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    m_table->verticalHeader()->setDefaultSectionSize(m_table->fontMetrics().height() + 6);

    QHeaderView *header = m_table->horizontalHeader();
    header->setSectionsMovable(true);
    header->setHighlightSections(false);
    header->setStretchLastSection(true);
    header->setMinimumSectionSize(m_table->fontMetrics().averageCharWidth() * 4);
    header->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    const auto width = [this](QLatin1StringView sample) { return m_table->fontMetrics().horizontalAdvance(sample) + 14; };
    m_table->setColumnWidth(RequestTableModel::Number, width("00000"_L1) + 12);
    m_table->setColumnWidth(RequestTableModel::Method, width("DELETE"_L1));
    m_table->setColumnWidth(RequestTableModel::Path, width("/create-user?name"_L1));
    m_table->setColumnWidth(RequestTableModel::Status, width("… running"_L1));
    m_table->setColumnWidth(RequestTableModel::Size, width("999.9 MB"_L1));
    m_table->setColumnWidth(RequestTableModel::Time, width("999.9 ms"_L1));
    m_table->setColumnWidth(RequestTableModel::Waterfall, width("Waterfall"_L1));
    m_narrowPath = m_table->columnWidth(RequestTableModel::Path);
    connect(header, &QHeaderView::sectionResized, this, [this](int column) {
        if (!m_fittingPath && column == RequestTableModel::Path)
            m_pathIsChosen = true;
    });
    header->setSortIndicator(RequestTableModel::Number, Qt::AscendingOrder);
    m_table->setSortingEnabled(true);
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, &RequestTable::onRowSelected);
}

void RequestTable::setUpFilter()
{
    m_filter->setPlaceholderText(tr("Filter: status-code:4xx -method:GET text"));
    m_filter->setAccessibleName(tr("Filter"));
    m_filter->setClearButtonEnabled(true);
    m_filter->setMaxLength(int(model::FilterExpression::maximumCharacters));
    m_filter->setToolTip(plainToolTip(
        tr("Terms with blanks between; all must hold; a minus in front means not.\nKeys: %1\n"
           "Sizes in B, k, M; times in ns, us, ms, s. Ctrl+F comes here, Esc clears.")
            .arg(model::FilterExpression::keys().join(u"  "_s))));
    m_filter->installEventFilter(this);
    connect(m_filter, &QLineEdit::textChanged, &m_view, &model::ViewState::setFilter);
    m_message->setTextFormat(Qt::PlainText);
    m_message->setWordWrap(true);
    m_message->setAccessibleName(tr("Filter result"));
    m_message->hide();
    m_follow->setText(tr("Follow"));
    m_follow->setCheckable(true);
    m_follow->setChecked(m_tail->isFollowing());
    m_follow->setToolTip(plainToolTip(tr("Keep the newest request in view (Space). Scrolling or selecting stops it.")));
    connect(m_follow, &QToolButton::toggled, m_tail, &FollowTail::setFollowing);
    connect(m_tail, &FollowTail::followingChanged, m_follow, &QToolButton::setChecked);
}

void RequestTable::setUpActions()
{
    const auto add = [this](const QString &text, const QKeySequence &keys, auto slot, Needs needs) {
        auto *action = new QAction(text, this);
        action->setShortcut(keys);
        action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
        connect(action, &QAction::triggered, this, slot);
        m_table->addAction(action);
        if (needs != Needs::Nothing)
            m_requestActions.append({action, needs});
    };
    const auto separate = [this] {
        auto *separator = new QAction(this);
        separator->setSeparator(true);
        m_table->addAction(separator);
    };
    add(tr("Copy as c&URL"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_C), &RequestTable::copySelectedAsCurl,
        Needs::Head);
    add(tr("Copy UR&L"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_U), &RequestTable::copySelectedUrl,
        Needs::Head);
    add(tr("&Copy row"), QKeySequence::Copy, &RequestTable::copySelectedRow, Needs::Request);
    separate();
    add(tr("&Resend"), QKeySequence(Qt::CTRL | Qt::Key_R), [this] { Q_EMIT resendRequested(selectedRequest()); },
        Needs::Head);
    separate();
    add(tr("Clear &all"), QKeySequence(Qt::CTRL | Qt::Key_L), [this] { Q_EMIT clearRequested(); },
        Needs::Nothing);
    m_table->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(m_table, &QWidget::customContextMenuRequested, this, &RequestTable::showMenu);
    updateActions();

    auto *find = new QAction(tr("Filter requests"), this);
    find->setShortcut(QKeySequence::Find);
    find->setShortcutContext(Qt::WindowShortcut);
    connect(find, &QAction::triggered, this, &RequestTable::focusFilter);
    addAction(find);
}

// An action that can do nothing says why.
void RequestTable::updateActions()
{
    const model::Request *request = m_session.request(selectedRequest());
    const bool hasHead = request && !m_session.text(request->head).isEmpty();
    const QString noRequest = tr("Select a request first.");
    const QString noHead = request && m_session.isEvicted(request->head)
        ? tr("The text of this request is no longer kept: the recording has reached its limit, and the oldest goes first.")
        : tr("The head of this request was not recorded.");
    for (const RequestAction &each : std::as_const(m_requestActions)) {
        const bool enabled = request && (each.needs != Needs::Head || hasHead);
        each.action->setEnabled(enabled);
        each.action->setToolTip(enabled ? QString() : plainToolTip(request ? noHead : noRequest));
    }
}

// The view's own menu of its actions would show no tooltips.
void RequestTable::showMenu(const QPoint &position)
{
    updateActions();
    auto *menu = new QMenu(m_table);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->setToolTipsVisible(true);
    menu->addActions(m_table->actions());
    menu->popup(m_table->viewport()->mapToGlobal(position));
}

void RequestTable::layOut()
{
    auto *top = new QHBoxLayout;
    top->setContentsMargins(4, 4, 4, 0);
    top->addWidget(m_filter);
    top->addWidget(m_follow);
    m_message->setContentsMargins(6, 0, 6, 0);
    auto *all = new QVBoxLayout(this);
    all->setContentsMargins(0, 0, 0, 0);
    all->setSpacing(4);
    all->addLayout(top);
    all->addWidget(m_message);
    all->addWidget(m_table);
    setFocusProxy(m_table);
    setTabOrder(m_filter, m_follow);
    setTabOrder(m_follow, m_table);
}

void RequestTable::tick(qint64 nowNs)
{
    m_model->tick(nowNs);
    m_delegate->setNow(nowNs);
    m_tail->keepUp();
    updateWords();
    updateActions(); // a text may have gone
    if (m_paintedNow < 0 || !m_session.inFlight().empty()) { // bars grow, or the time range moved
        const int x = m_table->columnViewportPosition(RequestTableModel::Waterfall);
        m_table->viewport()->update(x, 0, m_table->columnWidth(RequestTableModel::Waterfall), m_table->viewport()->height());
        m_paintedNow = nowNs;
    }
}

QByteArray RequestTable::saveState() const
{
    return m_table->horizontalHeader()->saveState();
}

// Path and waterfall share what a wide table has beyond the others, until somebody chooses a width.
void RequestTable::fitPath()
{
    if (m_pathIsChosen)
        return;
    int others = 0;
    for (int column = 0; column < RequestTableModel::Waterfall; ++column)
        others += column == RequestTableModel::Path ? m_narrowPath : m_table->columnWidth(column);
    const int room = m_table->viewport()->width() - others - m_narrowPath; // as much for the waterfall first
    const QScopedValueRollback fitting(m_fittingPath, true);
    m_table->setColumnWidth(RequestTableModel::Path, m_narrowPath + std::max(0, room) / 2);
}

bool RequestTable::restoreState(const QByteArray &state)
{
    return m_table->horizontalHeader()->restoreState(state);
}

void RequestTable::setEmptyText(const QString &text)
{
    m_emptyText = text;
    updateWords();
}

void RequestTable::focusFilter()
{
    m_filter->setFocus(Qt::ShortcutFocusReason);
    m_filter->selectAll();
}

void RequestTable::copySelectedAsCurl() const
{
    const model::Request *request = m_session.request(selectedRequest());
    if (request)
        QGuiApplication::clipboard()->setText(exporting::curlCommand(m_session, request->number, baseUrl(*request)));
}

void RequestTable::copySelectedUrl() const
{
    const model::Request *request = m_session.request(selectedRequest());
    if (!request)
        return;
    const QByteArrayView target = model::parseRequestLine(m_session.text(request->head)).target;
    QGuiApplication::clipboard()->setText(baseUrl(*request) + QString::fromUtf8(target));
}

QString RequestTable::baseUrl(const model::Request &request) const
{
    const QByteArrayView host = model::headerValue(m_session.text(request.head), "host");
    const QByteArray authority = host.isEmpty() ? m_session.server().address : host.toByteArray();
    return u"http://"_s + QString::fromUtf8(authority);
}

void RequestTable::copySelectedRow() const
{
    const QModelIndexList rows = m_table->selectionModel()->selectedRows();
    if (rows.isEmpty())
        return;
    QStringList cells;
    for (int column = 0; column < RequestTableModel::Waterfall; ++column)
        cells += visibleText(rows.first().siblingAtColumn(column).data().toString());
    QGuiApplication::clipboard()->setText(cells.join(u'\t'));
}

QString RequestTable::filterMessage() const
{
    return m_message->isHidden() ? QString() : m_message->text();
}

bool RequestTable::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_filter && event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent *>(event)->key();
        if (key == Qt::Key_Escape && !m_filter->text().isEmpty()) {
            m_filter->clear();
            return true;
        }
        if (key == Qt::Key_Down || key == Qt::Key_Return || key == Qt::Key_Enter) {
            m_table->setFocus(Qt::TabFocusReason);
            return true;
        }
    }
    if (watched == m_table->viewport() && event->type() == QEvent::Resize)
        fitPath();
    if (watched == m_table->viewport() && event->type() == QEvent::ToolTip) {
        const auto *help = static_cast<QHelpEvent *>(event);
        const QModelIndex index = m_table->indexAt(help->pos());
        QToolTip::showText(help->globalPos(), plainToolTip(visibleText(index.data(Qt::ToolTipRole).toString(), true)), m_table);
        return true; // the view itself would let a path speak HTML
    }
    return QWidget::eventFilter(watched, event);
}

void RequestTable::applyFilter()
{
    if (m_filter->text() != m_view.filter())
        m_filter->setText(m_view.filter());
    m_model->setFilterText(m_view.filter());
    colorMessage();
    updateWords();
    onSelectionChanged(m_view.selection());
}

void RequestTable::colorMessage()
{
    QPalette words; // only what is set here does not follow the window's palette
    if (!m_model->error().isEmpty())
        words.setColor(QPalette::WindowText, theme::alarmColor(palette()));
    m_message->setPalette(words);
}

void RequestTable::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        colorMessage();
}

void RequestTable::updateWords()
{
    const qint64 total = qint64(m_model->totalCount());
    const bool filtered = !m_model->filter().isEmpty();
    QString message;
    if (!m_model->error().isEmpty())
        message = u"✕ "_s + m_model->error().message;
    else if (filtered)
        message = tr("%1 of %2 requests").arg(model::formatCount(m_model->rowCount()), model::formatCount(total));
    if (message != m_message->text())
        m_message->setText(message);
    m_message->setVisible(!message.isEmpty());
    m_empty->setText(total > 0 && filtered
                         ? tr("The filter hides every request (%1).\nPress Esc in the filter to clear it.")
                               .arg(model::formatCount(total))
                         : emptyText());
}

QString RequestTable::emptyText() const
{
    if (!m_emptyText.isEmpty())
        return m_emptyText;
    return m_session.server().isListening()
        ? tr("No request yet.\nOpen the server's address in a browser, or send a request from the playground.")
        : tr("No request yet.\nPress Start, then open the server's address in a browser, or send a request from the playground.");
}

void RequestTable::onRowSelected()
{
    const quint64 number = selectedRequest();
    updateActions();
    if (number == 0 || m_selecting || number == m_view.selection().request)
        return;
    m_tail->selected();
    const QScopedValueRollback guard(m_selecting, true);
    const model::Request *request = m_session.request(number);
    m_view.selectRequest(number, request ? request->connection : 0);
}

void RequestTable::onSelectionChanged(const model::Selection &selection)
{
    if (m_selecting)
        return;
    const QScopedValueRollback guard(m_selecting, true);
    const int row = selection.request ? m_model->rowOf(selection.request) : -1;
    if (row < 0) {
        m_table->selectionModel()->clear();
        return;
    }
    m_tail->selected();
    const QModelIndex index = m_model->index(row, 0);
    if (selectedRequest() != selection.request)
        m_table->selectionModel()->setCurrentIndex(index, QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
    m_table->scrollTo(index);
}

quint64 RequestTable::selectedRequest() const
{
    // not the current index: that is set by mere focus as well
    const QModelIndexList rows = m_table->selectionModel()->selectedRows();
    return rows.isEmpty() ? 0 : m_model->requestAt(rows.first().row());
}

} // namespace loopscope::panel
