// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commandline.h"
#include "app/descriptorlimit_unix.h"
#include "app/lab/labcommand.h"
#include "app/serve.h"
#ifdef LOOPSCOPE_GUI
#include "app/window.h"
#endif

#include <cstdio>

using namespace loopscope::app;

namespace {

constexpr int badCommandLine = 2;

int run(const PrintAndExit &print, int &, char **)
{
    std::fputs(print.text.toUtf8().constData(), stdout);
    return std::fflush(stdout) == 0 ? 0 : badCommandLine;
}

int run(const CommandLineError &error, int &, char **)
{
    std::fprintf(stderr, "loopscope: %s; see loopscope --help\n", error.line.toUtf8().constData());
    return badCommandLine;
}

int run(const ServeOptions &options, int &argc, char **argv)
{
    return serve(options, argc, argv);
}

int run(const LabListOptions &options, int &, char **)
{
    return listExperiments(options);
}

int run(const LabRunOptions &options, int &argc, char **argv)
{
    return runExperiment(options, argc, argv);
}

int run(const WindowOptions &options, int &argc, char **argv)
{
#ifdef LOOPSCOPE_GUI
    return openWindow(options, argc, argv);
#else
    Q_UNUSED(options);
    Q_UNUSED(argc);
    Q_UNUSED(argv);
    std::fputs("loopscope: this build has no window (LOOPSCOPE_GUI=OFF); use loopscope serve\n", stderr);
    return badCommandLine;
#endif
}

} // namespace

int main(int argc, char **argv)
{
    raiseDescriptorLimit();
    QStringList arguments;
    for (int i = 1; i < argc; ++i)
        arguments.append(QString::fromLocal8Bit(argv[i]));
    return std::visit([&](const auto &command) { return run(command, argc, argv); }, parseCommandLine(arguments));
}
