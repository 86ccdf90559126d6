// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/urlencodedparser.h"

#include <algorithm>
#include <cstdlib>

using namespace loopscope::web;

// Any bytes, as a form: whole and split in two they must give the same fields, and never more than allowed.

namespace {

constexpr int maximumFields = 5;

void require(bool condition)
{
    if (!condition)
        std::abort();
}

struct Result {
    bool complete = false;
    FormData fields;
    friend bool operator==(const Result &, const Result &) = default;
};

Result parse(QByteArrayView bytes, qsizetype pieceBytes)
{
    UrlencodedParser parser(maximumFields);
    for (qsizetype at = 0; at < bytes.size(); at += pieceBytes)
        (void)parser.feed(bytes.sliced(at, std::min(pieceBytes, bytes.size() - at)));
    const bool complete = parser.finish();
    require(complete != parser.hasTooManyFields());
    return {complete, parser.takeFields()};
}

} // namespace

// The first byte says how large the pieces are.
extern "C" int LLVMFuzzerTestOneInput(const quint8 *data, std::size_t size)
{
    if (size == 0)
        return 0;
    const QByteArrayView bytes(data + 1, qsizetype(size) - 1);
    const Result whole = parse(bytes, std::max<qsizetype>(1, bytes.size()));
    require(whole == parse(bytes, 1 + data[0]));
    require(whole == parse(bytes, 1));
    require(whole.fields.entries().size() <= maximumFields);
    qsizetype characters = 0;
    for (const auto &[name, value] : whole.fields.entries())
        characters += name.size() + value.size();
    require(characters <= bytes.size()); // nothing grows by being decoded
    return 0;
}
