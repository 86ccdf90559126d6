// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/playground/fieldtable.h"

#include <QtGui/QKeyEvent>
#include <QtWidgets/QHeaderView>

#include <algorithm>

namespace loopscope::app {

namespace {
enum Column { Name, Value, Columns };
}

FieldTable::FieldTable(const QString &emptyNameHint, QWidget *parent)
    : QTableWidget(0, Columns, parent)
    , m_emptyNameHint(emptyNameHint)
{
    setHorizontalHeaderLabels({tr("Name"), tr("Value")});
    horizontalHeader()->setSectionResizeMode(Value, QHeaderView::Stretch);
    horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    horizontalHeader()->setHighlightSections(false);
    verticalHeader()->hide();
    verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 8);
    setEditTriggers(AllEditTriggers);
    setSelectionMode(ExtendedSelection);
    setWordWrap(false);
    setToolTip(tr("Type a name and a value; Delete removes the chosen rows."));
    keepEmptyRow();
    connect(this, &QTableWidget::itemChanged, this, [this] {
        keepEmptyRow();
        Q_EMIT edited();
    });
}

QList<RequestDraft::Field> FieldTable::fields() const
{
    QList<RequestDraft::Field> fields;
    for (int row = 0; row < rowCount(); ++row) {
        const QString name = item(row, Name) ? item(row, Name)->text() : QString();
        const QString value = item(row, Value) ? item(row, Value)->text() : QString();
        if (!name.isEmpty() || !value.isEmpty())
            fields.append({name, value});
    }
    return fields;
}

void FieldTable::setFields(const QList<RequestDraft::Field> &fields)
{
    const QSignalBlocker blocker(this);
    setRowCount(0);
    for (const RequestDraft::Field &field : fields)
        addRow(field);
    keepEmptyRow();
}

QSize FieldTable::sizeHint() const
{
    constexpr int rows = 4;
    return {QTableWidget::sizeHint().width(),
            horizontalHeader()->sizeHint().height() + rows * verticalHeader()->defaultSectionSize() + 2 * frameWidth()};
}

QSize FieldTable::minimumSizeHint() const
{
    constexpr int rows = 2;
    return {QTableWidget::minimumSizeHint().width(),
            horizontalHeader()->sizeHint().height() + rows * verticalHeader()->defaultSectionSize() + 2 * frameWidth()};
}

void FieldTable::addRow(const RequestDraft::Field &field)
{
    const int row = rowCount();
    insertRow(row);
    setItem(row, Name, new QTableWidgetItem(field.name));
    setItem(row, Value, new QTableWidgetItem(field.value));
}

void FieldTable::keepEmptyRow()
{
    const int last = rowCount() - 1;
    const auto filled = [&](int column) { return item(last, column) && !item(last, column)->text().isEmpty(); };
    if ((last < 0 || filled(Name) || filled(Value)) && rowCount() < RequestDraft::maximumFields) {
        const QSignalBlocker blocker(this);
        addRow({});
    }
    setAccessibleName(m_emptyNameHint);
}

void FieldTable::removeChosen()
{
    QList<int> rows;
    for (const QModelIndex &index : selectedIndexes())
        rows.append(index.row());
    std::sort(rows.begin(), rows.end(), std::greater<>());
    rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
    for (const int row : std::as_const(rows))
        removeRow(row);
    keepEmptyRow();
    Q_EMIT edited();
}

void FieldTable::keyPressEvent(QKeyEvent *event)
{
    if (event->matches(QKeySequence::Delete) && state() != EditingState)
        removeChosen();
    else
        QTableWidget::keyPressEvent(event);
}

// A table keeps Tab to itself otherwise, and nothing behind it could be reached by keyboard.
bool FieldTable::focusNextPrevChild(bool next)
{
    const int place = currentRow() * Columns + currentColumn();
    const bool leaves = next ? place >= rowCount() * Columns - 1 : place <= 0;
    setTabKeyNavigation(!leaves);
    return QTableWidget::focusNextPrevChild(next);
}

} // namespace loopscope::app
