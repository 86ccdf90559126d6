// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/panel/slicespage.h"

#include "inspector/panel/emptytext.h"
#include "inspector/panel/listview.h"

#include <QtCore/QScopedValueRollback>
#include <QtWidgets/QVBoxLayout>

using namespace Qt::StringLiterals;

namespace loopscope::panel {

SlicesPage::SlicesPage(const model::Session &session, model::ViewState &view, QWidget *parent)
    : DetailPage(parent)
    , m_session(session)
    , m_view(view)
    , m_model(session)
    , m_list(new ListView(tr("Slices"), this))
{
    m_list->setModel(&m_model);
    m_list->setNumericColumns({RequestSlices::Start, RequestSlices::Duration});
    m_list->setColumnSample(RequestSlices::Start, u"+99.99 ms"_s);
    m_list->setColumnSample(RequestSlices::Duration, u"99.99 ms"_s);
    m_list->setColumnSample(RequestSlices::Name, u"  layer urlencoded"_s);
    m_list->setColumnSample(RequestSlices::LaneName, u"pool 4"_s);
    new EmptyText(m_list, tr("Nothing has run for this request, or it is no longer in memory."));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_list);
    setFocusProxy(m_list);
    connect(m_list->selectionModel(), &QItemSelectionModel::selectionChanged, this, &SlicesPage::onRowSelected);
    connect(&m_view, &model::ViewState::selectionChanged, this, &SlicesPage::followSelection);
}

void SlicesPage::setRequest(quint64 request)
{
    m_request = request;
    m_refreshed = -1;
}

void SlicesPage::refresh(qint64 nowNs)
{
    const model::Request *request = m_session.request(m_request);
    const bool ended = !request || !request->isRunning();
    if (m_refreshed >= 0 && m_shownEnded == ended && nowNs - m_refreshed < refreshNs)
        return;
    m_refreshed = nowNs;
    m_shownEnded = ended;
    m_model.load(m_request);
    followSelection();
}

void SlicesPage::onRowSelected()
{
    const QModelIndexList rows = m_list->selectionModel()->selectedRows();
    if (m_selecting || rows.isEmpty())
        return;
    const QScopedValueRollback guard(m_selecting, true);
    const model::Request *request = m_session.request(m_request);
    m_view.select({.request = m_request,
                   .connection = request ? request->connection : 0,
                   .slice = m_model.keyAt(rows.first().row())});
}

void SlicesPage::followSelection()
{
    if (m_selecting)
        return;
    const QScopedValueRollback guard(m_selecting, true);
    const int row = m_model.rowOf(m_view.selection().slice);
    if (row < 0) {
        m_list->clearSelection();
        return;
    }
    m_list->selectionModel()->setCurrentIndex(m_model.index(row, 0),
                                              QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
}

} // namespace loopscope::panel
