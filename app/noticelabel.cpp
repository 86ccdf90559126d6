// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/noticelabel.h"

#include "inspector/panel/plaintext.h"
#include "inspector/theme/colors.h"

#include <QtCore/QEvent>

namespace loopscope::app {

NoticeLabel::NoticeLabel(QWidget *parent)
    : QLabel(parent)
{
    setTextFormat(Qt::PlainText);
    setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    setContentsMargins(6, 0, 6, 0);
    setAccessibleName(tr("Notice"));
    updateColor();
    hide();
}

void NoticeLabel::setNotice(const QString &sentence)
{
    m_notice = sentence;
    setToolTip(sentence.isEmpty() ? QString() : panel::plainToolTip(sentence));
    elide();
    setVisible(!sentence.isEmpty());
}

void NoticeLabel::changeEvent(QEvent *event)
{
    QLabel::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        updateColor();
}

void NoticeLabel::resizeEvent(QResizeEvent *event)
{
    QLabel::resizeEvent(event);
    elide();
}

void NoticeLabel::updateColor()
{
    QPalette colors = palette();
    const QColor alarm = theme::alarmColor(colors);
    if (colors.color(QPalette::WindowText) == alarm)
        return;
    colors.setColor(QPalette::WindowText, alarm);
    setPalette(colors);
}

void NoticeLabel::elide()
{
    setText(fontMetrics().elidedText(panel::visibleText(m_notice), Qt::ElideRight, contentsRect().width()));
}

} // namespace loopscope::app
