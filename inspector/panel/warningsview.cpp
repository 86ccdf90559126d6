// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/panel/warningsview.h"

#include "inspector/model/formatting.h"
#include "inspector/panel/emptytext.h"
#include "inspector/panel/inview.h"
#include "inspector/panel/listview.h"
#include "inspector/theme/colors.h"

#include <QtWidgets/QLabel>
#include <QtWidgets/QVBoxLayout>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace loopscope::panel {

using model::Warning;
using model::Warnings;

namespace {

// What is an interpretation looks like one.
class WarningDelegate final : public PlainDelegate {
public:
    using PlainDelegate::PlainDelegate;

protected:
    void initStyleOption(QStyleOptionViewItem *option, const QModelIndex &index) const override
    {
        PlainDelegate::initStyleOption(option, index);
        if (index.column() != Warnings::What)
            return;
        option->text = u"▲ "_s + option->text;
        option->font.setItalic(true);
        option->fontMetrics = QFontMetrics(option->font);
        if (!(option->state & QStyle::State_Selected))
            option->palette.setColor(QPalette::Text, theme::warningColor(option->palette));
    }
};

} // namespace

WarningsView::WarningsView(const model::Session &session, Warnings &warnings, model::ViewState &view, QWidget *parent)
    : QWidget(parent)
    , m_session(session)
    , m_warnings(warnings)
    , m_view(view)
    , m_list(new ListView(tr("Warnings"), this))
    , m_note(new QLabel(this))
{
    m_list->setItemDelegate(new WarningDelegate(m_list));
    m_list->setModel(&warnings);
    m_list->setNumericColumns({Warnings::Time, Warnings::Duration});
    m_list->setColumnSample(Warnings::Time, u"+9999.999 s"_s);
    m_list->setColumnSample(Warnings::What, u"▲ The loop was starved by 99,999 ticks and microtasks"_s);
    m_list->setColumnSample(Warnings::Duration, u"99.99 ms"_s);
    m_list->setColumnSample(Warnings::Who, u"POST /message #999, writeFileSync"_s);
    new EmptyText(m_list, tr("No warnings.\nThey come when a callback blocks the loop, when ticks or microtasks starve it, or "
                             "when jobs wait for the pool, each for more than %1.")
                              .arg(model::formatSpan(Warnings::blockedNs)));
    m_note->setTextFormat(Qt::PlainText);
    m_note->setWordWrap(true);
    m_note->setContentsMargins(8, 2, 8, 4);
    m_note->setForegroundRole(QPalette::PlaceholderText);
    m_note->setAccessibleName(tr("Why the warning was raised"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_list, 1);
    layout->addWidget(m_note);
    setFocusProxy(m_list);
    connect(m_list->selectionModel(), &QItemSelectionModel::selectionChanged, this, &WarningsView::onRowSelected);
    connect(m_list, &QAbstractItemView::activated, this, [this](const QModelIndex &index) { showInScope(index.row()); });
    connect(m_list, &QAbstractItemView::doubleClicked, this, [this](const QModelIndex &index) { showInScope(index.row()); });
    connect(&warnings, &Warnings::rowsInserted, this, &WarningsView::seen);
    connect(&warnings, &Warnings::rowsRemoved, this, &WarningsView::updateNote);
    connect(&warnings, &Warnings::dataChanged, this, &WarningsView::updateNote);
    connect(&warnings, &Warnings::modelReset, this, &WarningsView::updateNote);
    updateNote();
}

QString WarningsView::noteWords() const
{
    return m_note->text();
}

void WarningsView::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    seen();
}

void WarningsView::seen()
{
    if (isInView(*this) && m_warnings.unseen() > 0)
        m_warnings.markAllSeen();
}

void WarningsView::onRowSelected()
{
    updateNote();
    const QModelIndexList rows = m_list->selectionModel()->selectedRows();
    if (rows.isEmpty())
        return;
    const Warning &warning = m_warnings.at(rows.first().row());
    const model::Request *request = m_session.request(warning.request);
    m_view.select({.request = request ? warning.request : 0,
                   .connection = request ? request->connection : 0,
                   .slice = m_session.slice(warning.slice) ? warning.slice : model::SliceKey()});
}

// With as much again around it.
void WarningsView::showInScope(int row)
{
    if (row < 0 || row >= m_warnings.count())
        return;
    const Warning &warning = m_warnings.at(row);
    const qint64 surround = warning.to - warning.from;
    m_view.setTimeRange({std::max<qint64>(0, warning.from - surround), warning.to + surround});
}

void WarningsView::updateNote()
{
    QStringList notes;
    const QModelIndexList rows = m_list->selectionModel()->selectedRows();
    if (!rows.isEmpty() && rows.first().row() < m_warnings.count())
        notes += Warnings::rule(m_warnings.at(rows.first().row()));
    if (m_warnings.forgotten() > 0)
        notes += tr("%1 older warnings are no longer kept.").arg(model::formatCount(qint64(m_warnings.forgotten())));
    m_note->setText(notes.join(u' '));
    m_note->setVisible(!notes.isEmpty());
}

} // namespace loopscope::panel
