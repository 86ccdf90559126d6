// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes to a ChunkedDecoder: the same body however they are split; and what it took off can be put on again.

#include "server/http/chunkeddecoder.h"
#include "server/http/responsewriter.h"
#include "tests/fuzz/fuzz.h"

using namespace loopscope;
using namespace loopscope::http;
using fuzz::require;

namespace {

struct Decoded {
    QByteArray body;
    qsizetype consumed = 0; // only compared if it ended well: an error ends anywhere
    Error error = Error::None;
    bool complete = false;
    friend bool operator==(const Decoded &a, const Decoded &b) noexcept
    {
        return a.body == b.body && a.error == b.error && a.complete == b.complete
            && (!a.complete || a.consumed == b.consumed);
    }
};

// `cut` takes the next piece off what is left.
template<typename Cut>
Decoded decode(QByteArrayView bytes, Cut &&cut)
{
    Limits limits;
    limits.maxHeaders = 4;
    limits.maxChunkOverheadBytes = 64;
    ChunkedDecoder decoder(limits);
    Decoded decoded;
    while (!bytes.isEmpty()) {
        const fuzz::Piece piece(cut(bytes));
        EventList events;
        const bool ended = decoder.isComplete() || decoder.error() != Error::None;
        const qsizetype taken = decoder.feed(piece.view(), events);
        require(!ended || (taken == 0 && events.empty()), "nothing is consumed after the end");
        require(taken <= piece.view().size(), "no more is consumed than was given");
        decoded.consumed += taken;
        for (const Event &event : events) {
            require(event.type == Event::Type::Data && !event.bytes.isEmpty() && piece.holds(event.bytes),
                    "a piece of a body is of what was fed");
            require(event.offset == decoded.body.size(), "a body has no gap");
            decoded.body += event.bytes;
        }
        require(taken == piece.view().size() || decoder.isComplete() || decoder.error() != Error::None,
                "all is consumed up to an end");
    }
    require(decoder.bodyBytes() == decoded.body.size(), "the body is as long as it says");
    require(!decoder.isComplete() || decoder.error() == Error::None, "a body ends well or badly");
    decoded.error = decoder.error();
    decoded.complete = decoder.isComplete();
    return decoded;
}

QByteArrayView all(QByteArrayView &bytes)
{
    return std::exchange(bytes, QByteArrayView());
}

QByteArrayView one(QByteArrayView &bytes)
{
    const QByteArrayView first = bytes.first(1);
    bytes = bytes.sliced(1);
    return first;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const QByteArrayView bytes(reinterpret_cast<const char *>(data), qsizetype(size));
    const Decoded whole = decode(bytes, all);
    require(decode(bytes, one) == whole, "byte by byte it is the same body");
    fuzz::Dice dice(bytes);
    require(decode(bytes, [&](QByteArrayView &rest) { return dice.piece(rest); }) == whole,
            "in pieces it is the same body");

    QByteArray coded;
    for (QByteArrayView rest = whole.body; !rest.isEmpty();)
        writeChunk(dice.piece(rest), coded);
    writeLastChunk(coded);
    const Decoded again = decode(coded, all);
    require(again.complete && again.consumed == coded.size() && again.body == whole.body,
            "what is coded is what was decoded");
    return 0;
}
