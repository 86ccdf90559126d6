// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/requesttablemodel.h"
#include "inspector/model/viewstate.h"

#include <QtWidgets/QWidget>

QT_BEGIN_NAMESPACE
class QLabel;
class QLineEdit;
class QTableView;
class QToolButton;
QT_END_NAMESPACE

namespace loopscope::panel {

class EmptyText;
class FollowTail;
class RequestDelegate;

// The dock of all requests: a filter field above a table that grows while requests come.
//
// Made by app/; GUI thread; session and view state must outlive it. It reads them, never the capture; it owns no
// timer: tick(now) is called by the one that app/ has. The list follows its newest end as FollowTail says; it also
// stops and starts with the shared view state. The filter is the shared one.
class RequestTable final : public QWidget {
    Q_OBJECT

public:
    RequestTable(const model::Session &session, model::ViewState &view, QWidget *parent = nullptr);
    ~RequestTable() override;

    // At most 60 times a second, with the time on the clock.
    void tick(qint64 nowNs);

    // Widths, order and visibility of the columns, for QSettings. restoreState() is false for what it does not know.
    [[nodiscard]] QByteArray saveState() const;
    bool restoreState(const QByteArray &state);

    // What the empty table tells a person to do; plain text. The default speaks of Start and of the playground.
    void setEmptyText(const QString &text);

    void focusFilter();
    void copySelectedAsCurl() const;
    void copySelectedUrl() const;
    void copySelectedRow() const;

    [[nodiscard]] QTableView *tableView() const { return m_table; }
    [[nodiscard]] QLineEdit *filterField() const { return m_filter; }
    [[nodiscard]] const FollowTail &followTail() const { return *m_tail; }
    // The words below the filter: its error, or how many requests it shows; empty without a filter.
    [[nodiscard]] QString filterMessage() const;

    bool eventFilter(QObject *watched, QEvent *event) override;

protected:
    void changeEvent(QEvent *event) override;

Q_SIGNALS:
    // A person asks to send the request again.
    void resendRequested(quint64 request);
    // A person asks to forget all that was recorded.
    void clearRequested();

private:
    // What an action needs: nothing, a selected request, or one whose head is still kept.
    enum class Needs { Nothing, Request, Head };
    struct RequestAction {
        QAction *action = nullptr;
        Needs needs = Needs::Request;
    };
    void setUpTable();
    void fitPath();
    void setUpFilter();
    void setUpActions();
    void updateActions();
    void showMenu(const QPoint &position);
    void layOut();
    void applyFilter();
    void updateWords();
    [[nodiscard]] QString emptyText() const;
    void colorMessage();
    void onRowSelected();
    void onSelectionChanged(const model::Selection &selection);
    [[nodiscard]] quint64 selectedRequest() const;
    // By its Host field, as its client saw the server; else the address that the server listens on.
    [[nodiscard]] QString baseUrl(const model::Request &request) const;

    const model::Session &m_session;
    model::ViewState &m_view;
    model::RequestTableModel *const m_model;
    QTableView *const m_table;
    RequestDelegate *const m_delegate;
    FollowTail *const m_tail;
    EmptyText *const m_empty;
    QLineEdit *const m_filter;
    QToolButton *const m_follow;
    QLabel *const m_message;
    QString m_emptyText; // empty: emptyText() says what to do next
    QList<RequestAction> m_requestActions; // that need a selected request
    bool m_selecting = false; // our own change of the shared selection is on its way back
    int m_narrowPath = 0; // px, at least
    bool m_fittingPath = false;
    bool m_pathIsChosen = false; // by a person, now or in an earlier run
    qint64 m_paintedNow = -1;
};

} // namespace loopscope::panel
