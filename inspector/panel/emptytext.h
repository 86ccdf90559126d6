// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QObject>
#include <QtCore/QString>

QT_BEGIN_NAMESPACE
class QAbstractItemView;
class QLabel;
class QWidget;
QT_END_NAMESPACE

namespace loopscope::panel {

// Words over an item view that has no rows: what to do to fill it. Plain text, wrapped, in the palette's
// placeholder colour. Owned by the view; GUI thread; never takes the mouse or the focus.
class EmptyText final : public QObject {
    Q_OBJECT

public:
    EmptyText(QAbstractItemView *view, const QString &text);

    void setText(const QString &text);
    [[nodiscard]] QString text() const;
    [[nodiscard]] bool isShown() const;
    // After the view was given another model.
    void watchModel();

    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void update();

    QAbstractItemView *const m_view;
    QWidget *const m_viewport; // asks nothing of a view that is being destroyed, as its viewport's last events come
    QLabel *const m_label;
};

} // namespace loopscope::panel
