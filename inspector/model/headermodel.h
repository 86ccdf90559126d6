// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/session.h"

#include <QtCore/QAbstractTableModel>

namespace loopscope::model {

// The header fields of one request's head, or of its response's. Owned by its view; the session's thread; the session
// must outlive it. Empty while the head is not known, and when it was evicted (isEvicted() tells which).
class HeaderModel final : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { Name, Value, ColumnCount };
    enum class Side { Request, Response };

    HeaderModel(const Session &session, Side side, QObject *parent = nullptr);

    // 0: none. Resets the model.
    void setRequest(quint64 number);
    // The request line or status line, or empty.
    [[nodiscard]] const QString &startLine() const noexcept { return m_startLine; }
    // The head as it was on the wire (captured), or empty.
    [[nodiscard]] const QByteArray &raw() const noexcept { return m_raw; }
    [[nodiscard]] bool isEvicted() const noexcept { return m_evicted; }

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    void reload();
    void onChanged(const Session::Change &change);

    const Session &m_session;
    const Side m_side;
    quint64 m_request = 0;
    TextRef m_head; // what the rows were made of
    QByteArray m_raw; // a copy: the rows survive eviction
    QString m_startLine;
    QList<std::pair<QString, QString>> m_rows;
    bool m_evicted = false;
};

} // namespace loopscope::model
