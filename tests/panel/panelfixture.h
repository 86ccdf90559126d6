// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/session.h"
#include "inspector/model/viewstate.h"
#include "inspector/theme/theme.h"
#include "tests/support/recordbuilder.h"

#include <QtCore/QDir>
#include <QtWidgets/QApplication>
#include <QtWidgets/QWidget>

namespace loopscope::test {

inline constexpr qint64 ms = 1'000'000; // ns
inline constexpr qint64 us = 1'000; // ns

// A session and the shared view state, fed with transcripts by hand.
struct PanelFixture {
    model::Session session;
    model::ViewState view;

    PanelFixture()
    {
        session.setLane(0, trace::Trace::LaneKind::Loop, "loop");
        session.setLane(1, trace::Trace::LaneKind::Worker, "pool 1");
    }
    void feed(const Transcript &transcript)
    {
        session.beginBatch();
        transcript.replay([this](int lane, const trace::TraceRecord &record, QByteArrayView text) {
            session.add(lane, record, text);
        });
        session.endBatch();
    }
};

// A window around a panel, so that it is laid out, painted and takes keys. It has no size constraints of its own, which
// the offscreen platform would warn of. Made after the panel, which it gives back.
class Window final : public QWidget {
public:
    Window(QWidget &panel, QSize size)
        : m_panel(panel)
    {
        panel.setParent(this);
        resize(size);
        panel.resize(size);
        panel.show();
        show();
        activateWindow();
    }
    ~Window() override { m_panel.setParent(nullptr); }

private:
    QWidget &m_panel;
};

// A head that tries everything: markup, an entity, a bidirectional override, a control character, a broken UTF-8 byte.
inline const QByteArray hostileHead
    = "GET /<b>bold</b>&amp;\xe2\x80\xaegnp.exe HTTP/1.1\r\nHost: x\r\nX-Evil: <img src=x>\x1b[31m\xff\r\n\r\n";

// Where LOOPSCOPE_PICTURES names a folder: the panel in both themes as PNG, for people to look at.
inline void takePictures(QWidget &panel, const QString &name, QSize size)
{
    const QString folder = qEnvironmentVariable("LOOPSCOPE_PICTURES");
    if (folder.isEmpty())
        return;
    QDir().mkpath(folder);
    const Window window(panel, size);
    for (const auto &[theme, suffix] : {std::pair{theme::Theme::Light, QStringLiteral("light")},
                                        std::pair{theme::Theme::Dark, QStringLiteral("dark")}}) {
        theme::applyTheme(*qApp, theme);
        QCoreApplication::processEvents();
        panel.grab().save(QDir(folder).filePath(QString(name + u'-' + suffix + QStringLiteral(".png"))));
    }
    theme::applyTheme(*qApp, theme::Theme::Light);
}

} // namespace loopscope::test
