// SPDX-License-Identifier: GPL-3.0-or-later
#include "load/labplan.h"

namespace loopscope::load {

const char *toString(LabPlan::Kind kind) noexcept
{
    switch (kind) {
    case LabPlan::Kind::Latency: return "latency";
    case LabPlan::Kind::Duration: return "duration";
    case LabPlan::Kind::Order: return "order";
    case LabPlan::Kind::Report: return "report";
    }
    return "";
}

QByteArray requestBytes(const QByteArray &method, const QByteArray &target, const Target &server)
{
    QByteArray bytes = method + ' ' + target + " HTTP/1.1\r\nHost: " + server.authority()
        + "\r\nUser-Agent: loopscope-lab\r\nAccept: application/json\r\n";
    // A method that gives a body a meaning says that there is none (RFC 9110 §8.6).
    if (method != "GET")
        bytes += "Content-Length: 0\r\n";
    return bytes + "\r\n";
}

} // namespace loopscope::load
