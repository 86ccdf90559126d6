// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QByteArrayView>

#include <utility>
#include <vector>

namespace loopscope::web {

// A route's path, compiled once: "/users/:id", "/files/*path". Segments are compared without case and a slash at the
// end does not matter, as in Express (caseSensitive and strict off).
// ":name" takes one segment that is not empty, "*name" takes the rest, which may hold slashes but not be empty.
// https://expressjs.com/en/guide/routing.html
class PathPattern {
public:
    // Name and raw (not percent-decoded) value.
    using Params = std::vector<std::pair<QByteArrayView, QByteArrayView>>;
    // Parameters of one pattern at most.
    static constexpr int maximumParams = 16;

    // Throws std::invalid_argument, saying what is wrong, for a pattern that does not start with '/', a parameter
    // without a name or named twice, or a '*' that is not last.
    explicit PathPattern(const QByteArray &pattern);

    // Whole match: the bytes of `path` that were matched (all), or -1. Appends to `params`.
    [[nodiscard]] qsizetype match(QByteArrayView path, Params &params) const;
    // Prefix match, at a segment's end: bytes matched, without a slash at the end; or -1.
    [[nodiscard]] qsizetype matchPrefix(QByteArrayView path, Params &params) const;
    [[nodiscard]] const QByteArray &text() const noexcept { return m_text; }

private:
    struct Segment {
        enum class Kind : quint8 { Static, Param, Rest };
        Kind kind = Kind::Static;
        QByteArray text; // of the segment, or the parameter's name
    };
    [[nodiscard]] qsizetype matchSegments(QByteArrayView path, Params &params) const;

    QByteArray m_text;
    std::vector<Segment> m_segments;
};

} // namespace loopscope::web
