// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/panel/listview.h"

#include "inspector/panel/plaintext.h"
#include "inspector/theme/fonts.h"

#include <QtGui/QAction>
#include <QtGui/QClipboard>
#include <QtGui/QGuiApplication>
#include <QtGui/QHelpEvent>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QToolTip>

namespace loopscope::panel {

ListView::ListView(const QString &accessibleName, QWidget *parent)
    : QTableView(parent)
{
    setAccessibleName(accessibleName);
    setItemDelegate(new PlainDelegate(this));
    setSelectionBehavior(SelectRows);
    setSelectionMode(SingleSelection);
    setEditTriggers(NoEditTriggers);
    setVerticalScrollMode(ScrollPerItem);
    setWordWrap(false);
    setTabKeyNavigation(false);
    setShowGrid(false);
    setAlternatingRowColors(true);
    verticalHeader()->hide();
    verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 6);
    horizontalHeader()->setHighlightSections(false);
    horizontalHeader()->setStretchLastSection(true);
    horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    horizontalHeader()->setMinimumSectionSize(fontMetrics().averageCharWidth() * 3);

    auto *copy = new QAction(tr("&Copy row"), this);
    copy->setShortcut(QKeySequence::Copy);
    copy->setShortcutContext(Qt::WidgetShortcut);
    connect(copy, &QAction::triggered, this, &ListView::copyRow);
    addAction(copy);
    setContextMenuPolicy(Qt::ActionsContextMenu);
}

void ListView::setNumericColumns(const QList<int> &columns)
{
    static_cast<PlainDelegate *>(itemDelegate())->numericColumns = columns;
}

void ListView::setColumnSample(int column, const QString &sample)
{
    setColumnWidth(column, fontMetrics().horizontalAdvance(sample) + 14);
}

void ListView::copyRow() const
{
    const QModelIndexList rows = selectionModel() ? selectionModel()->selectedRows() : QModelIndexList();
    if (rows.isEmpty())
        return;
    QStringList cells;
    for (int column = 0; column < model()->columnCount(); ++column)
        cells += visibleText(rows.first().siblingAtColumn(column).data().toString());
    QGuiApplication::clipboard()->setText(cells.join(u'\t'));
}

bool ListView::viewportEvent(QEvent *event)
{
    if (event->type() != QEvent::ToolTip)
        return QTableView::viewportEvent(event);
    const auto *help = static_cast<QHelpEvent *>(event);
    const QModelIndex index = indexAt(help->pos());
    QString text = index.data(Qt::ToolTipRole).toString();
    if (text.isEmpty())
        text = index.data().toString();
    QToolTip::showText(help->globalPos(), plainToolTip(visibleText(text, true)), this);
    return true;
}

void PlainDelegate::initStyleOption(QStyleOptionViewItem *option, const QModelIndex &index) const
{
    QStyledItemDelegate::initStyleOption(option, index);
    option->text = visibleText(option->text);
    if (numericColumns.contains(index.column())) {
        option->font = theme::tabularFont(option->font);
        option->fontMetrics = QFontMetrics(option->font);
        option->displayAlignment = Qt::AlignRight | Qt::AlignVCenter;
    }
}

} // namespace loopscope::panel
