// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/commandline.h"
#include "app/serverhost.h"
#include "app/settings.h"
#include "inspector/model/session.h"
#include "inspector/model/viewstate.h"
#include "inspector/model/warnings.h"

#include <QtCore/QElapsedTimer>
#include <QtCore/QTimer>
#include <QtWidgets/QMainWindow>

QT_BEGIN_NAMESPACE
class QActionGroup;
class QLabel;
class QSpinBox;
QT_END_NAMESPACE

namespace loopscope::panel {
class CallbackView;
class DrainView;
class LoopPanel;
class PoolBoard;
class ReplayView;
class RequestDetail;
class RequestTable;
class StatusStrip;
class WarningsView;
}

namespace loopscope::scope {
class ScopeView;
}

namespace loopscope::app {

class AbPanel;
class NoticeLabel;
class PlaygroundPanel;

// The lab's window: it starts and drains the server, drains the trace into the session, and shows it in docks.
//
// Made by main(); GUI thread. The trace and the settings must outlive it. Its one timer moves everything, at most 60
// times a second; the docks own none. It never waits for the server: what it asks is answered by signals.
class MainWindow final : public QMainWindow {
    Q_OBJECT

public:
    // Between two ticks, ms: 60 a second.
    static constexpr int tickMs = 16;
    // Records taken from each lane in a tick: 3 million a second, about 5 ms of work. What is beyond stays in the
    // ring for the next tick, or is dropped there and counted.
    static constexpr std::size_t recordsPerTick = 50'000;
    // What a drain from the window gives to requests in flight, as `serve` does by default.
    static constexpr std::chrono::milliseconds drainDeadline{10'000};
    // Drain becomes "Cut now" as it is pressed: so long a second press is taken for the same one.
    static constexpr std::chrono::milliseconds doublePress{1'000};

    MainWindow(trace::Trace &trace, Settings &settings, const WindowOptions &options, QWidget *parent = nullptr);
    ~MainWindow() override;

    // Listens on the chosen port.
    void startServer();
    // Drains; while it drains, cuts.
    void drainOrCut();

    [[nodiscard]] const model::Session &session() const { return m_session; }
    [[nodiscard]] ServerHost &server() { return m_server; }
    [[nodiscard]] PlaygroundPanel &playground() { return *m_playground; }
    [[nodiscard]] AbPanel &compare() { return *m_compare; }
    [[nodiscard]] panel::PoolBoard &pool() { return *m_pool; }
    [[nodiscard]] panel::ReplayView &replay() { return *m_replay; }
    [[nodiscard]] model::Warnings &warnings() { return m_warnings; }
    [[nodiscard]] QString notice() const;
    [[nodiscard]] const QList<QDockWidget *> &docks() const { return m_docks; }
    [[nodiscard]] QString url() const;

protected:
    // Drains first when the server runs, and closes when that has ended; closing again cuts.
    void closeEvent(QCloseEvent *event) override;

private:
    struct Actions {
        QAction *start = nullptr;
        QAction *drain = nullptr;
        QAction *copyUrl = nullptr;
        QAction *openUrl = nullptr;
        QAction *record = nullptr;
        QAction *follow = nullptr;
        QAction *clear = nullptr;
        QAction *send = nullptr;
        QAction *cancel = nullptr;
        QAction *filter = nullptr;
        QAction *path = nullptr;
        QAction *compare = nullptr;
        QAction *replay = nullptr;
        QAction *resetLayout = nullptr;
        QAction *help = nullptr;
        QAction *about = nullptr;
        QAction *quit = nullptr;
        QActionGroup *themes = nullptr;
    };

    QAction *makeAction(const QString &text, const QString &toolTip, const QKeySequence &shortcut,
                        const char *icon = nullptr);
    void makeServerActions();
    void makeViewActions();
    void makeThemeActions();
    void makeToolBar();
    void makeMenus();
    void makeDocks();
    QDockWidget *makeDock(const QString &name, const QString &title, QWidget *content);
    void connectViews();
    void arrangeDocks();
    void restoreLayout();
    void saveAll();

    void tick();
    void onStateChanged(ServerHost::State state);
    void onDrained(const QStringList &cut);
    void setRecording(bool recording);
    void setTheme(ThemeChoice theme);
    void clearSession();
    void resend(quint64 request);
    [[nodiscard]] QDockWidget *findDock(const QString &name) const;
    void showDock(const QString &name);
    void onWarnings(int unseen);
    void showHelp();
    void showAbout();

    trace::Trace &m_trace;
    Settings &m_settings;
    model::Session m_session;
    model::ViewState m_view;
    model::Warnings m_warnings;
    ServerHost m_server;
    QElapsedTimer m_drainPressed;
    Actions m_actions;
    QSpinBox *m_port = nullptr;
    QLabel *m_url = nullptr;
    PlaygroundPanel *m_playground = nullptr;
    scope::ScopeView *m_scope = nullptr;
    panel::RequestTable *m_table = nullptr;
    panel::RequestDetail *m_detail = nullptr;
    panel::DrainView *m_drain = nullptr;
    AbPanel *m_compare = nullptr;
    panel::LoopPanel *m_loop = nullptr;
    panel::CallbackView *m_callbacks = nullptr;
    panel::PoolBoard *m_pool = nullptr;
    panel::WarningsView *m_warningsView = nullptr;
    panel::ReplayView *m_replay = nullptr;
    QList<QDockWidget *> m_docks;
    panel::StatusStrip *m_status = nullptr;
    NoticeLabel *m_notice = nullptr;
    QTimer m_timer;
    bool m_closing = false;
};

} // namespace loopscope::app
