// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/panel/draintally.h"

#include "inspector/model/formatting.h"

#include <QtCore/QCoreApplication>

using namespace Qt::StringLiterals;

namespace loopscope::panel {

namespace {
struct Words {
    Q_DECLARE_TR_FUNCTIONS(loopscope::panel::DrainTally)
};
} // namespace

void DrainTally::add(const model::Session &session, const model::Connection &connection)
{
    switch (connection.state()) {
    case model::Connection::State::Idle: ++idle; return;
    case model::Connection::State::InFlight: ++inFlight; return;
    case model::Connection::State::Closed: break;
    }
    switch (connection.reason) {
    case trace::CloseReason::Cut: ++cut; return;
    case trace::CloseReason::ByPeer: ++byClient; return;
    case trace::CloseReason::Drained: {
        const model::Request *last = session.request(connection.lastRequest);
        const qint64 began = session.server().drainBegan;
        ++(last && began >= 0 && last->end >= began ? finished : drained);
        return;
    }
    case trace::CloseReason::ByServer:
    case trace::CloseReason::IdleTimeout:
    case trace::CloseReason::HeaderTimeout:
    case trace::CloseReason::RequestTimeout:
    case trace::CloseReason::SendTimeout:
    case trace::CloseReason::Error: break;
    }
    ++otherwise;
}

QString DrainTally::words() const
{
    QStringList parts;
    const auto add = [&parts](int count, const QString &words) {
        if (count > 0)
            parts += model::formatCount(count) + u' ' + words;
    };
    add(inFlight, Words::tr("in flight"));
    add(idle, Words::tr("idle"));
    add(finished, Words::tr("finished"));
    add(drained, Words::tr("drained idle"));
    add(cut, Words::tr("cut"));
    add(byClient, Words::tr("closed by client"));
    add(otherwise, Words::tr("closed otherwise"));
    return parts.join(u" · "_s);
}

} // namespace loopscope::panel
