// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/theme/framestyle.h"

#include "inspector/theme/colors.h"

#include <QtGui/QPainter>
#include <QtWidgets/QStyleFactory>
#include <QtWidgets/QStyleOption>

namespace loopscope::theme {

using namespace Qt::StringLiterals;

namespace {

// Over Fusion's own, with its radius. What has the focus keeps the style's, in the highlight's colour.
void drawFrame(QPainter *painter, const QStyleOption &option, const QRect &rect)
{
    constexpr qreal radius = 2;
    if ((option.state & QStyle::State_HasFocus) || !(option.state & QStyle::State_Enabled))
        return;
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setBrush(Qt::NoBrush);
    painter->setPen(frameColor(option.palette));
    painter->drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius);
    painter->restore();
}

} // namespace

FrameStyle::FrameStyle()
    : QProxyStyle(QStyleFactory::create(u"Fusion"_s))
{
}

void FrameStyle::drawPrimitive(PrimitiveElement element, const QStyleOption *option, QPainter *painter,
                               const QWidget *widget) const
{
    QProxyStyle::drawPrimitive(element, option, painter, widget);
    if (element == PE_IndicatorCheckBox || element == PE_FrameLineEdit)
        drawFrame(painter, *option, option->rect);
}

void FrameStyle::drawComplexControl(ComplexControl control, const QStyleOptionComplex *option, QPainter *painter,
                                    const QWidget *widget) const
{
    QProxyStyle::drawComplexControl(control, option, painter, widget);
    if (control == CC_SpinBox || control == CC_ComboBox)
        drawFrame(painter, *option, option->rect);
}

} // namespace loopscope::theme
