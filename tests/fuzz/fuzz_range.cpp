// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/range.h"

#include <cstdlib>
#include <cstring>

using namespace loopscope::web;

// The first bytes are the representation's size, the rest is a Range header. Whatever it says: each range lies within,
// no two overlap or touch, and what was understood is understood the same when it is written again.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char *data, std::size_t size)
{
    const auto require = [](bool condition) {
        if (!condition)
            std::abort();
    };
    quint32 bytes = 0;
    if (size < sizeof bytes)
        return 0;
    std::memcpy(&bytes, data, sizeof bytes);
    const QByteArrayView header(reinterpret_cast<const char *>(data) + sizeof bytes, qsizetype(size - sizeof bytes));
    const RangeRequest request = parseRange(header, bytes);
    require((request.kind == RangeRequest::Kind::Partial) == !request.ranges.empty());
    require(request.ranges.size() <= std::size_t(maximumRanges));
    qint64 sum = 0;
    for (const ByteRange &range : request.ranges) {
        require(range.first >= 0 && range.first <= range.last && range.last < qint64(bytes));
        sum += range.size();
        for (const ByteRange &other : request.ranges)
            require(&other == &range || other.first > range.last + 1 || other.last + 1 < range.first);
    }
    require(sum <= qint64(bytes));
    if (!request.ranges.empty())
        require(parseRange(toRangeHeader(request.ranges), bytes) == request);
    return 0;
}
