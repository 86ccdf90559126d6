// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/panel/drainview.h"

#include "inspector/model/formatting.h"
#include "inspector/panel/emptytext.h"
#include "inspector/panel/listview.h"

#include <QtCore/QScopedValueRollback>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QLabel>
#include <QtWidgets/QProgressBar>
#include <QtWidgets/QVBoxLayout>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace loopscope::panel {

using model::ConnectionTableModel;

DrainView::DrainView(const model::Session &session, model::ViewState &view, QWidget *parent)
    : QWidget(parent)
    , m_session(session)
    , m_view(view)
    , m_model(session, ConnectionTableModel::Shown::Open)
    , m_state(new QLabel(this))
    , m_countdown(new QProgressBar(this))
    , m_summary(new QLabel(this))
    , m_list(new ListView(tr("Connections"), this))
{
    QFont bold = m_state->font();
    bold.setBold(true);
    m_state->setFont(bold);
    for (QLabel *label : {m_state, m_summary}) {
        label->setTextFormat(Qt::PlainText);
        label->setWordWrap(true);
    }
    m_state->setAccessibleName(tr("State of the drain"));
    m_summary->setAccessibleName(tr("What becomes of the connections"));
    m_countdown->setRange(0, 1000);
    m_countdown->setTextVisible(false);
    m_countdown->setMaximumHeight(fontMetrics().height() / 2 + 2);
    m_countdown->setAccessibleName(tr("Time left until the drain's deadline"));
    m_countdown->setToolTip(tr("Time left until the deadline, when what is still in flight is cut"));
    m_countdown->hide();
    setUpList();

    auto *top = new QVBoxLayout;
    top->setContentsMargins(6, 6, 6, 0);
    top->addWidget(m_state);
    top->addWidget(m_countdown);
    top->addWidget(m_summary);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addLayout(top);
    layout->addWidget(m_list);
    setFocusProxy(m_list);

    connect(&session, &model::Session::changed, this, [this](const model::Session::Change &change) {
        m_dirty = m_dirty || change.server || change.connectionsAppended || change.connectionsEvicted
            || !change.connectionsUpdated.isEmpty();
    });
    connect(&session, &model::Session::cleared, this, [this] { m_dirty = true; });
    connect(m_list->selectionModel(), &QItemSelectionModel::selectionChanged, this, &DrainView::onRowSelected);
    connect(&view, &model::ViewState::selectionChanged, this, &DrainView::onSelectionChanged);
    updateState(session.lastTime());
    updateSummary();
}

void DrainView::setUpList()
{
    m_list->setModel(&m_model);
    m_list->setNumericColumns({ConnectionTableModel::Number, ConnectionTableModel::InFlightRequest,
                               ConnectionTableModel::Served, ConnectionTableModel::Time});
    m_list->setColumnSample(ConnectionTableModel::Number, u"9999"_s);
    m_list->setColumnSample(ConnectionTableModel::Peer, u"127.0.0.1:55555"_s);
    m_list->setColumnSample(ConnectionTableModel::State, u"in flight"_s);
    m_list->setColumnSample(ConnectionTableModel::InFlightRequest, u"Request"_s);
    m_list->setColumnSample(ConnectionTableModel::Served, u"Served"_s);
    m_list->setColumnSample(ConnectionTableModel::Time, u"99.9 ms"_s);
    m_list->setColumnSample(ConnectionTableModel::Outcome, u"cut in 9.99 s unless it ends"_s);
    // what each does and how it ended come first; whose it was may need a scroll in a narrow dock
    QHeaderView *header = m_list->horizontalHeader();
    for (const int last : {ConnectionTableModel::Served, ConnectionTableModel::Peer})
        header->moveSection(header->visualIndex(last), ConnectionTableModel::ColumnCount - 1);
    m_empty = new EmptyText(m_list, tr("No open connection.\nStart the server and send it a request: its connections "
                                       "stand here, and what becomes of each when the server drains."));
}

