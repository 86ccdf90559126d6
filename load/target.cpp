// SPDX-License-Identifier: GPL-3.0-or-later
#include "load/target.h"

#include <QtCore/QUrl>

using namespace Qt::StringLiterals;

namespace loopscope::load {

namespace {

constexpr int defaultPort = 80; // RFC 9110 §4.2.1

} // namespace

QString Target::url() const
{
    return u"http://"_s + QString::fromUtf8(authority());
}

QByteArray Target::authority() const
{
    const QString name = host.contains(u':') ? u'[' + host + u']' : host;
    return (name + u':' + QString::number(port)).toUtf8();
}

std::optional<Target> parseTarget(const QString &url, QString &error)
{
    const QUrl parsed(url, QUrl::StrictMode);
    const bool plain = parsed.path().isEmpty() || parsed.path() == "/"_L1;
    if (!parsed.isValid() || parsed.scheme() != "http"_L1 || parsed.host().isEmpty() || !plain || parsed.hasQuery()
        || parsed.hasFragment() || !parsed.userInfo().isEmpty()) {
        error = u"it is http://HOST:PORT"_s;
        return {};
    }
    const int port = parsed.port(defaultPort);
    if (port <= 0) {
        error = u"a port is a number from 1 to 65535"_s;
        return {};
    }
    return Target{parsed.host(QUrl::FullyEncoded), quint16(port)};
}

} // namespace loopscope::load
