// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commandline.h"

#include "load/labplan.h"

#include <QtCore/QCommandLineParser>

#include <algorithm>
#include <cmath>

using namespace Qt::StringLiterals;

namespace loopscope::app {

namespace {

// Not translated, as the log is not: scripts and bug reports quote it.
const auto helpText = uR"(Usage: loopscope [OPTIONS]          open the lab's window
       loopscope serve [OPTIONS]    run the server without a window
       loopscope lab list [--json]  list the experiments
       loopscope lab run NAME [OPTIONS]
                                    run an experiment's variants and compare what they do to others

A lab in which people see a real event-driven HTTP server from the inside.

Options of the window:
  --port N                 port to listen on, 0 for a free one (default: the last used, at first 3000)
  --start                  listen at once
  --theme light|dark|system
  --reset-layout           forget where the docks, the columns and the window were

Options of serve:
  --host ADDRESS           address to listen on (default: 127.0.0.1)
  --port N                 port to listen on, 0 for a free one (default: 3000)
  --drain-timeout SECONDS  what is still in flight then is cut (default: 10)
  --trace FILE             write a Chrome trace (opens in Perfetto)
  --har FILE               write the requests as HAR 1.2
  --log text|json          write one line a request to standard output
  --env development|production
                           whether errors are shown to clients in full (default: production)
  --header-timeout SECONDS, --request-timeout SECONDS, --keep-alive-timeout SECONDS
                           (defaults: 60, 300, 5; 0: none; as in Node)
  --max-body BYTES         largest body of a request, on any route (default: each route's own, or 1048576)
  --max-connections N      connections at once; one more is answered 503 (default: 16384)
  --max-connections-per-address N
                           the same of one address; one more is answered 429 (default: as --max-connections)
  --max-requests N         requests on one connection (default: 1000000)
  --min-rate BYTES         a client that sends fewer a second is answered 408, 0 for none (default: 500)
  --cert FILE --key FILE   serve https: the certificate and its private key, PEM, the key without a password
  --uploads DIR            where POST /message writes (default: a folder that is removed at the end)
  --static DIR             serve the files of this folder below /static

Options of lab run:
  --variant NAME           run this variant, as often as some are wanted, in this order (default: all of them)
  --parameter NAME=NUMBER  of the experiment, as often as it has some
  --rate N                 requests a second of the probe beside it, 1 to 20000 (default: 100)
  --seconds N              how long the probe lasts in each run at least, 1 to 300 (default: 1)
  --runs N                 runs of each variant, 1 to 100 (default: 5, or 1 where only the answer counts)
  --probe PATH             what the probe asks for (default: /healthz)
  --url http://HOST:PORT   the server (default: one of its own, on a free port)
  --json                   print one JSON document

  --help, --version

serve ends with 0 when everything in flight was answered after SIGTERM or SIGINT, with 1 when something was cut,
and with 2 when it could not start. A second signal cuts at once.
lab ends with 0 when everything ran, with 1 when a run failed or a signal cancelled it, and with 2 when it could not
start.
)"_s;

// Reads one option's value, or fills `error` with a line. The first error wins.
class Values {
public:
    explicit Values(const QCommandLineParser &parser)
        : m_parser(parser)
    {
    }
    [[nodiscard]] const QString &error() const { return m_error; }
    [[nodiscard]] bool has(const QString &name) const { return m_parser.isSet(name); }

    std::optional<quint16> port()
    {
        const auto number = integer(u"port"_s, 0, 65535, u"a port is a number from 0 to 65535"_s);
        return number ? std::optional(quint16(*number)) : std::nullopt;
    }

    std::optional<qint64> integer(const QString &name, qint64 least, qint64 most, const QString &what)
    {
        if (!has(name))
            return {};
        bool ok = false;
        const qint64 number = m_parser.value(name).toLongLong(&ok);
        if (ok && number >= least && number <= most)
            return number;
        refuse(name, what);
        return {};
    }

