// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/multipartparser.h"

#include <cstdlib>

using namespace loopscope::web;

// Any bytes, as a form: whole and split in two they must mean the same, and nothing may pass a limit.

namespace {

// Small, so that the fuzzer reaches each.
constexpr MultipartLimits limits{.parts = 6,
                                 .files = 3,
                                 .fields = 4,
                                 .fieldNameSize = 8,
                                 .fieldSize = 16,
                                 .fieldsSize = 32,
                                 .fileSize = 64,
                                 .headerPairs = 3,
                                 .headerSize = 256};

void require(bool condition)
{
    if (!condition)
        std::abort();
}

// What a form meant: its events with pieces of a body joined. Checks what must hold of every form on the way.
class Meaning {
public:
    void feed(QByteArrayView bytes)
    {
        const QByteArray copy = bytes.toByteArray(); // an event that points beyond is found by ASan
        MultipartEventList events;
        m_parser.feed(copy, events);
        take(events);
    }
    QByteArray finish()
    {
        MultipartEventList events;
        m_parser.finish(events);
        take(events);
        require(m_over);
        return m_text;
    }

private:
    void take(const MultipartEventList &events)
    {
        for (const MultipartEvent &event : events) {
            require(!m_over);
            switch (event.type) {
            case MultipartEvent::Type::PartBegin: begin(event.part); break;
            case MultipartEvent::Type::PartData: add(event.bytes); break;
            case MultipartEvent::Type::PartEnd:
                require(m_inPart);
                m_inPart = false;
                m_text += "|\n";
                break;
            case MultipartEvent::Type::End:
                require(!m_inPart);
                m_over = true;
                break;
            case MultipartEvent::Type::Failed:
                require(event.error != MultipartError::None);
                m_over = true;
                m_text += codeOf(event.error);
                break;
            }
        }
    }
    void begin(const MultipartPart &part)
    {
        require(!m_inPart);
        require(++m_parts <= limits.parts);
        require(++(part.isFile ? m_files : m_fields) <= (part.isFile ? limits.files : limits.fields));
        require(part.name.size() <= limits.fieldNameSize);
        require(!part.fileName.contains(QLatin1Char('/')) && !part.fileName.contains(QLatin1Char('\\')));
        m_inPart = true;
        m_isFile = part.isFile;
        m_bytes = 0;
        m_text += part.name.toUtf8() + '<' + part.fileName.toUtf8() + '>' + part.type + ';' + part.charset + ':';
    }
    void add(QByteArrayView bytes)
    {
        require(m_inPart && !bytes.isEmpty());
        m_bytes += bytes.size();
        m_fieldsBytes += m_isFile ? 0 : bytes.size();
        require(m_bytes <= (m_isFile ? limits.fileSize : limits.fieldSize));
        require(m_fieldsBytes <= limits.fieldsSize);
        m_text += bytes;
    }

    MultipartParser m_parser{"b", limits};
    QByteArray m_text;
    bool m_inPart = false;
    bool m_isFile = false;
    bool m_over = false;
    qint64 m_bytes = 0;
    qint64 m_fieldsBytes = 0;
    int m_parts = 0;
    int m_files = 0;
    int m_fields = 0;
};

} // namespace

// The first byte says where to split.
extern "C" int LLVMFuzzerTestOneInput(const quint8 *data, std::size_t size)
{
    if (size == 0)
        return 0;
    const QByteArrayView bytes(data + 1, qsizetype(size) - 1);
    const qsizetype at = bytes.isEmpty() ? 0 : data[0] % bytes.size();
    Meaning whole;
    whole.feed(bytes);
    Meaning split;
    split.feed(bytes.first(at));
    split.feed(bytes.sliced(at));
    Meaning single;
    for (qsizetype i = 0; i < bytes.size(); ++i)
        single.feed(bytes.sliced(i, 1));
    const QByteArray meaning = whole.finish();
    require(split.finish() == meaning);
    require(single.finish() == meaning);
    (void)MultipartParser::boundaryOf(bytes);
    return 0;
}
