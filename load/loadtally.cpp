// SPDX-License-Identifier: GPL-3.0-or-later
#include "load/loadtally.h"

#include <QtCore/QStringList>

#include <algorithm>
#include <numeric>

using namespace Qt::StringLiterals;

namespace loopscope::load {

const char *toString(LoadError error) noexcept
{
    switch (error) {
    case LoadError::Connect: return "connect";
    case LoadError::Timeout: return "timeout";
    case LoadError::Closed: return "closed";
    case LoadError::Protocol: return "protocol";
    case LoadError::Status: return "status";
    }
    return "";
}

quint64 LoadTally::errorCount() const noexcept
{
    return std::accumulate(errors.begin(), errors.end(), quint64(0));
}

void LoadTally::add(const LoadTally &other) noexcept
{
    due += other.due;
    answered += other.answered;
    connections += other.connections;
    mostConnections = std::max(mostConnections, other.mostConnections);
    for (std::size_t i = 0; i < errors.size(); ++i)
        errors[i] += other.errors[i];
}

QString LoadTally::errorWords() const
{
    QStringList words;
    for (int i = 0; i < loadErrorCount; ++i) {
        if (const quint64 count = errors[std::size_t(i)])
            words.append(u"%1 %2"_s.arg(count).arg(QLatin1StringView(toString(LoadError(i)))));
    }
    return words.join(u", "_s);
}

} // namespace loopscope::load
