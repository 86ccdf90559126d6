// SPDX-License-Identifier: GPL-3.0-or-later
// A whole connection without its socket: any bytes in any pieces, answered in any way. No request is answered twice,
// none after a refusal, and the answers can be told apart by whoever reads them.
//
// The first eight bytes of an input steer how the rest, which is what the client sends, is cut and answered.

#include "server/http/serverconnection.h"
#include "server/http/status.h"
#include "tests/fuzz/fuzz.h"

#include <deque>

using namespace loopscope;
using namespace loopscope::http;
using fuzz::require;
using Response = ServerConnection::Response;

namespace {

constexpr qsizetype steeringBytes = 8;

// What was answered, as the client must be able to read it.
struct Answer {
    int status = 0;
    bool head = false; // to HEAD
    QByteArray body;
};

// Reads the answers back, by RFC 9112 §6.3 and nothing that the server knows.
class AnswerReader {
public:
    AnswerReader(QByteArrayView bytes, bool closed)
        : m_rest(bytes)
        , m_closed(closed)
    {
    }
    void read(const Answer &answer)
    {
        int status = readHead();
        while (status == 100)
            status = readHead();
        require(status == answer.status, "the status is the answer's");
        QByteArray body;
        if (!answer.head && !statusForbidsBody(status))
            body = readBody();
        require(body == answer.body, "the body is the answer's");
    }
    [[nodiscard]] bool atEnd() const { return m_rest.isEmpty(); }

private:
    QByteArrayView line()
    {
        const qsizetype end = m_rest.indexOf("\r\n");
        require(end >= 0, "a line ends");
        const QByteArrayView text = m_rest.first(end);
        m_rest = m_rest.sliced(end + 2);
        return text;
    }
    QByteArrayView take(qint64 bytes)
    {
        require(bytes >= 0 && bytes <= m_rest.size(), "a body is as long as was said");
        const QByteArrayView taken = m_rest.first(qsizetype(bytes));
        m_rest = m_rest.sliced(qsizetype(bytes));
        return taken;
    }
    int readHead()
    {
        const QByteArrayView start = line();
        require(start.startsWith("HTTP/1.1 ") && start.size() >= 13 && start[12] == ' ', "a status line");
        m_length = -1;
        m_chunked = false;
        for (QByteArrayView field = line(); !field.isEmpty(); field = line()) {
            if (field.startsWith("Content-Length: "))
                m_length = field.sliced(16).toLongLong();
            else if (field == QByteArrayView("Transfer-Encoding: chunked"))
                m_chunked = true;
        }
        require(!m_chunked || m_length < 0, "one framing");
        return start.sliced(9, 3).toInt();
    }
    QByteArray readBody()
    {
        if (!m_chunked && m_length < 0) {
            require(m_closed, "only a connection's end can end a body without framing");
            return take(m_rest.size()).toByteArray();
        }
        if (!m_chunked)
            return take(m_length).toByteArray();
        QByteArray body;
        for (;;) {
            bool isHex = false;
            const qint64 size = line().toLongLong(&isHex, 16);
            require(isHex, "a chunk has a size");
            if (size == 0) {
                require(line().isEmpty(), "the last chunk ends");
                return body;
            }
            body += take(size);
            require(line().isEmpty(), "a chunk ends");
        }
    }

