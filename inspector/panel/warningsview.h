// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/viewstate.h"
#include "inspector/model/warnings.h"

#include <QtWidgets/QWidget>

QT_BEGIN_NAMESPACE
class QLabel;
QT_END_NAMESPACE

namespace loopscope::panel {

class ListView;

// The dock of warnings: what the records of the loop and the pool were taken for, the newest first. Selecting one selects
// the slice and the request that it came from; a double click, or Enter, shows them in the scope. What is an
// interpretation stands in italics with a sign before it; times and sites are measured and stand upright.
//
// Made by app/; GUI thread; session, view state and warnings must outlive it. While it is in view, warnings count as seen.
class WarningsView final : public QWidget {
    Q_OBJECT

public:
    WarningsView(const model::Session &session, model::Warnings &warnings, model::ViewState &view,
                 QWidget *parent = nullptr);

    // At most 60 times a second. Does nothing while it is not in view.
    void tick() { seen(); }

    [[nodiscard]] ListView &list() const { return *m_list; }
    // The rule of the selected warning, or how many were forgotten.
    [[nodiscard]] QString noteWords() const;

protected:
    void showEvent(QShowEvent *event) override;

private:
    void onRowSelected();
    void showInScope(int row);
    void updateNote();
    void seen();

    const model::Session &m_session;
    model::Warnings &m_warnings;
    model::ViewState &m_view;
    ListView *const m_list;
    QLabel *const m_note;
};

} // namespace loopscope::panel