void DrainView::tick(qint64 nowNs)
{
    m_model.tick(nowNs);
    updateState(nowNs);
    if (m_dirty && (m_counted < 0 || nowNs - m_counted >= refreshNs)) {
        m_dirty = false;
        m_counted = nowNs;
        updateSummary();
    }
}

QString DrainView::stateWords() const
{
    return m_state->text();
}

QString DrainView::summaryWords() const
{
    return m_summary->text();
}

int DrainView::countdown() const
{
    return m_countdown->isHidden() ? -1 : m_countdown->value();
}

DrainTally DrainView::tally() const
{
    DrainTally tally;
    for (int row = 0; row < m_model.rowCount(); ++row) {
        if (const model::Connection *connection = m_session.connection(m_model.connectionAt(row)))
            tally.add(m_session, *connection);
    }
    return tally;
}

void DrainView::updateState(qint64 nowNs)
{
    const model::ServerState &server = m_session.server();
    QString words;
    const bool counts = server.isDraining() && server.drainDeadline > server.drainBegan;
    if (counts) {
        const qint64 left = std::max(qint64(0), server.drainDeadline - nowNs);
        // tenths of a second: the countdown is to be read, not to flicker
        words = tr("Draining: %1 s left until the deadline").arg(double(left) / 1e9, 0, 'f', 1);
        m_countdown->setValue(int(double(left) * 1000 / double(server.drainDeadline - server.drainBegan)));
    } else if (server.isDraining()) {
        words = tr("Draining for %1, without a deadline").arg(model::formatDuration(nowNs - server.drainBegan));
    } else if (server.drainBegan >= 0) {
        const QString took = model::formatDuration(server.drainEnded - server.drainBegan);
        if (server.cutConnections == 0)
            words = tr("Drained in %1, nothing was cut").arg(took);
        else
            words = (server.drainEnded >= server.drainDeadline
                         ? tr("Drained in %1; connections cut at the deadline: %2")
                         : tr("Drained in %1; connections cut by hand, before the deadline: %2"))
                        .arg(took, model::formatCount(server.cutConnections));
    } else if (server.listeningSince >= 0) {
        words = tr("Listening, not draining");
    } else {
        words = tr("Not listening");
    }
    if (words != m_state->text())
        m_state->setText(words);
    m_countdown->setVisible(counts);
}

void DrainView::updateSummary()
{
    const model::ServerState &server = m_session.server();
    const DrainTally now = tally();
    QString words;
    if (server.drainBegan >= 0)
        words = tr("Connections: %1 (%2)").arg(model::formatCount(now.total()), now.words());
    else if (now.total() > 0)
        words = tr("A drain now would refuse new connections, close %1 idle at once and wait for %2 in flight.")
                    .arg(model::formatCount(now.idle), model::formatCount(now.inFlight));
    if (server.drainBegan >= 0 && now.total() == 0)
        words = tr("No connection was open when the drain began.");
    m_summary->setText(words);
    m_summary->setVisible(!words.isEmpty());
}

void DrainView::onRowSelected()
{
    const QModelIndexList rows = m_list->selectionModel()->selectedRows();
    if (m_selecting || rows.isEmpty())
        return;
    const QScopedValueRollback guard(m_selecting, true);
    const quint64 number = m_model.connectionAt(rows.first().row());
    const quint64 request = rows.first().data(ConnectionTableModel::RequestRole).toULongLong();
    if (request != 0)
        m_view.selectRequest(request, number);
    else
        m_view.selectConnection(number);
}

void DrainView::onSelectionChanged(const model::Selection &selection)
{
    if (m_selecting)
        return;
    const QScopedValueRollback guard(m_selecting, true);
    const int row = selection.connection ? m_model.rowOf(selection.connection) : -1;
    if (row < 0) {
        m_list->clearSelection();
        return;
    }
    m_list->selectionModel()->setCurrentIndex(m_model.index(row, 0),
                                              QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
}

} // namespace loopscope::panel
