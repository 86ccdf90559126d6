// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/panel/elidedlabel.h"

#include "inspector/panel/plaintext.h"

#include <QtGui/QPainter>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace loopscope::panel {

namespace {
constexpr int minimumCharacters = 8;
}

ElidedLabel::ElidedLabel(QWidget *parent)
    : QFrame(parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void ElidedLabel::setText(const QString &text, const QString &explanation)
{
    const QString shown = visibleText(text);
    if (shown == m_text && explanation == m_explanation)
        return;
    m_text = shown;
    m_explanation = explanation;
    setAccessibleName(m_text);
    setToolTip(plainToolTip(explanation.isEmpty() ? m_text : QString(m_text + u"\n"_s + explanation)));
    updateGeometry();
    update();
}

QSize ElidedLabel::sizeHint() const
{
    return {fontMetrics().horizontalAdvance(m_text) + 2, fontMetrics().height() + 2};
}

QSize ElidedLabel::minimumSizeHint() const
{
    const int modest = fontMetrics().averageCharWidth() * minimumCharacters;
    return {std::min(sizeHint().width(), modest), sizeHint().height()};
}

void ElidedLabel::paintEvent(QPaintEvent *event)
{
    QFrame::paintEvent(event);
    QPainter painter(this);
    painter.setPen(palette().color(isEnabled() ? QPalette::Active : QPalette::Disabled, foregroundRole()));
    painter.drawText(contentsRect(), Qt::AlignVCenter | Qt::AlignLeft,
                     fontMetrics().elidedText(m_text, Qt::ElideRight, contentsRect().width()));
}

} // namespace loopscope::panel