    std::optional<int> count(const QString &name)
    {
        const auto number = integer(name, 1, ServeOptions::maximumCount, u"it is a number from 1 to 1000000000"_s);
        return number ? std::optional(int(*number)) : std::nullopt;
    }

    std::optional<std::chrono::milliseconds> seconds(const QString &name)
    {
        if (!has(name))
            return {};
        bool ok = false;
        const double value = m_parser.value(name).toDouble(&ok);
        if (ok && std::isfinite(value) && value >= 0 && value <= double(ServeOptions::maximumTime.count()))
            return std::chrono::milliseconds(std::llround(value * 1000));
        refuse(name, u"a time is a number of seconds from 0 to 86400"_s);
        return {};
    }

    // The index of the value in `words`.
    std::optional<int> word(const QString &name, const QStringList &words)
    {
        if (!has(name))
            return {};
        const qsizetype index = words.indexOf(m_parser.value(name));
        if (index >= 0)
            return int(index);
        refuse(name, u"it is one of "_s + words.join(u", "_s));
        return {};
    }

    // An empty name is a mistake of the calling script, not a wish for the default.
    QString path(const QString &name)
    {
        const QString value = m_parser.value(name);
        if (has(name) && value.isEmpty())
            refuse(name, u"a path is not empty"_s);
        return value;
    }

    // As often as it was given, in that order.
    QList<QByteArray> words(const QString &name)
    {
        QList<QByteArray> all;
        for (const QString &value : m_parser.values(name)) {
            if (value.isEmpty() && m_error.isEmpty())
                m_error = u"bad value \"\" for --%1: a name is not empty"_s.arg(name);
            all.append(value.toUtf8());
        }
        return all;
    }

    // A number for an option that only makes sense within bounds.
    std::optional<int> within(const QString &name, int least, int most)
    {
        const auto number = integer(name, least, most, u"it is a number from %1 to %2"_s.arg(least).arg(most));
        return number ? std::optional(int(*number)) : std::nullopt;
    }

    // The path and query of a request: what may stand in a request line (RFC 9112 §3.2.1).
    QByteArray requestTarget(const QString &name)
    {
        const QByteArray value = m_parser.value(name).toUtf8();
        const bool visible = std::all_of(value.begin(), value.end(), [](char c) { return c > ' ' && c < '\x7f'; });
        if (has(name) && (!value.startsWith('/') || !visible))
            refuse(name, u"it begins with / and is of visible ASCII"_s);
        return value;
    }

    std::optional<load::Target> url(const QString &name)
    {
        if (!has(name))
            return {};
        QString what;
        const auto target = load::parseTarget(m_parser.value(name), what);
        if (!target)
            refuse(name, what);
        return target;
    }

    // NAME=NUMBER, as often as it was given.
    QList<std::pair<QByteArray, qint64>> numbers(const QString &name)
    {
        QList<std::pair<QByteArray, qint64>> pairs;
        for (const QString &value : m_parser.values(name)) {
            const qsizetype equals = value.indexOf(u'=');
            bool ok = false;
            const qint64 number = value.sliced(equals + 1).toLongLong(&ok);
            if ((equals < 1 || !ok) && m_error.isEmpty())
                m_error = u"bad value \"%1\" for --%2: it is NAME=NUMBER"_s.arg(value, name);
            pairs.append({value.left(equals).toUtf8(), number});
        }
        return pairs;
    }

    QHostAddress address(const QString &name, const QHostAddress &otherwise)
    {
        if (!has(name))
            return otherwise;
        const QString value = m_parser.value(name);
        if (value == "localhost"_L1)
            return QHostAddress(QHostAddress::LocalHost);
        const QHostAddress parsed(value);
        if (parsed.isNull())
            refuse(name, u"it is an IPv4 or IPv6 address, or localhost"_s);
        return parsed;
    }

private:
    void refuse(const QString &name, const QString &what)
    {
        if (m_error.isEmpty())
            m_error = u"bad value \"%1\" for --%2: %3"_s.arg(m_parser.value(name), name, what);
    }

