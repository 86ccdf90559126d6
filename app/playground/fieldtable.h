// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/playground/requestdraft.h"

#include <QtWidgets/QTableWidget>

namespace loopscope::app {

// Names and values that a person types: form fields, or headers. GUI thread; owned by a RequestForm.
//
// The last row is always empty: typing into it adds one. Delete removes the chosen rows, Tab walks the cells and
// leaves the table at its end. Rows without a name and a value do not count.
class FieldTable final : public QTableWidget {
    Q_OBJECT

public:
    explicit FieldTable(const QString &emptyNameHint, QWidget *parent = nullptr);

    [[nodiscard]] QList<RequestDraft::Field> fields() const;
    void setFields(const QList<RequestDraft::Field> &fields);

    // Room for a few rows: a form rarely has more, and the answer below wants the rest.
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

Q_SIGNALS:
    void edited();

protected:
    void keyPressEvent(QKeyEvent *event) override;
    bool focusNextPrevChild(bool next) override;

private:
    void addRow(const RequestDraft::Field &field);
    void keepEmptyRow();
    void removeChosen();

    const QString m_emptyNameHint;
};

} // namespace loopscope::app
