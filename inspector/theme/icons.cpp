// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/theme/icons.h"

#include <QtGui/QGuiApplication>
#include <QtGui/QIconEngine>
#include <QtGui/QPainter>
#include <QtGui/QPalette>
#include <QtGui/QPixmap>
#include <QtSvg/QSvgRenderer>

#include <memory>

namespace loopscope::theme {

// Renders the SVG's shape and fills it with the palette's colour; what it rendered last is kept per mode.
class TintedIconEngine final : public QIconEngine {
public:
    explicit TintedIconEngine(std::shared_ptr<QSvgRenderer> renderer)
        : m_renderer(std::move(renderer))
    {
    }

    void paint(QPainter *painter, const QRect &rect, QIcon::Mode mode, QIcon::State state) override
    {
        const qreal scale = painter->device() ? painter->device()->devicePixelRatioF() : 1.0;
        painter->drawPixmap(rect, scaledPixmap(rect.size() * scale, mode, state, scale));
    }

    QPixmap pixmap(const QSize &size, QIcon::Mode mode, QIcon::State state) override
    {
        return scaledPixmap(size, mode, state, 1.0);
    }

    // `size` is in device pixels, as QIcon passes it.
    QPixmap scaledPixmap(const QSize &size, QIcon::Mode mode, QIcon::State, qreal) override
    {
        const QColor color = colorOf(mode);
        Cached &cached = m_cache[mode];
        if (cached.pixmap.size() != size || cached.color != color) {
            QPixmap pixmap(size);
            pixmap.fill(Qt::transparent);
            QPainter painter(&pixmap);
            m_renderer->setAspectRatioMode(Qt::KeepAspectRatio);
            m_renderer->render(&painter, QRectF(QPointF(0, 0), QSizeF(size)));
            painter.setCompositionMode(QPainter::CompositionMode_SourceIn);
            painter.fillRect(pixmap.rect(), color);
            painter.end();
            cached = {pixmap, color};
        }
        return cached.pixmap;
    }

    QSize actualSize(const QSize &size, QIcon::Mode, QIcon::State) override { return size; }
    bool isNull() override { return false; }
    QString key() const override { return QStringLiteral("loopscope-tinted"); }
    QIconEngine *clone() const override { return new TintedIconEngine(m_renderer); }

private:
    struct Cached {
        QPixmap pixmap;
        QColor color;
    };

    static QColor colorOf(QIcon::Mode mode)
    {
        const QPalette palette = QGuiApplication::palette();
        switch (mode) {
        case QIcon::Disabled: return palette.color(QPalette::Disabled, QPalette::ButtonText);
        case QIcon::Selected: return palette.color(QPalette::HighlightedText);
        case QIcon::Normal:
        case QIcon::Active: break;
        }
        return palette.color(QPalette::ButtonText);
    }

    std::shared_ptr<QSvgRenderer> m_renderer; // shared with clones: all on the GUI thread
    Cached m_cache[4]; // by QIcon::Mode
};

QIcon tintedIcon(const QString &svgFile)
{
    auto renderer = std::make_shared<QSvgRenderer>(svgFile);
    if (!renderer->isValid())
        return {};
    return QIcon(new TintedIconEngine(std::move(renderer)));
}

} // namespace loopscope::theme
