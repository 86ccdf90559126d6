// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/mainwindow.h"

#include "app/helpdialog.h"
#include "app/lab/abpanel.h"
#include "app/noticelabel.h"
#include "app/playground/playgroundpanel.h"
#include "inspector/model/httphead.h"
#include "inspector/panel/callbackview.h"
#include "inspector/panel/drainview.h"
#include "inspector/panel/looppanel.h"
#include "inspector/panel/poolboard.h"
#include "inspector/panel/replayview.h"
#include "inspector/panel/requestdetail.h"
#include "inspector/panel/requesttable.h"
#include "inspector/panel/statusstrip.h"
#include "inspector/panel/warningsview.h"
#include "inspector/scope/scopeview.h"
#include "inspector/theme/fonts.h"
#include "inspector/theme/icons.h"
#include "inspector/theme/theme.h"
#include "server/practice/experiment.h"
#include "server/trace/trace.h"

#include <QtCore/QUrl>
#include <QtGui/QScreen>
#include <QtGui/QActionGroup>
#include <QtGui/QClipboard>
#include <QtGui/QCloseEvent>
#include <QtGui/QDesktopServices>
#include <QtWidgets/QApplication>
#include <QtWidgets/QDockWidget>
#include <QtWidgets/QLabel>
#include <QtWidgets/QMenuBar>
#include <QtWidgets/QMessageBox>
#include <QtWidgets/QSpinBox>
#include <QtWidgets/QStatusBar>
#include <QtWidgets/QToolBar>
#include <QtWidgets/QToolButton>

using namespace Qt::StringLiterals;

