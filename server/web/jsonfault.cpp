// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/jsonfault.h"

#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

namespace loopscope::web {

std::optional<JsonFault> findJsonFault(QByteArrayView text)
{
    constexpr QByteArrayView byteOrderMark("\xef\xbb\xbf");
    const qsizetype skipped = text.startsWith(byteOrderMark) ? byteOrderMark.size() : 0;
    rapidjson::MemoryStream stream(text.data() + skipped, std::size_t(text.size() - skipped));
    rapidjson::BaseReaderHandler<> ignored;
    rapidjson::Reader reader;
    // iterative: no depth of the text is one of the stack; as strings: no number is too large
    constexpr unsigned flags = rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag;
    if (const auto result = reader.Parse<flags>(stream, ignored); result.IsError())
        return JsonFault{rapidjson::GetParseError_En(result.Code()), qsizetype(result.Offset()) + skipped};
    if (qsizetype(stream.Tell()) < text.size() - skipped) // a zero byte, which ends a text for RapidJSON
        return JsonFault{"The document root must not be followed by other values.", qsizetype(stream.Tell()) + skipped};
    return std::nullopt;
}

} // namespace loopscope::web
