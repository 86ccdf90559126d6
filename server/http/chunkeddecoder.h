// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/event.h"
#include "server/http/limits.h"

#include <array>

namespace loopscope::http {

// Takes the chunked transfer coding off a request's body (RFC 9112 §7.1): bytes in, pieces of the body out.
//
// It knows no socket and no thread; RequestParser owns it. It is not llhttp's, which lets folded lines, bare line ends
// and forbidden fields pass in trailers, control bytes in extensions, and sizes of any number of zeros: whatever two
// servers in a row could read differently is refused here. It keeps nothing of extensions and trailers, which mean
// nothing to this server (RFC 9112 §7.1.1, §7.1.2), but it reads them.
//
// Deviation: white space around an extension, which a recipient may remove (BWS, RFC 9110 §5.6.3), is refused, and so
// is a size of more than 16 digits.
class ChunkedDecoder {
public:
    explicit ChunkedDecoder(const Limits &limits)
        : m_limits(limits)
    {
    }

    // Appends an Event::Data for every piece of the body in `bytes` (views into them) and returns how many bytes were
    // consumed: fewer than given only after the end of the body or an error. Then it consumes nothing more.
    qsizetype feed(QByteArrayView bytes, EventList &events);
    // The last chunk and the trailers have come.
    [[nodiscard]] bool isComplete() const noexcept { return m_state == State::Complete; }
    [[nodiscard]] Error error() const noexcept { return m_error; }
    // Of the body, without the coding.
    [[nodiscard]] qint64 bodyBytes() const noexcept { return m_bodyBytes; }
    // Ready for another body.
    void reset() noexcept;

private:
    // A line:  size [; extension…] CR LF      then  data CR LF
    // The last: 0 [; extension…] CR LF        then  trailers, each name: value CR LF, and CR LF
    enum class State : quint8 {
        SizeStart,
        Size,
        SizeLf,
        Data,
        DataCr,
        DataLf,
        ExtensionStart,
        ExtensionName,
        ExtensionValueStart,
        ExtensionValue,
        Quoted,
        QuotedPair,
        QuotedEnd,
        TrailerStart,
        TrailerName,
        TrailerValue,
        TrailerLf,
        EndLf,
        Complete,
    };
    static constexpr int maximumSizeDigits = 16;
    static constexpr std::size_t longestForbiddenName = sizeof("Transfer-Encoding") - 1;

    void take(char c);
    void takeOfSize(char c);
    void takeOfExtension(char c);
    void takeOfTrailer(char c);
    void startTrailer(char c);
    void takeOfTrailerName(char c);
    // The state that a byte after a complete extension leads to; refuses the byte if there is none.
    void endExtension(char c);
    // Counts a byte that belongs to no chunk's data.
    void countOverhead(Error beyond);
    void refuse(Error error) noexcept { m_error = error; }

    const Limits m_limits;
    State m_state = State::SizeStart;
    Error m_error = Error::None;
    int m_sizeDigits = 0;
    qint64 m_left = 0; // bytes of the chunk that are still to come
    qint64 m_bodyBytes = 0;
    qsizetype m_overheadBytes = 0; // of extensions and trailers
    int m_trailers = 0;
    qsizetype m_nameBytes = 0; // of the trailer that is coming
    std::array<char, longestForbiddenName> m_name{}; // its start, as much as decides
};

} // namespace loopscope::http
