// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/pathpattern.h"

#include "server/http/requesthead.h"

#include <QtCore/QList>

#include <algorithm>
#include <stdexcept>
#include <string>

namespace loopscope::web {

PathPattern::PathPattern(const QByteArray &pattern)
    : m_text(pattern)
{
    const auto refuse = [&](const char *why) {
        throw std::invalid_argument("the path '" + pattern.toStdString() + "' " + why);
    };
    if (!pattern.startsWith('/'))
        refuse("must start with '/'");
    int params = 0;
    const QList<QByteArray> parts = pattern.mid(1).split('/');
    for (qsizetype i = 0; i < parts.size(); ++i) {
        const QByteArray &part = parts[i];
        if (part.isEmpty() && i + 1 == parts.size())
            break; // "/" or a slash at the end
        Segment segment{Segment::Kind::Static, part};
        if (part.startsWith(':') || part.startsWith('*')) {
            segment.kind = part.startsWith(':') ? Segment::Kind::Param : Segment::Kind::Rest;
            segment.text = part.mid(1);
            const bool known = std::any_of(m_segments.begin(), m_segments.end(), [&](const Segment &other) {
                return other.kind != Segment::Kind::Static && other.text == segment.text;
            });
            if (segment.text.isEmpty())
                refuse("has a parameter without a name");
            if (known)
                refuse("has a parameter's name twice");
            if (++params > maximumParams)
                refuse("has more than 16 parameters");
            if (segment.kind == Segment::Kind::Rest && i + 1 != parts.size())
                refuse("has a '*' that is not its last segment");
        }
        m_segments.push_back(std::move(segment));
    }
}

qsizetype PathPattern::matchSegments(QByteArrayView path, Params &params) const
{
    qsizetype at = 0; // path[at] is the slash before the next segment, or the end
    for (const Segment &segment : m_segments) {
        if (at >= path.size() || path[at] != '/')
            return -1;
        const QByteArrayView rest = path.sliced(at + 1);
        if (segment.kind == Segment::Kind::Rest) {
            if (rest.isEmpty())
                return -1;
            params.emplace_back(segment.text, rest);
            return path.size();
        }
        const qsizetype slash = rest.indexOf('/');
        const QByteArrayView part = slash < 0 ? rest : rest.first(slash);
        if (segment.kind == Segment::Kind::Static) {
            if (!http::equalsIgnoringCase(part, segment.text))
                return -1;
        } else {
            if (part.isEmpty())
                return -1;
            params.emplace_back(segment.text, part);
        }
        at += 1 + part.size();
    }
    return at;
}

qsizetype PathPattern::match(QByteArrayView path, Params &params) const
{
    const std::size_t before = params.size();
    const qsizetype at = matchSegments(path, params);
    if (at == path.size() || (at == path.size() - 1 && path.back() == '/'))
        return path.size();
    params.resize(before);
    return -1;
}

qsizetype PathPattern::matchPrefix(QByteArrayView path, Params &params) const
{
    const std::size_t before = params.size();
    const qsizetype at = matchSegments(path, params);
    if (at >= 0 && (at == path.size() || path[at] == '/'))
        return at;
    params.resize(before);
    return -1;
}

} // namespace loopscope::web