    const QCommandLineParser &m_parser;
    QString m_error;
};

// A line of the terminal, whatever was typed.
QString oneLine(QString text)
{
    for (QChar &c : text) {
        if (c.category() == QChar::Other_Control)
            c = u'?';
    }
    return text;
}

void addOptions(QCommandLineParser &parser, const QStringList &flags, const QStringList &valued)
{
    parser.setSingleDashWordOptionMode(QCommandLineParser::ParseAsLongOptions);
    parser.addOption({{u"h"_s, u"help"_s}, QString()});
    parser.addOption({{u"v"_s, u"version"_s}, QString()});
    for (const QString &name : flags)
        parser.addOption({name, QString()});
    for (const QString &name : valued)
        parser.addOption({name, QString(), u"value"_s});
}

// Help, version or an error; nothing if the options are to be read. `expected`: arguments that are no options, at most.
std::optional<CommandLine> finished(QCommandLineParser &parser, const QStringList &arguments, qsizetype expected = 0)
{
    const bool parsed = parser.parse(QStringList{u"loopscope"_s} + arguments);
    if (parser.isSet(u"help"_s))
        return PrintAndExit{helpText};
    if (parser.isSet(u"version"_s))
        return PrintAndExit{u"loopscope " LOOPSCOPE_VERSION "\n"_s};
    if (!parsed) {
        QString line = parser.errorText();
        while (line.endsWith(u'.'))
            line.chop(1);
        line = line.isEmpty() ? line : line.at(0).toLower() + line.sliced(1);
        return CommandLineError{oneLine(line)};
    }
    if (const QStringList others = parser.positionalArguments(); others.size() > expected)
        return CommandLineError{oneLine(u"unexpected argument \"%1\""_s.arg(others.at(expected)))};
    return {};
}

CommandLine parseWindow(const QStringList &arguments)
{
    QCommandLineParser parser;
    addOptions(parser, {u"start"_s, u"reset-layout"_s},
               {u"port"_s, u"theme"_s, u"platform"_s, u"style"_s, u"stylesheet"_s, u"display"_s,
                u"qwindowgeometry"_s});
    if (const auto result = finished(parser, arguments))
        return *result;
    Values values(parser);
    WindowOptions options;
    options.port = values.port();
    options.start = values.has(u"start"_s);
    options.resetLayout = values.has(u"reset-layout"_s);
    if (const auto theme = values.word(u"theme"_s, {u"system"_s, u"light"_s, u"dark"_s}))
        options.theme = ThemeChoice(*theme);
    if (!values.error().isEmpty())
        return CommandLineError{oneLine(values.error())};
    return options;
}

CommandLine parseServe(const QStringList &arguments)
{
    QCommandLineParser parser;
    addOptions(parser, {},
               {u"host"_s, u"port"_s, u"drain-timeout"_s, u"trace"_s, u"har"_s, u"log"_s, u"env"_s,
                u"header-timeout"_s, u"request-timeout"_s, u"keep-alive-timeout"_s, u"max-body"_s, u"uploads"_s,
                u"max-connections"_s, u"max-connections-per-address"_s, u"max-requests"_s, u"min-rate"_s, u"cert"_s,
                u"key"_s, u"static"_s});
    if (const auto result = finished(parser, arguments))
        return *result;
    Values values(parser);
    ServeOptions options;
    options.host = values.address(u"host"_s, options.host);
    options.port = values.port().value_or(options.port);
    options.drainTimeout = values.seconds(u"drain-timeout"_s).value_or(options.drainTimeout);
    options.traceFile = values.path(u"trace"_s);
    options.harFile = values.path(u"har"_s);
    if (const auto log = values.word(u"log"_s, {u"text"_s, u"json"_s}))
        options.log = *log == 0 ? ServeOptions::Log::Text : ServeOptions::Log::Json;
    if (const auto environment = values.word(u"env"_s, {u"development"_s, u"production"_s}))
        options.environment = ServeOptions::Environment(*environment);
    options.headerTimeout = values.seconds(u"header-timeout"_s);
    options.requestTimeout = values.seconds(u"request-timeout"_s);
    options.keepAliveTimeout = values.seconds(u"keep-alive-timeout"_s);
    options.maximumBody = values.integer(u"max-body"_s, 0, ServeOptions::maximumBodyLimit,
                                         u"it is a number of bytes from 0 to 1099511627776"_s);
    options.maximumConnections = values.count(u"max-connections"_s);
    options.maximumConnectionsPerAddress = values.count(u"max-connections-per-address"_s);
    options.maximumRequests = values.count(u"max-requests"_s);
    options.minimumRate = values.integer(u"min-rate"_s, 0, ServeOptions::maximumRate,
                                         u"it is a number of bytes from 0 to 1000000000"_s);
    options.certificateFile = values.path(u"cert"_s);
    options.keyFile = values.path(u"key"_s);
    options.uploads = values.path(u"uploads"_s);
    options.staticFiles = values.path(u"static"_s);
    if (!values.error().isEmpty())
        return CommandLineError{oneLine(values.error())};
    if (!options.traceFile.isEmpty() && options.traceFile == options.harFile)
        return CommandLineError{u"--trace and --har name the same file"_s};
    if (options.certificateFile.isEmpty() != options.keyFile.isEmpty())
        return CommandLineError{u"--cert and --key go together"_s};
    return options;
}

CommandLine parseLabList(const QStringList &arguments)
{
    QCommandLineParser parser;
    addOptions(parser, {u"json"_s}, {});
    if (const auto result = finished(parser, arguments))
        return *result;
    return LabListOptions{parser.isSet(u"json"_s)};
}

CommandLine parseLabRun(const QStringList &arguments)
{
    QCommandLineParser parser;
    addOptions(parser, {u"json"_s},
               {u"variant"_s, u"parameter"_s, u"rate"_s, u"seconds"_s, u"runs"_s, u"probe"_s, u"url"_s});
    if (const auto result = finished(parser, arguments, 1))
        return *result;
    if (parser.positionalArguments().isEmpty())
        return CommandLineError{u"lab run wants the name of an experiment; loopscope lab list names them"_s};
    Values values(parser);
    LabRunOptions options;
    options.experiment = parser.positionalArguments().first().toUtf8();
    options.variants = values.words(u"variant"_s);
    options.parameters = values.numbers(u"parameter"_s);
    options.probePath = values.requestTarget(u"probe"_s);
    options.rate = values.within(u"rate"_s, load::LoadOptions::minimumRate, load::LoadOptions::maximumRate);
    options.seconds = values.within(u"seconds"_s, 1, load::LabPlan::maximumSeconds);
    options.runs = values.within(u"runs"_s, 1, load::LabPlan::maximumRuns);
    options.target = values.url(u"url"_s);
    options.json = values.has(u"json"_s);
    if (!values.error().isEmpty())
        return CommandLineError{oneLine(values.error())};
    return options;
}

CommandLine parseLab(const QStringList &arguments)
{
    if (!arguments.isEmpty() && arguments.first() == "list"_L1)
        return parseLabList(arguments.sliced(1));
    if (!arguments.isEmpty() && arguments.first() == "run"_L1)
        return parseLabRun(arguments.sliced(1));
    QCommandLineParser parser; // for --help
    addOptions(parser, {}, {});
    if (const auto result = finished(parser, arguments))
        return *result;
    return CommandLineError{u"lab is followed by list or run"_s};
}

} // namespace

CommandLine parseCommandLine(const QStringList &arguments)
{
    if (!arguments.isEmpty() && arguments.first() == "serve"_L1)
        return parseServe(arguments.sliced(1));
    if (!arguments.isEmpty() && arguments.first() == "lab"_L1)
        return parseLab(arguments.sliced(1));
    return parseWindow(arguments);
}

} // namespace loopscope::app
