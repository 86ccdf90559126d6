// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/panel/delayspage.h"

#include "inspector/model/formatting.h"
#include "inspector/panel/delaybar.h"
#include "inspector/panel/delaywords.h"
#include "inspector/panel/emptytext.h"
#include "inspector/panel/listview.h"

#include <QtCore/QElapsedTimer>
#include <QtCore/QEvent>
#include <QtCore/QScopedValueRollback>
#include <QtWidgets/QLabel>
#include <QtWidgets/QVBoxLayout>

using namespace Qt::StringLiterals;

namespace loopscope::panel {

using model::DelayPart;

DelaysPage::DelaysPage(const model::Session &session, model::ViewState &view, QWidget *parent)
    : DetailPage(parent)
    , m_session(session)
    , m_view(view)
    , m_model(session)
    , m_bar(new DelayBar(this))
    , m_note(new QLabel(this))
    , m_list(new ListView(tr("Delays"), this))
{
    m_list->setModel(&m_model);
    m_list->setNumericColumns({DelayTable::Amount, DelayTable::Share});
    m_list->setColumnSample(DelayTable::Part, u"    Queued for the pool"_s);
    m_list->setColumnSample(DelayTable::Amount, u"99.99 ms"_s);
    m_list->setColumnSample(DelayTable::Share, u"100.0 %"_s);
    m_list->setColumnSample(DelayTable::Who, u"POST /message #999, writeFileSync"_s);
    new EmptyText(m_list, tr("Select a request to see what its time went to, and whom it had to wait for."));
    m_note->setTextFormat(Qt::PlainText);
    m_note->setWordWrap(true);
    m_note->setContentsMargins(8, 2, 8, 4);
    m_note->setForegroundRole(QPalette::PlaceholderText);
    m_note->setAccessibleName(tr("How well the time is accounted for"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_bar);
    layout->addWidget(m_list, 1);
    layout->addWidget(m_note);
    setFocusProxy(m_list);
    connect(m_list->selectionModel(), &QItemSelectionModel::selectionChanged, this, &DelaysPage::onRowSelected);
    connect(m_list, &QAbstractItemView::doubleClicked, this, [this](const QModelIndex &index) { showInScope(index.row()); });
    connect(&m_view, &model::ViewState::selectionChanged, this, &DelaysPage::followSelection);
}

void DelaysPage::setRequest(quint64 request)
{
    if (request != m_request) {
        m_model.clear();
        m_bar->setParts({});
        m_note->setText({});
    }
    m_request = request;
    m_refreshed = -1;
    m_analysis.reset();
}

void DelaysPage::refresh(qint64 nowNs)
{
    const model::Request *request = m_session.request(m_request);
    if (!request) { // evicted: what is shown stays
        m_analysis.reset();
        return;
    }
    if (!m_analysis) {
        if (m_refreshed >= 0 && m_shownEnded == !request->isRunning() && nowNs - m_refreshed < refreshNs)
            return;
        m_refreshed = nowNs;
        m_shownEnded = !request->isRunning();
        m_analysis = std::make_unique<model::DelayAnalysis>(m_session, m_request, nowNs);
    }
    QElapsedTimer spent;
    spent.start();
    while (!m_analysis->advance(stepSlices)) {
        if (spent.elapsed() >= stepMs)
            return;
    }
    show(m_analysis->account());
    m_analysis.reset();
}

void DelaysPage::show(const model::DelayAccount &account)
{
    QList<DelayBarPart> parts;
    for (int i = 0; i < model::delayPartCount; ++i) {
        const auto part = DelayPart(i);
        parts.append({.label = delayPartWords(part),
                      .explanation = delayPartExplanation(part),
                      .brush = delayBrush(part, m_request, palette()),
                      .ns = account.of(part)});
    }
    m_bar->setParts(parts);
    m_model.show(account);
    m_note->setText(noteOf(account));
    followSelection();
}

QString DelaysPage::noteOf(const model::DelayAccount &account) const
{
    QStringList notes{tr("%1 accounted for by records.").arg(model::formatShare(account.accountedShare()))};
    if (account.readLate > 0)
        notes += tr("Its first bytes came %1 before the loop read them, by the system's word: to within a tick of its clock, "
                    "4 ms on most systems.")
                     .arg(model::formatDuration(account.readLate));
    if (account.arrivalNotTold)
        notes += tr("The loop read it late. How long its bytes had waited is not known on this connection: the time begins "
                    "when they were read.");
    if (account.evicted)
        notes += tr("A part of its records is no longer in memory.");
    if (account.dropped > 0)
        notes += tr("%1 records were dropped in this session; some of them may be missing here.")
                     .arg(model::formatCount(qint64(account.dropped)));
    return notes.join(u' ');
}

QString DelaysPage::noteWords() const
{
    return m_note->text();
}

void DelaysPage::changeEvent(QEvent *event)
{
    DetailPage::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        m_list->viewport()->update(); // the swatches
}

void DelaysPage::onRowSelected()
{
    const QModelIndexList rows = m_list->selectionModel()->selectedRows();
    const model::SliceKey key = rows.isEmpty() ? model::SliceKey() : m_model.keyAt(rows.first().row());
    if (m_selecting || !key.isValid())
        return;
    const QScopedValueRollback guard(m_selecting, true);
    const model::Request *request = m_session.request(m_request);
    // the slice may be another's: this request stays the one that is looked at
    m_view.select({.request = m_request, .connection = request ? request->connection : 0, .slice = key});
}

void DelaysPage::followSelection()
{
    if (m_selecting)
        return;
    const QScopedValueRollback guard(m_selecting, true);
    const int row = m_model.rowOf(m_view.selection().slice);
    if (row < 0) {
        const QModelIndexList rows = m_list->selectionModel()->selectedRows();
        if (!rows.isEmpty() && m_model.keyAt(rows.first().row()).isValid())
            m_list->clearSelection();
        return;
    }
    m_list->selectionModel()->setCurrentIndex(m_model.index(row, 0),
                                              QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
}

void DelaysPage::showInScope(int row)
{
    const model::Slice *slice = m_session.slice(m_model.keyAt(row));
    if (!slice)
        return;
    const qint64 surround = std::max(slice->duration, minimumSurroundNs);
    m_view.setTimeRange({std::max<qint64>(0, slice->start - surround), slice->end() + surround});
}

} // namespace loopscope::panel
