// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QByteArrayView>
#include <QtCore/QList>

#include <functional>
#include <memory>

namespace loopscope::app {

struct HeaderField {
    QByteArray name;
    QByteArray value;
    friend bool operator==(const HeaderField &, const HeaderField &) = default;
};

// The head of one answer, as received.
struct ResponseHead {
    int versionMajor = 1;
    int versionMinor = 1;
    int status = 0;
    QByteArray reason;
    QList<HeaderField> headers;

    // The first header of this name, whatever its case; empty if there is none.
    [[nodiscard]] QByteArray header(QByteArrayView name) const;
    // "HTTP/1.1 302 Found"
    [[nodiscard]] QByteArray statusLine() const;
    // 1xx: an interim answer, the final one follows (RFC 9110 §15.2).
    [[nodiscard]] bool isInterim() const { return status >= 100 && status < 200; }
    friend bool operator==(const ResponseHead &, const ResponseHead &) = default;
};

// The client's end of HTTP/1: bytes in, the parts of one answer out. A thin shell around llhttp in response mode;
// it has no socket and no thread of its own. Made by a PacedRequest for each exchange.
class ResponseReader {
public:
    // Bytes of an answer's head and number of its headers at most: as strict as the server with its own requests.
    static constexpr qsizetype maximumHeadBytes = 64 * 1024;
    static constexpr qsizetype maximumHeaders = 200;

    struct Events {
        std::function<void(const ResponseHead &)> head; // also for interim answers
        std::function<void(QByteArrayView)> body; // as it arrives, without the framing
    };

    // `answersHead`: the request was HEAD, so that no body follows whatever the headers say (RFC 9112 §6.3).
    ResponseReader(Events events, bool answersHead);
    ~ResponseReader();
    ResponseReader(const ResponseReader &) = delete;
    ResponseReader &operator=(const ResponseReader &) = delete;

    // False when the bytes are no answer, or its head is too long: errorString() then says why, and nothing more is
    // taken. Bytes behind the end of the final answer are ignored.
    bool feed(QByteArrayView bytes);
    // The peer has closed its side. False if the answer was not complete by then.
    bool finish();

    // The final answer has arrived whole.
    [[nodiscard]] bool isComplete() const;
    // Any byte of an answer has arrived.
    [[nodiscard]] bool hasBegun() const;
    // A sentence part, without the full stop.
    [[nodiscard]] QByteArray errorString() const;

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace loopscope::app