namespace loopscope::app {

namespace {

constexpr QSize firstSize{1280, 800};
// What a window manager may put around it: the whole window must be on a screen of 1280×800.
constexpr QSize frameRoom{8, 40};

} // namespace

MainWindow::MainWindow(trace::Trace &trace, Settings &settings, const WindowOptions &options, QWidget *parent)
    : QMainWindow(parent)
    , m_trace(trace)
    , m_settings(settings)
    , m_warnings(m_session)
    , m_server(trace)
{
    setWindowTitle(tr("Loopscope"));
    setWindowIcon(QIcon(u":/loopscope/icons/loopscope.svg"_s));
    if (options.resetLayout)
        m_settings.resetLayout();
    setTheme(options.theme.value_or(m_settings.theme()));
    makeServerActions();
    makeViewActions();
    makeThemeActions();
    makeToolBar();
    makeDocks();
    makeMenus();
    m_status = new panel::StatusStrip(m_session);
    m_notice = new NoticeLabel;
    statusBar()->addWidget(m_status, 3);
    statusBar()->addWidget(m_notice, 2);
    statusBar()->setSizeGripEnabled(false);
    m_port->setValue(options.port.value_or(m_settings.port()));
    m_playground->setDraft(m_settings.draft());
    connectViews();
    restoreLayout();
    onStateChanged(m_server.state());
    m_timer.setTimerType(Qt::PreciseTimer);
    connect(&m_timer, &QTimer::timeout, this, &MainWindow::tick);
    m_timer.start(tickMs);
    if (options.start)
        startServer();
}

MainWindow::~MainWindow()
{
    m_timer.stop();
}

// --- actions ---

QAction *MainWindow::makeAction(const QString &text, const QString &toolTip, const QKeySequence &shortcut,
                                const char *icon)
{
    auto *action = new QAction(text, this);
    const QString keys = shortcut.toString(QKeySequence::NativeText);
    action->setShortcut(shortcut);
    action->setToolTip(keys.isEmpty() ? toolTip : tr("%1 (%2)").arg(toolTip, keys));
    if (icon)
        action->setIcon(theme::tintedIcon(u":/loopscope/icons/"_s + QLatin1StringView(icon) + u".svg"_s));
    addAction(action);
    return action;
}

void MainWindow::makeServerActions()
{
    m_actions.start = makeAction(tr("&Start"), tr("Listen on 127.0.0.1"), Qt::Key_F5, "start");
    m_actions.drain = makeAction(tr("&Drain"), tr("Stop accepting and finish what is in flight"),
                                 Qt::SHIFT | Qt::Key_F5, "drain");
    m_actions.copyUrl
        = makeAction(tr("&Copy address"), tr("Copy the address"), Qt::CTRL | Qt::SHIFT | Qt::Key_A, "copy");
    m_actions.openUrl
        = makeAction(tr("&Open in browser"), tr("Open the address in a browser"), Qt::CTRL | Qt::Key_B, "open");
    m_actions.quit = makeAction(tr("&Quit"), tr("Drain the server and quit"), Qt::CTRL | Qt::Key_Q);
    connect(m_actions.start, &QAction::triggered, this, &MainWindow::startServer);
    m_actions.drain->setAutoRepeat(false);
    connect(m_actions.drain, &QAction::triggered, this, &MainWindow::drainOrCut);
    connect(m_actions.copyUrl, &QAction::triggered, this, [this] { QApplication::clipboard()->setText(url()); });
    connect(m_actions.openUrl, &QAction::triggered, this, [this] {
        if (!QDesktopServices::openUrl(QUrl(url())))
            m_notice->setNotice(tr("No browser could be opened: copy the address instead."));
    });
    connect(m_actions.quit, &QAction::triggered, this, &MainWindow::close);
    m_actions.send = makeAction(tr("&Send"), tr("Send the playground's request"), Qt::CTRL | Qt::Key_Return);
    m_actions.cancel = makeAction(tr("&Cancel"), tr("Close the playground's connections now"),
                                  Qt::CTRL | Qt::Key_Period);
    m_actions.path = makeAction(tr("&Path"), tr("Go to the playground's path"), Qt::CTRL | Qt::SHIFT | Qt::Key_P);
}

void MainWindow::makeViewActions()
{
    m_actions.record = makeAction(tr("&Recording"), tr("Record what the server does"), Qt::CTRL | Qt::Key_E, "record");
    m_actions.record->setCheckable(true);
    m_actions.record->setChecked(m_trace.isEnabled());
    connect(m_actions.record, &QAction::toggled, this, &MainWindow::setRecording);
    m_actions.follow = makeAction(tr("&Hold"), tr("Hold the views still, or follow the newest end"),
                                  Qt::Key_Space, "pause");
    m_actions.follow->setCheckable(true);
    m_actions.follow->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    m_actions.follow->setChecked(!m_view.isFollowing());
    connect(m_actions.follow, &QAction::toggled, this, [this](bool held) { m_view.setFollowing(!held); });
    connect(&m_view, &model::ViewState::followingChanged, this,
            [this](bool following) { m_actions.follow->setChecked(!following); });
    m_actions.clear = makeAction(tr("&Clear"), tr("Forget everything that was recorded"),
                                 Qt::CTRL | Qt::SHIFT | Qt::Key_Delete, "clear");
    connect(m_actions.clear, &QAction::triggered, this, &MainWindow::clearSession);
    m_actions.filter = makeAction(tr("&Filter"), tr("Go to the table's filter"), Qt::CTRL | Qt::SHIFT | Qt::Key_F);
    m_actions.resetLayout = makeAction(tr("Reset &layout"), tr("Put all docks where they were at first"),
                                       Qt::CTRL | Qt::SHIFT | Qt::Key_0);
    connect(m_actions.resetLayout, &QAction::triggered, this, [this] {
        m_settings.resetLayout();
        arrangeDocks();
    });
    m_actions.compare = makeAction(tr("&Compare …"), tr("Run two ways of doing the same work against the server, and compare"),
                                   Qt::CTRL | Qt::SHIFT | Qt::Key_L);
    connect(m_actions.compare, &QAction::triggered, this, [this] {
        showDock(u"compare"_s);
        m_compare->setFocus();
    });
    m_actions.replay = makeAction(tr("&Replay the selected request"), tr("Go through its callbacks step by step"),
                                  Qt::CTRL | Qt::SHIFT | Qt::Key_R);
    connect(m_actions.replay, &QAction::triggered, this, [this] {
        showDock(u"replay"_s);
        m_replay->replaySelection();
    });
    m_actions.help = makeAction(tr("&Help"), tr("How to begin, and all keys"), Qt::Key_F1, "help");
    connect(m_actions.help, &QAction::triggered, this, &MainWindow::showHelp);
    m_actions.about = makeAction(tr("&About Loopscope"), tr("Version and licence"), {});
    connect(m_actions.about, &QAction::triggered, this, &MainWindow::showAbout);
}

void MainWindow::makeThemeActions()
{
    m_actions.themes = new QActionGroup(this);
    const QList<std::pair<ThemeChoice, QString>> choices{{ThemeChoice::System, tr("As the &desktop")},
                                                         {ThemeChoice::Light, tr("&Light")},
                                                         {ThemeChoice::Dark, tr("Dar&k")}};
    const ThemeChoice current = m_settings.theme();
    for (const auto &[choice, text] : choices) {
        QAction *action = m_actions.themes->addAction(text);
        action->setCheckable(true);
        action->setChecked(choice == current);
        action->setData(int(choice));
    }
    connect(m_actions.themes, &QActionGroup::triggered, this,
            [this](QAction *action) { setTheme(ThemeChoice(action->data().toInt())); });
}

void MainWindow::makeToolBar()
{
    QToolBar *bar = addToolBar(tr("Server"));
    bar->setObjectName("toolbar"_L1);
    bar->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    bar->setMovable(false);
    bar->addAction(m_actions.start);
    bar->addAction(m_actions.drain);
    m_port = new QSpinBox;
    m_port->setRange(0, 65535);
    m_port->setPrefix(tr("port "));
    m_port->setSpecialValueText(tr("any port"));
    m_port->setToolTip(tr("Port to listen on; the least value takes a free one"));
    m_port->setAccessibleName(tr("Port"));
    bar->addWidget(m_port);
    m_url = new QLabel;
    m_url->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_url->setContentsMargins(8, 0, 4, 0);
    m_url->setFont(theme::tabularFont(font()));
    bar->addWidget(m_url);
    const auto iconOnly = [bar](QAction *action) {
        bar->addAction(action);
        if (auto *button = qobject_cast<QToolButton *>(bar->widgetForAction(action)))
            button->setToolButtonStyle(Qt::ToolButtonIconOnly);
    };
    iconOnly(m_actions.copyUrl);
    iconOnly(m_actions.openUrl);
    bar->addSeparator();
    bar->addAction(m_actions.record);
    bar->addAction(m_actions.follow);
    bar->addAction(m_actions.clear);
    auto *spacer = new QWidget;
    spacer->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    bar->addWidget(spacer);
    auto *theme = new QToolButton;
    auto *themeMenu = new QMenu(theme);
    themeMenu->addActions(m_actions.themes->actions());
    theme->setMenu(themeMenu);
    theme->setPopupMode(QToolButton::InstantPopup);
    theme->setIcon(theme::tintedIcon(u":/loopscope/icons/theme.svg"_s));
    theme->setToolTip(tr("Light or dark"));
    theme->setAccessibleName(tr("Theme"));
    bar->addWidget(theme);
    iconOnly(m_actions.help);
}

void MainWindow::makeMenus()
{
    QMenu *server = menuBar()->addMenu(tr("&Server"));
    server->addActions({m_actions.start, m_actions.drain});
    server->addSeparator();
    server->addActions({m_actions.copyUrl, m_actions.openUrl});
    server->addSeparator();
    server->addAction(m_actions.quit);
    QMenu *record = menuBar()->addMenu(tr("&Record"));
    record->addActions({m_actions.record, m_actions.follow, m_actions.clear});
    QMenu *playground = menuBar()->addMenu(tr("&Playground"));
    playground->addActions({m_actions.path, m_actions.send, m_actions.cancel});
    QMenu *lab = menuBar()->addMenu(tr("&Lab"));
    lab->addActions({m_actions.compare, m_actions.replay});
    QMenu *view = menuBar()->addMenu(tr("&View"));
    int number = 0;
    for (QDockWidget *dock : std::as_const(m_docks)) {
        QAction *toggle = dock->toggleViewAction();
        if (++number <= 10) // Alt+1 … Alt+9, Alt+0
            toggle->setShortcut(Qt::ALT | Qt::Key(Qt::Key_0 + number % 10));
        toggle->setToolTip(tr("Show or hide this dock"));
        view->addAction(toggle);
    }
    view->addSeparator();
    view->addAction(m_actions.filter);
    QMenu *theme = view->addMenu(tr("&Theme"));
    theme->addActions(m_actions.themes->actions());
    view->addAction(m_actions.resetLayout);
    QMenu *help = menuBar()->addMenu(tr("&Help"));
    help->addActions({m_actions.help, m_actions.about});
}

// --- docks ---

QDockWidget *MainWindow::makeDock(const QString &name, const QString &title, QWidget *content)
{
    auto *dock = new QDockWidget(title, this);
    dock->setObjectName(name);
    dock->setWidget(content);
    m_docks.append(dock);
    return dock;
}

void MainWindow::makeDocks()
{
    m_playground = new PlaygroundPanel;
    m_scope = new scope::ScopeView(m_session, m_view);
    m_table = new panel::RequestTable(m_session, m_view);
    m_detail = new panel::RequestDetail(m_session, m_view);
    m_drain = new panel::DrainView(m_session, m_view);
    m_compare = new AbPanel(m_session, practice::experiments());
    m_loop = new panel::LoopPanel(m_session);
    m_callbacks = new panel::CallbackView(m_session, m_view);
    m_pool = new panel::PoolBoard(m_session);
    m_warningsView = new panel::WarningsView(m_session, m_warnings, m_view);
    m_replay = new panel::ReplayView(m_session, m_view);
    makeDock(u"playground"_s, tr("Playground"), m_playground);
    makeDock(u"scope"_s, tr("Scope"), m_scope);
    makeDock(u"requests"_s, tr("Requests"), m_table);
    makeDock(u"detail"_s, tr("Detail"), m_detail);
    makeDock(u"drain"_s, tr("Drain"), m_drain);
    makeDock(u"compare"_s, tr("Compare"), m_compare);
    makeDock(u"loop"_s, tr("Loop"), m_loop);
    makeDock(u"callbacks"_s, tr("Callbacks"), m_callbacks);
    makeDock(u"pool"_s, tr("Pool"), m_pool);
    makeDock(u"warnings"_s, tr("Warnings"), m_warningsView);
    makeDock(u"replay"_s, tr("Replay"), m_replay);
    // Space holds the views where it is pressed in one of them; elsewhere it presses buttons and types blanks.
    removeAction(m_actions.follow);
    for (QWidget *view : QList<QWidget *>{m_scope, m_table, m_detail, m_drain, m_callbacks})
        view->addAction(m_actions.follow);
    setDockNestingEnabled(true);
    setTabPosition(Qt::AllDockWidgetAreas, QTabWidget::North);
    arrangeDocks();
}

// As in the design: playground, then scope above the requests, then the detail. Behind them, as tabs: the comparison
// behind the scope, other lists behind the requests, what moves all the time behind the detail.
void MainWindow::arrangeDocks()
{
    enum Dock { Playground, Scope, Requests, Detail, Drain, Compare, Loop, Callbacks, Pool, Warnings, Replay };
    for (QDockWidget *dock : std::as_const(m_docks)) {
        dock->setFloating(false);
        removeDockWidget(dock);
    }
    addDockWidget(Qt::LeftDockWidgetArea, m_docks[Playground]);
    splitDockWidget(m_docks[Playground], m_docks[Scope], Qt::Horizontal);
    splitDockWidget(m_docks[Scope], m_docks[Detail], Qt::Horizontal);
    splitDockWidget(m_docks[Scope], m_docks[Requests], Qt::Vertical);
    for (const Dock behind : {Drain, Loop, Pool})
        tabifyDockWidget(m_docks[Detail], m_docks[behind]);
    for (const Dock behind : {Callbacks, Warnings, Replay})
        tabifyDockWidget(m_docks[Requests], m_docks[behind]);
    tabifyDockWidget(m_docks[Scope], m_docks[Compare]);
    for (QDockWidget *dock : std::as_const(m_docks))
        dock->show();
    for (const Dock inFront : {Detail, Requests, Scope})
        m_docks[inFront]->raise();
    resizeDocks({m_docks[Playground], m_docks[Scope], m_docks[Detail]}, {290, 580, 410}, Qt::Horizontal);
    resizeDocks({m_docks[Scope], m_docks[Requests]}, {360, 340}, Qt::Vertical);
}

QDockWidget *MainWindow::findDock(const QString &name) const
{
    return findChild<QDockWidget *>(name, Qt::FindDirectChildrenOnly);
}

void MainWindow::showDock(const QString &name)
{
    QDockWidget *dock = findDock(name);
    dock->show();
    dock->raise();
}

// The tab says how many nobody has seen.
void MainWindow::onWarnings(int unseen)
{
    findDock(u"warnings"_s)->setWindowTitle(unseen > 0 ? tr("Warnings (%1)").arg(unseen) : tr("Warnings"));
}

void MainWindow::connectViews()
{
    connect(m_actions.send, &QAction::triggered, m_playground, &PlaygroundPanel::send);
    connect(m_actions.cancel, &QAction::triggered, m_playground, &PlaygroundPanel::cancel);
    connect(m_actions.path, &QAction::triggered, m_playground, &PlaygroundPanel::focusPath);
    connect(m_actions.filter, &QAction::triggered, m_table, &panel::RequestTable::focusFilter);
    connect(m_table, &panel::RequestTable::resendRequested, this, &MainWindow::resend);
    connect(m_table, &panel::RequestTable::clearRequested, this, &MainWindow::clearSession);
    connect(m_playground, &PlaygroundPanel::runningChanged, this, [this](bool running) {
        m_actions.send->setEnabled(!running);
        m_actions.cancel->setEnabled(running);
    });
    m_actions.cancel->setEnabled(false);
    m_playground->setServer(u"127.0.0.1"_s, quint16(m_port->value()));
    connect(m_port, &QSpinBox::valueChanged, this, [this] {
        if (m_server.state() == ServerHost::State::Stopped)
            onStateChanged(m_server.state());
    });
    connect(&m_server, &ServerHost::stateChanged, this, &MainWindow::onStateChanged);
    connect(&m_server, &ServerHost::failed, m_notice, &NoticeLabel::setNotice);
    connect(&m_server, &ServerHost::uncaught, m_notice, [this](const QString &sentence) {
        m_notice->setNotice(tr("The server drains and stops: %1").arg(sentence));
    });
    connect(&m_server, &ServerHost::drained, this, &MainWindow::onDrained);
    connect(m_pool, &panel::PoolBoard::threadsRequested, &m_server, &ServerHost::resizePool);
    connect(&m_warnings, &model::Warnings::unseenChanged, this, &MainWindow::onWarnings);
}

void MainWindow::restoreLayout()
{
    const Settings::Layout layout = m_settings.layout();
    if (!restoreGeometry(layout.geometry))
        resize(firstSize.boundedTo(screen()->availableSize() - frameRoom));
    if (!restoreState(layout.docks, Settings::layoutVersion))
        arrangeDocks();
    if (!layout.columns.isEmpty())
        m_table->restoreState(layout.columns);
}

void MainWindow::saveAll()
{
    m_settings.setLayout({saveGeometry(), saveState(Settings::layoutVersion), m_table->saveState()});
    m_settings.setPort(quint16(m_port->value()));
    m_settings.setDraft(m_playground->draft());
}

// --- the server ---

QString MainWindow::url() const
{
    const bool runs = m_server.state() != ServerHost::State::Stopped && m_server.port() != 0;
    return u"http://127.0.0.1:%1"_s.arg(runs ? int(m_server.port()) : m_port->value());
}

QString MainWindow::notice() const
{
    return m_notice->notice();
}

void MainWindow::startServer()
{
    m_notice->clearNotice();
    SiteServerOptions options;
    options.development = true; // a learner wants to see what was thrown
    m_server.start(quint16(m_port->value()), options);
}

void MainWindow::drainOrCut()
{
    if (m_server.state() == ServerHost::State::Draining) {
        if (!m_drainPressed.isValid() || m_drainPressed.hasExpired(doublePress.count())) // the second click of a double one means no cut
            m_server.cut();
        return;
    }
    m_notice->clearNotice();
    m_drainPressed.start();
    m_server.drain(drainDeadline);
    showDock(u"drain"_s);
}

void MainWindow::onStateChanged(ServerHost::State state)
{
    using State = ServerHost::State;
    const bool runs = state == State::Listening || state == State::Draining;
    m_actions.start->setEnabled(state == State::Stopped);
    m_actions.drain->setEnabled(runs);
    m_actions.drain->setText(state == State::Draining ? tr("&Cut now") : tr("&Drain"));
    m_actions.openUrl->setEnabled(state == State::Listening);
    m_actions.copyUrl->setEnabled(runs);
    m_port->setEnabled(state == State::Stopped);
    const quint16 port = runs ? m_server.port() : quint16(m_port->value());
    m_playground->setServer(u"127.0.0.1"_s, port);
    m_compare->setServer(u"127.0.0.1"_s, state == State::Listening ? port : 0);
    m_url->setText(runs ? url() : tr("not listening"));
    m_url->setEnabled(runs);
}

void MainWindow::onDrained(const QStringList &cut)
{
    if (!cut.isEmpty())
        m_notice->setNotice(cut.join(u"; "_s)); // "cut connection 7 (127.0.0.1:51234): …"
    if (m_closing)
        close();
}

void MainWindow::closeEvent(QCloseEvent *event)
{
    using State = ServerHost::State;
    if (m_server.state() == State::Listening || m_server.state() == State::Draining) {
        if (m_closing)
            m_server.cut();
        else if (m_server.state() == State::Listening)
            drainOrCut();
        m_closing = true;
        m_notice->setNotice(tr("Closing when the server has drained; close again to cut."));
        event->ignore();
        return;
    }
    saveAll();
    QMainWindow::closeEvent(event);
}

// --- what moves ---

void MainWindow::tick()
{
    m_session.drain(m_trace, recordsPerTick);
    if (!isVisible() || isMinimized())
        return;
    const qint64 now = m_trace.clock().now().count();
    // Nothing new can come from a stopped server, so the newest end stands still with it.
    const qint64 newest = m_server.state() == ServerHost::State::Stopped || !m_trace.isEnabled()
        ? m_session.lastTime()
        : now;
    m_view.advance(newest);
    m_scope->tick(newest);
    m_table->tick(newest);
    m_detail->tick(newest);
    m_drain->tick(now);
    m_compare->tick(newest);
    m_loop->tick(now);
    m_callbacks->tick(newest);
    m_pool->tick(now);
    m_warningsView->tick();
    m_status->tick(now);
}

void MainWindow::setRecording(bool recording)
{
    m_trace.setEnabled(recording);
    m_actions.record->setText(recording ? tr("&Recording") : tr("Not &recording"));
}

void MainWindow::setTheme(ThemeChoice theme)
{
    m_settings.setTheme(theme);
    theme::applyTheme(*qApp, theme::Theme(theme));
}

void MainWindow::clearSession()
{
    m_session.drain(m_trace); // what waits in the ring is older than the wish
    m_view.clearSelection();
    m_session.clear();
    m_view.setFollowing(true);
}

// The body can only be sent again if all of it was recorded.
void MainWindow::resend(quint64 number)
{
    const model::Request *request = m_session.request(number);
    if (!request)
        return;
    const QByteArrayView head = m_session.text(request->head);
    if (head.isEmpty()) {
        m_notice->setNotice(tr("Request %1 is no longer kept.").arg(number));
        return;
    }
    QList<HeaderField> headers;
    for (const model::HeaderField &field : model::parseHeaders(head))
        headers.append({field.name.toByteArray(), field.value.toByteArray()});
    QByteArray body;
    for (const model::Chunk &chunk : m_session.chunks(number)) {
        if (!chunk.toClient)
            body += chunk.firstBytes;
    }
    const model::RequestLine line = model::parseRequestLine(head);
    const RequestDraft draft
        = RequestDraft::fromSent(line.method.toByteArray(), line.target.toByteArray(), headers, body);
    m_docks.first()->show();
    if (body.size() == request->bodyBytes) {
        m_playground->resend(draft);
        return;
    }
    m_playground->setDraft(draft);
    m_notice->setNotice(tr("Only %1 of %2 bytes of the body were recorded: complete it, then press Send.")
                            .arg(body.size())
                            .arg(request->bodyBytes));
}

void MainWindow::showHelp()
{
    auto *help = new HelpDialog(actions() + QList<QAction *>{m_actions.follow}, this);
    help->setAttribute(Qt::WA_DeleteOnClose);
    help->show();
}

void MainWindow::showAbout()
{
    auto *box = new QMessageBox(QMessageBox::NoIcon, tr("About Loopscope"),
                                tr("<h3>Loopscope %1</h3><p>A lab in which people see a real event-driven HTTP server "
                                   "from the inside.</p><p>GPL-3.0-or-later, without any warranty.</p>")
                                    .arg(QCoreApplication::applicationVersion()),
                                QMessageBox::Close, this);
    box->setIconPixmap(windowIcon().pixmap(64));
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->open();
}

} // namespace loopscope::app
