// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/commandline.h"
#include "app/playground/requestdraft.h"

#include <QtCore/QByteArray>
#include <QtCore/QSettings>

namespace loopscope::app {

// What the window remembers from one day to the next. GUI thread; owned by the main window.
//
// The layout carries a version: what another version of the program wrote is ignored, as is whatever is damaged or out
// of range; the default is then what a first start has.
class Settings final {
public:
    // Raised whenever docks, columns or toolbars are renamed or rearranged.
    static constexpr int layoutVersion = 2;
    static constexpr quint16 defaultPort = 3000;

    // The user's own file.
    Settings();
    // A file of a test.
    explicit Settings(const QString &fileName);

    struct Layout {
        QByteArray geometry; // QWidget::saveGeometry()
        QByteArray docks; // QMainWindow::saveState()
        QByteArray columns; // RequestTable::saveState()
        friend bool operator==(const Layout &, const Layout &) = default;
    };
    [[nodiscard]] Layout layout() const;
    void setLayout(const Layout &layout);
    void resetLayout();

    [[nodiscard]] ThemeChoice theme() const;
    void setTheme(ThemeChoice theme);
    // 0: a free one.
    [[nodiscard]] quint16 port() const;
    void setPort(quint16 port);
    [[nodiscard]] RequestDraft draft() const;
    void setDraft(const RequestDraft &draft);

private:
    QSettings m_settings;
};

} // namespace loopscope::app
