// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/panel/requestwords.h"

#include "inspector/model/formatting.h"
#include "inspector/model/httphead.h"

#include <QtCore/QCoreApplication>

using namespace Qt::StringLiterals;

namespace loopscope::panel {

namespace {
// One context for all words about requests.
struct Words {
    Q_DECLARE_TR_FUNCTIONS(loopscope::panel::RequestWords)
};

QString outcomeWords(trace::ResponseOutcome outcome)
{
    switch (outcome) {
    case trace::ResponseOutcome::Complete: break;
    case trace::ResponseOutcome::ClientGone: return Words::tr("the client left");
    case trace::ResponseOutcome::Cut: return Words::tr("cut at the drain's deadline");
    case trace::ResponseOutcome::TimedOut: return Words::tr("timed out");
    case trace::ResponseOutcome::Failed: return Words::tr("the handler failed after the head was sent");
    }
    return {};
}
} // namespace

QString requestLine(const model::Session &session, const model::Request &request, qint64 nowNs)
{
    const model::RequestLine line = model::parseRequestLine(session.text(request.head));
    const QString what = line.target.isEmpty()
        ? Words::tr("Request %1").arg(request.number)
        : QString(model::printable(line.method) + u' ' + model::printable(line.target));
    return what + u"  "_s + (request.status ? QString::number(request.status) : statusWords(request)) + u"  "_s
        + model::formatDuration(request.durationAt(nowNs));
}

QString statusWords(const model::Request &request)
{
    const QString status = request.status ? QString::number(request.status) : QString();
    if (request.isRunning())
        return status.isEmpty() ? Words::tr("running") : Words::tr("%1, still sending").arg(status);
    const QString outcome
        = request.endedWithoutResponse ? Words::tr("its connection closed first") : outcomeWords(request.outcome);
    if (outcome.isEmpty())
        return status.isEmpty() ? Words::tr("no response") : status;
    return status.isEmpty() ? Words::tr("no response: %1").arg(outcome) : Words::tr("%1, but %2").arg(status, outcome);
}

QString bodyWords(qint64 bytes, quint32 chunks, trace::BodyFraming framing)
{
    if (bytes == 0 && chunks == 0)
        return Words::tr("none");
    return Words::tr("%1, %2, chunks: %3").arg(model::formatSize(bytes), framingWords(framing), model::formatCount(chunks));
}

QString framingWords(trace::BodyFraming framing)
{
    switch (framing) {
    case trace::BodyFraming::None: return Words::tr("no body");
    case trace::BodyFraming::ContentLength: return Words::tr("content-length");
    case trace::BodyFraming::Chunked: return Words::tr("chunked");
    case trace::BodyFraming::UntilClose: return Words::tr("until close");
    }
    return {};
}

QString siteWords(const QByteArray &file, quint32 line)
{
    if (file.isEmpty())
        return {};
    return QString::fromUtf8(file.mid(file.lastIndexOf('/') + 1)) + u':' + QString::number(line);
}

} // namespace loopscope::panel
