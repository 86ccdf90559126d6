// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/lab/progressline.h"

#include "app/lab/labwords.h"

#include <uv.h>

#include <cstdio>
#include <utility>

using namespace Qt::StringLiterals;

namespace loopscope::app {

namespace {

constexpr int standardError = 2; // its descriptor (POSIX; the C runtime of Windows has the same)
constexpr qint64 msPerSecond = 1'000;

bool isTerminal()
{
    return uv_guess_handle(standardError) == UV_TTY;
}

} // namespace

ProgressLine::ProgressLine(Write write, bool onTerminal, std::chrono::milliseconds pace)
    : m_write(std::move(write))
    , m_onTerminal(onTerminal)
{
    m_timer.setInterval(pace);
    m_timer.callOnTimeout([this] { tell(); });
}

ProgressLine::ProgressLine()
    : ProgressLine(
        [](const QByteArray &bytes) { std::fwrite(bytes.constData(), 1, std::size_t(bytes.size()), stderr); },
        isTerminal(), isTerminal() ? terminalPace : logPace)
{
}

void ProgressLine::begin(const load::LabPlan &plan)
{
    m_plan = plan;
    m_progress = {};
    m_elapsed.start();
    m_timer.start();
    if (m_onTerminal)
        tell();
}

void ProgressLine::update(const load::LabProgress &progress)
{
    m_progress = progress;
    if (m_onTerminal && m_timer.isActive())
        tell();
}

void ProgressLine::end()
{
    m_timer.stop();
    if (m_shown > 0)
        m_write('\r' + QByteArray(m_shown, ' ') + '\r');
    m_shown = 0;
}

void ProgressLine::tell()
{
    const QString text =
        u"%1 (%2 s)"_s.arg(labProgress(m_plan, m_progress)).arg(m_elapsed.elapsed() / msPerSecond);
    if (!m_onTerminal) {
        m_write("loopscope: " + text.toUtf8() + '\n');
        return;
    }
    const QString line = text.left(columns);
    // A carriage return and blanks: every terminal knows these, also a dumb one.
    m_write('\r' + line.leftJustified(m_shown).toUtf8());
    m_shown = line.size();
}

} // namespace loopscope::app
