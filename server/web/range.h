// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QByteArrayView>

#include <vector>

namespace loopscope::web {

// A part of a representation: `first` and `last` are positions of bytes, both inside, 0 <= first <= last < size.
struct ByteRange {
    qint64 first = 0;
    qint64 last = 0;

    [[nodiscard]] qint64 size() const noexcept { return last - first + 1; }
    friend bool operator==(const ByteRange &, const ByteRange &) = default;
};

// What a Range header asks of a representation of known size (RFC 9110 §14).
struct RangeRequest {
    enum class Kind : quint8 {
        Whole, // no header, another unit than bytes, malformed, or too many: answered as if there were none (200)
        Partial, // 206, with `ranges`
        Unsatisfiable, // 416, with contentRange(size)
    };
    Kind kind = Kind::Whole;
    std::vector<ByteRange> ranges; // of Partial, at least one; they neither overlap nor touch

    friend bool operator==(const RangeRequest &, const RangeRequest &) = default;
};

// Ranges that one header may ask for; more are answered with the whole (RFC 9110 §14.2 allows it). Apache: MaxRanges.
constexpr int maximumRanges = 200;

// Parses a Range header for a representation of `size` bytes (0 or more). A header with one malformed element is
// malformed as a whole. What cannot be satisfied is left out as long as one range can; ends beyond the last byte are
// clipped; numbers beyond qint64 count as the largest. Ranges that overlap or touch are coalesced, as
// RFC 9110 §15.3.7.2 allows, at the place of the one that came first: so no answer is larger than the representation,
// whatever was asked (CVE-2011-3192). The order is otherwise the client's. Pure; for any thread.
[[nodiscard]] RangeRequest parseRange(QByteArrayView header, qint64 size);

// "bytes 0-499/1234", and "bytes */1234" for what cannot be satisfied (RFC 9110 §14.4).
[[nodiscard]] QByteArray contentRange(const ByteRange &range, qint64 size);
[[nodiscard]] QByteArray contentRange(qint64 size);
// "bytes=0-499,600-699": parseRange() of it gives the same ranges.
[[nodiscard]] QByteArray toRangeHeader(const std::vector<ByteRange> &ranges);

} // namespace loopscope::web
