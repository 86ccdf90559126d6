// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/error.h"

namespace loopscope::http {

namespace {

struct Row {
    Error error;
    int status;
    const char *name;
    const char *sentence;
};

constexpr Row rows[] = {
    {Error::None, 0, "None", ""},
    {Error::InvalidMethod, 400, "InvalidMethod", "The request line does not start with a method."},
    {Error::UnknownMethod, 501, "UnknownMethod", "This server does not implement the method."},
    {Error::InvalidTarget, 400, "InvalidTarget", "The request target is malformed."},
    {Error::TargetTooLong, 414, "TargetTooLong", "The request target is too long."},
    {Error::InvalidVersion, 400, "InvalidVersion", "The request line does not end with an HTTP version."},
    {Error::UnsupportedVersion, 505, "UnsupportedVersion", "This server speaks HTTP/1.0 and HTTP/1.1 only."},
    {Error::InvalidHeader, 400, "InvalidHeader", "A header field is malformed."},
    {Error::ObsoleteFolding, 400, "ObsoleteFolding", "A header field is folded over several lines."},
    {Error::BareLineEnd, 400, "BareLineEnd", "A line does not end with CR and LF."},
    {Error::HeadTooLarge, 431, "HeadTooLarge", "The request line and headers are too large."},
    {Error::TooManyHeaders, 431, "TooManyHeaders", "There are too many header fields."},
    {Error::MissingHost, 400, "MissingHost", "An HTTP/1.1 request needs a Host header."},
    {Error::InvalidHost, 400, "InvalidHost", "The Host header is repeated or malformed."},
    {Error::InvalidContentLength, 400, "InvalidContentLength", "The Content-Length header is malformed."},
    {Error::ConflictingFraming, 400, "ConflictingFraming",
     "Content-Length and Transfer-Encoding do not go together."},
    {Error::InvalidTransferEncoding, 400, "InvalidTransferEncoding", "The Transfer-Encoding header is malformed."},
    {Error::UnknownTransferEncoding, 501, "UnknownTransferEncoding",
     "The only transfer coding that this server decodes is chunked."},
    {Error::InvalidChunk, 400, "InvalidChunk", "A chunk of the body is malformed."},
    {Error::BodyTooLarge, 413, "BodyTooLarge", "The body is larger than this resource accepts."},
    {Error::ExpectationFailed, 417, "ExpectationFailed", "The only expectation that is met is 100-continue."},
    {Error::HeaderTimeout, 408, "HeaderTimeout", "The request's head did not arrive in time."},
    {Error::RequestTimeout, 408, "RequestTimeout", "The request did not arrive in time."},
    {Error::UnexpectedEnd, 400, "UnexpectedEnd", "The connection ended in the middle of a request."},
    {Error::RequestTooSlow, 408, "RequestTooSlow", "The request arrived too slowly."},
    {Error::TooManyConnections, 503, "TooManyConnections", "The server has too many connections."},
    {Error::TooManyConnectionsOfAddress, 429, "TooManyConnectionsOfAddress",
     "There are too many connections from this address."},
    {Error::Malformed, 400, "Malformed", "The request is malformed."},
};

constexpr const Row &row(Error error) noexcept
{
    return rows[static_cast<int>(error)];
}

constexpr bool rowsStandInOrder()
{
    int index = 0;
    for (const Row &r : rows) {
        if (static_cast<int>(r.error) != index++)
            return false;
    }
    return index == static_cast<int>(Error::Malformed) + 1;
}
static_assert(rowsStandInOrder());

} // namespace

int statusOf(Error error) noexcept
{
    return row(error).status;
}

const char *toString(Error error) noexcept
{
    return row(error).name;
}

const char *sentence(Error error) noexcept
{
    return row(error).sentence;
}

} // namespace loopscope::http
