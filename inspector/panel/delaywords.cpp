// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/panel/delaywords.h"

#include "inspector/model/formatting.h"
#include "inspector/model/httphead.h"
#include "inspector/model/requestcolor.h"
#include "inspector/theme/colors.h"

#include <QtCore/QCoreApplication>
#include <QtGui/QPalette>

using namespace Qt::StringLiterals;

namespace loopscope::panel {

using model::DelayPart;

namespace {
// One context for all words about delays.
struct Words {
    Q_DECLARE_TR_FUNCTIONS(loopscope::panel::DelayWords)
};
} // namespace

QString delayPartWords(DelayPart part)
{
    switch (part) {
    case DelayPart::Loop: return Words::tr("On the loop");
    case DelayPart::PoolRunning: return Words::tr("In the pool");
    case DelayPart::PoolQueued: return Words::tr("Queued for the pool");
    case DelayPart::WorkerThread: return Words::tr("On a worker thread");
    case DelayPart::ClientSend: return Words::tr("Client sends");
    case DelayPart::ClientTake: return Words::tr("Client takes");
    case DelayPart::OwnTimer: return Words::tr("Own timer");
    case DelayPart::OtherEvent: return Words::tr("Event of another");
    case DelayPart::EarlierRequest: return Words::tr("Earlier request");
    case DelayPart::BehindOthers: return Words::tr("Behind others");
    case DelayPart::LoopItself: return Words::tr("The loop itself");
    case DelayPart::Unaccounted: return Words::tr("Unaccounted");
    }
    return {};
}

QString delayPartExplanation(DelayPart part)
{
    switch (part) {
    case DelayPart::Loop: return Words::tr("Its own callbacks, middleware and handler ran on the loop.");
    case DelayPart::PoolRunning: return Words::tr("A worker thread ran a job of it; the loop was free for others.");
    case DelayPart::PoolQueued:
        return Words::tr("A job of it waited for a worker thread; who: the job that kept the worker which took it.");
    case DelayPart::WorkerThread:
        return Words::tr("A thread with a loop of its own, which it had started, had not told yet what comes next; who: what "
                         "it told in the end.");
    case DelayPart::ClientSend: return Words::tr("The client had not sent what comes next: of the head, or of the body.");
    case DelayPart::ClientTake: return Words::tr("The client had not taken yet what was written.");
    case DelayPart::OwnTimer: return Words::tr("A timer that it had started was not due yet.");
    case DelayPart::OtherEvent:
        return Words::tr("It waited for something that a callback of another did in the end; who: that callback.");
    case DelayPart::EarlierRequest:
        return Words::tr("It was sent before an earlier request of its connection was answered (pipelining).");
    case DelayPart::BehindOthers:
        return Words::tr("It could have gone on: its bytes had come, its timer was due or its job was done. But the loop ran "
                         "something else.");
    case DelayPart::LoopItself:
        return Words::tr("It could have gone on, and no callback ran: the loop's own work between two, or the system "
                         "was waking its thread.");
    case DelayPart::Unaccounted: return Words::tr("No record tells what it waited for.");
    }
    return {};
}

QString delayWho(const model::Session &session, const model::DelayShare &share)
{
    if (share.others)
        return Words::tr("others");
    const QString name = model::printable(session.string(share.name));
    if (share.request == 0)
        return name;
    QString who = u'#' + QString::number(share.request);
    if (const model::Request *request = session.request(share.request)) {
        const model::RequestLine line = model::parseRequestLine(session.text(request->head));
        if (!line.method.isEmpty())
            who = model::printable(line.method) + u' ' + model::printable(line.path()) + u' ' + who;
    }
    return name.isEmpty() ? who : QString(who + u", "_s + name);
}

QBrush delayBrush(DelayPart part, quint64 request, const QPalette &palette)
{
    const QColor own = theme::requestColor(model::requestColorIndex(request), palette);
    const QColor ground = palette.color(QPalette::Window);
    const QColor ink = palette.color(QPalette::WindowText);
    switch (part) {
    case DelayPart::Loop: return own;
    case DelayPart::PoolRunning: return {theme::blend(own, ink, 0.35), Qt::HorPattern};
    case DelayPart::PoolQueued: return {theme::blend(own, ink, 0.35), Qt::Dense6Pattern};
    case DelayPart::WorkerThread: return {theme::blend(own, ink, 0.35), Qt::Dense4Pattern};
    case DelayPart::ClientSend: return {theme::blend(ink, ground, 0.4), Qt::VerPattern};
    case DelayPart::ClientTake: return {theme::blend(ink, ground, 0.4), Qt::CrossPattern};
    case DelayPart::OwnTimer: return theme::blend(ink, ground, 0.7);
    case DelayPart::OtherEvent: return {theme::warningColor(palette), Qt::FDiagPattern};
    case DelayPart::EarlierRequest: return {theme::warningColor(palette), Qt::DiagCrossPattern};
    case DelayPart::BehindOthers: return {theme::alarmColor(palette), Qt::BDiagPattern};
    case DelayPart::LoopItself: return {theme::blend(ink, ground, 0.4), Qt::Dense5Pattern};
    case DelayPart::Unaccounted: return {ink, Qt::Dense7Pattern};
    }
    return own;
}

} // namespace loopscope::panel
