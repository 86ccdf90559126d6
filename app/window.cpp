// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window.h"

#include "app/mainwindow.h"
#include "app/settings.h"
#include "app/signalloop.h"
#include "server/trace/trace.h"

#include <QtWidgets/QApplication>

#include <cstdio>
#include <cstdlib>

namespace loopscope::app {

namespace {

constexpr int noDisplay = 2;

// While the application object is made, Qt ends the process by qFatal() if no platform plugin can start. This says it
// in one line instead of several, without a core dump.
void onMessageWhileStarting(QtMsgType type, const QMessageLogContext &, const QString &)
{
    if (type != QtFatalMsg)
        return;
    std::fputs("loopscope: no display can be used for the window (are DISPLAY or WAYLAND_DISPLAY, and "
               "QT_QPA_PLATFORM, right?); loopscope serve needs none\n",
               stderr);
    std::fflush(stderr);
    std::_Exit(noDisplay);
}

} // namespace

int openWindow(const WindowOptions &options, int &argc, char **argv)
{
    const QtMessageHandler before = qInstallMessageHandler(&onMessageWhileStarting);
    QApplication application(argc, argv);
    qInstallMessageHandler(before);
    QCoreApplication::setApplicationName(QStringLiteral("loopscope"));
    QCoreApplication::setApplicationVersion(QStringLiteral(LOOPSCOPE_VERSION));
    QGuiApplication::setApplicationDisplayName(QStringLiteral("Loopscope"));
    QGuiApplication::setDesktopFileName(QStringLiteral("loopscope"));
    Settings settings;
    trace::Trace trace; // outlives the window and its server
    trace.watchForStops();
    MainWindow window(trace, settings, options);
    // SIGTERM and SIGINT (Ctrl+C in the terminal) close it as a click does: the first drains, a second cuts, and what
    // the window remembers is written.
    const SignalLoop signalLoop;
    QObject::connect(signalLoop.signalsOfTheSystem(), &ShutdownSignals::received, &window, &QWidget::close);
    window.show();
    return QApplication::exec();
}

} // namespace loopscope::app
