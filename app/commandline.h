// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "load/target.h"

#include <QtCore/QList>
#include <QtCore/QString>
#include <QtCore/QStringList>
#include <QtNetwork/QHostAddress>

#include <chrono>
#include <optional>
#include <variant>

namespace loopscope::app {

// The command line as values. Plain data: reading it opens no file, no port and no window.

enum class ThemeChoice { System, Light, Dark };

// loopscope [--port N] …
struct WindowOptions {
    std::optional<quint16> port; // none: the port used last
    std::optional<ThemeChoice> theme; // none: the theme used last
    bool resetLayout = false;
    bool start = false; // listen at once, without a press of Start
};

// loopscope serve …
struct ServeOptions {
    enum class Log { None, Text, Json };
    enum class Environment { Development, Production };

    static constexpr quint16 defaultPort = 3000;
    // Times of days are mistakes, and milliseconds of them must fit everywhere.
    static constexpr std::chrono::seconds maximumTime{24 * 60 * 60};
    static constexpr qint64 maximumBodyLimit = qint64(1) << 40;
    static constexpr int maximumCount = 1'000'000'000; // of connections, of requests
    static constexpr qint64 maximumRate = 1'000'000'000;

    QHostAddress host{QHostAddress::LocalHost};
    quint16 port = defaultPort; // 0: a free one
    std::chrono::milliseconds drainTimeout{10'000};
    QString traceFile;
    QString harFile;
    Log log = Log::None;
    Environment environment = Environment::Production;
    // None: the server's own default, which is Node's.
    std::optional<std::chrono::milliseconds> headerTimeout;
    std::optional<std::chrono::milliseconds> requestTimeout;
    std::optional<std::chrono::milliseconds> keepAliveTimeout;
    std::optional<qint64> maximumBody; // bytes
    std::optional<int> maximumConnections;
    std::optional<int> maximumConnectionsPerAddress; // none: as maximumConnections
    std::optional<int> maximumRequests; // on one connection
    std::optional<qint64> minimumRate; // bytes a second; 0: none
    QString certificateFile; // PEM, with keyFile; empty: http
    QString keyFile;
    QString uploads; // a folder; empty: the practice site's default
    QString staticFiles; // a folder; empty: none is served
};

// loopscope lab list …
struct LabListOptions {
    bool json = false;
};

// loopscope lab run NAME … Whether the experiment has such variants and parameters is for who knows it to say.
struct LabRunOptions {
    QByteArray experiment;
    QList<QByteArray> variants; // in this order; empty: all
    QList<std::pair<QByteArray, qint64>> parameters; // as given
    QByteArray probePath; // empty: the default
    std::optional<int> rate; // of the probe, a second
    std::optional<int> seconds; // that it lasts in each run, at least
    std::optional<int> runs; // of each variant
    std::optional<load::Target> target; // none: a server of its own
    bool json = false;
};

// --help, --version: print it and end with 0.
struct PrintAndExit {
    QString text;
};

// One line for standard error, without the program's name and without a line break; end with 2.
struct CommandLineError {
    QString line;
};

using CommandLine
    = std::variant<WindowOptions, ServeOptions, LabListOptions, LabRunOptions, PrintAndExit, CommandLineError>;

// `arguments`: without the program's name. Needs no application object. Options of Qt itself (-platform, -style, …)
// are accepted for the window and left to QApplication.
[[nodiscard]] CommandLine parseCommandLine(const QStringList &arguments);

} // namespace loopscope::app
