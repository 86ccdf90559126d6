// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/panel/emptytext.h"

#include <QtCore/QAbstractItemModel>
#include <QtCore/QEvent>
#include <QtWidgets/QAbstractItemView>
#include <QtWidgets/QLabel>

namespace loopscope::panel {

EmptyText::EmptyText(QAbstractItemView *view, const QString &text)
    : QObject(view)
    , m_view(view)
    , m_viewport(view->viewport())
    , m_label(new QLabel(m_viewport))
{
    m_label->setTextFormat(Qt::PlainText);
    m_label->setAlignment(Qt::AlignCenter);
    m_label->setWordWrap(true);
    m_label->setMargin(12);
    m_label->setForegroundRole(QPalette::PlaceholderText);
    m_label->setAttribute(Qt::WA_TransparentForMouseEvents);
    m_viewport->installEventFilter(this);
    setText(text);
    watchModel();
}

void EmptyText::setText(const QString &text)
{
    if (text == m_label->text())
        return;
    m_label->setText(text);
    update();
}

QString EmptyText::text() const
{
    return m_label->text();
}

bool EmptyText::isShown() const
{
    return !m_label->isHidden();
}

void EmptyText::watchModel()
{
    if (const QAbstractItemModel *model = m_view->model()) {
        connect(model, &QAbstractItemModel::rowsInserted, this, &EmptyText::update);
        connect(model, &QAbstractItemModel::rowsRemoved, this, &EmptyText::update);
        connect(model, &QAbstractItemModel::modelReset, this, &EmptyText::update);
    }
    update();
}

bool EmptyText::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_viewport && (event->type() == QEvent::Resize || event->type() == QEvent::Show))
        update();
    return QObject::eventFilter(watched, event);
}

void EmptyText::update()
{
    const bool empty = !m_view->model() || m_view->model()->rowCount(m_view->rootIndex()) == 0;
    m_label->setVisible(empty && !m_label->text().isEmpty());
    if (empty)
        m_label->setGeometry(m_viewport->rect());
}

} // namespace loopscope::panel
