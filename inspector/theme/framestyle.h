// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtWidgets/QProxyStyle>

namespace loopscope::theme {

// Fusion, with frames that are seen: it draws those of fields and of unticked boxes darker than the window, which in a dark
// theme is no frame at all. WCAG 2.2, 1.4.11 asks for a contrast of 3 with what is around a control. GUI thread.
class FrameStyle final : public QProxyStyle {
    Q_OBJECT

public:
    FrameStyle();

    void drawPrimitive(PrimitiveElement element, const QStyleOption *option, QPainter *painter,
                       const QWidget *widget = nullptr) const override;
    void drawComplexControl(ComplexControl control, const QStyleOptionComplex *option, QPainter *painter,
                            const QWidget *widget = nullptr) const override;
};

} // namespace loopscope::theme