    QByteArrayView m_rest;
    const bool m_closed;
    qint64 m_length = -1;
    bool m_chunked = false;
};

class Server {
public:
    explicit Server(QByteArrayView steering)
        : m_dice(steering)
    {
    }
    void receive(QByteArrayView bytes)
    {
        const fuzz::Piece piece(bytes);
        QByteArrayView rest = piece.view();
        while (!m_connection.mustClose()) {
            EventList events;
            const bool refused = m_refused;
            const qsizetype taken = m_connection.feed(rest, events);
            require(!refused || (taken == 0 && events.empty()), "nothing is taken after a refusal");
            rest = rest.sliced(taken);
            for (const Event &event : events)
                take(event);
            answerSome();
            require(m_connection.partialHead().size() <= m_limits.maxHeadBytes, "a head is bounded");
            if (m_connection.isReadyForNext()) {
                next();
            } else if (rest.isEmpty()) {
                break;
            } else if (taken == 0 && !m_connection.mustClose()) { // it takes nothing before its answer
                require(m_connection.response() == Response::Expected || m_connection.response() == Response::HeadSent,
                        "a connection never stands still");
                answerAll();
            }
        }
    }
    void finish()
    {
        EventList events;
        m_connection.endOfInput(events);
        for (const Event &event : events)
            take(event);
        if (m_connection.response() == Response::Expected || m_connection.response() == Response::HeadSent)
            answerAll();
        require(!m_connection.isReadyForNext(), "after the end of input there is no next request");
        check();
    }

private:
    void take(const Event &event)
    {
        require(!m_refused, "nothing is said after a refusal");
        if (event.type == Event::Type::Head) {
            require(m_connection.response() == Response::Expected, "a request is to be answered once");
            m_isHead = m_connection.head().method == Method::Head;
            m_hasHead = true;
            RequestHead mine;
            m_connection.takeHead(mine);
        } else if (event.type == Event::Type::Failed) {
            refused();
        }
    }
    // HEAD gets no content with a refusal either, if so much of it could be read (RFC 9110 §9.3.2).
    void refused()
    {
        m_refused = true;
        if (m_connection.response() == Response::Expected && !m_hasHead)
            m_isHead = m_connection.partialHead().startsWith("HEAD ");
    }
    void answerSome()
    {
        if (m_connection.response() != Response::Expected && m_connection.response() != Response::HeadSent)
            return;
        switch (m_dice.roll(5)) {
        case 0: answerAll(); break;
        case 1: m_connection.sendContinue(m_out); break;
        case 2: begin(); break;
        case 3:
            if (m_connection.response() == Response::HeadSent)
                write();
            break;
        default: break;
        }
        if (m_dice.roll(64) == 0)
            m_connection.setDraining();
        if (m_dice.roll(64) == 0) {
            m_connection.giveUp();
            refused();
        }
    }
    void begin()
    {
        if (m_connection.response() != Response::Expected)
            return;
        constexpr int statuses[] = {200, 200, 200, 204, 304, 400, 404, 413, 500};
        const int status = statuses[m_dice.roll(std::size(statuses))];
        m_length = m_dice.roll(2) == 0 ? -1 : qint64(m_dice.roll(30));
        m_connection.sendHead(status, {}, m_length, {}, m_out);
        m_answers.push_back({status, m_isHead, {}});
    }
    void write()
    {
        const QByteArray bytes(qsizetype(m_dice.roll(20)), 'x');
        const qint64 left = m_length - m_connection.sentBodyBytes();
        const bool fits = m_connection.sendData(bytes, m_out);
        if (m_connection.responseHasBody()) {
            require(fits == (m_length < 0 || bytes.size() <= left), "what does not fit is said");
            m_answers.back().body += m_length < 0 ? bytes : bytes.first(qsizetype(qMin<qint64>(left, bytes.size())));
        }
    }
    void answerAll()
    {
        begin();
        const bool hasBody = m_connection.responseHasBody();
        while (m_dice.roll(3) != 0)
            write();
        if (hasBody && m_length > m_connection.sentBodyBytes() && m_dice.roll(16) != 0) { // mostly a program is right
            const QByteArray rest(qsizetype(m_length - m_connection.sentBodyBytes()), 'y');
            m_connection.sendData(rest, m_out);
            m_answers.back().body += rest;
        }
        const bool whole = m_connection.sendEnd(m_out);
        if (!whole)
            m_cutShort = true;
        require(whole || m_connection.mustClose(), "an answer that is cut short closes");
        require(!m_refused || m_connection.mustClose(), "a refusal closes");
    }
    void next()
    {
        require(!m_refused, "there is no request after a refusal");
        m_connection.nextRequest();
        require(m_connection.isIdle(), "a next request starts from nothing");
        m_isHead = m_hasHead = false;
        if (m_out.size() > 4096)
            check();
    }
    // What was sent so far reads back as what was answered.
    void check()
    {
        if (!m_cutShort) {
            AnswerReader reader(m_out, m_connection.mustClose());
            for (const Answer &answer : m_answers)
                reader.read(answer);
            require(reader.atEnd(), "nothing was sent but the answers");
        }
        m_out.clear();
        m_answers.clear();
    }

    static Limits limits()
    {
        Limits small;
        small.maxHeadBytes = 512;
        small.maxHeaders = 8;
        small.maxTargetBytes = 64;
        small.maxChunkOverheadBytes = 64;
        return small;
    }

    fuzz::Dice m_dice;
    const Limits m_limits = limits();
    ServerConnection m_connection{m_limits};
    QByteArray m_out;
    std::deque<Answer> m_answers;
    bool m_isHead = false;
    bool m_hasHead = false; // of the request that is being read or answered
    bool m_refused = false;
    bool m_cutShort = false;
    qint64 m_length = -1;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const QByteArrayView bytes(reinterpret_cast<const char *>(data), qsizetype(size));
    const QByteArrayView steering = bytes.first(qMin(steeringBytes, bytes.size()));
    QByteArrayView rest = bytes.sliced(steering.size());
    fuzz::Dice dice(steering);
    Server server(steering);
    while (!rest.isEmpty())
        server.receive(dice.piece(rest));
    server.finish();
    return 0;
}
