// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtWidgets/QStyledItemDelegate>
#include <QtWidgets/QTableView>

namespace loopscope::panel {

// A table as the panels have them: whole rows, equally high, plain text, keyboard complete, Ctrl+C copies the row.
// Tooltips are the model's, as plain text; a cell that is elided has its text as tooltip. GUI thread.
class ListView final : public QTableView {
    Q_OBJECT

public:
    explicit ListView(const QString &accessibleName, QWidget *parent = nullptr);

    // Columns of times, sizes and counts: right-aligned, digits equally wide.
    void setNumericColumns(const QList<int> &columns);
    // As wide as `sample` needs.
    void setColumnSample(int column, const QString &sample);
    void copyRow() const;

protected:
    bool viewportEvent(QEvent *event) override;
};

// Shows what a cell says as text, with hidden characters visible. For ListView.
class PlainDelegate : public QStyledItemDelegate {
    Q_OBJECT

public:
    explicit PlainDelegate(QObject *parent)
        : QStyledItemDelegate(parent)
    {
    }
    QList<int> numericColumns;

protected:
    void initStyleOption(QStyleOptionViewItem *option, const QModelIndex &index) const override;
};

} // namespace loopscope::panel
