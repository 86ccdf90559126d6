// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/multipartparser.h"
#include "tests/support/testcase.h"

#include <functional>

using namespace loopscope::web;
using namespace Qt::StringLiterals;

// What a form meant, written down: one line a part and what it holds, pieces joined. The same bytes must give the same
// transcript however they are split.
class Transcript {
public:
    explicit Transcript(const MultipartLimits &limits = {}, const QByteArray &boundary = "b")
        : m_parser(boundary, limits)
    {
    }
    // Each piece is a copy of its own that is gone afterwards: no event may point into an earlier one.
    void feed(QByteArrayView bytes)
    {
        const QByteArray copy = bytes.toByteArray();
        MultipartEventList events;
        m_parser.feed(copy, events);
        write(events);
    }
    QByteArray end()
    {
        MultipartEventList events;
        m_parser.finish(events);
        write(events);
        return m_text;
    }

private:
    void write(const MultipartEventList &events)
    {
        for (const MultipartEvent &event : events) {
            switch (event.type) {
            case MultipartEvent::Type::PartBegin:
                m_text += event.part.isFile ? "file " : "field ";
                m_text += event.part.name.toUtf8();
                if (!event.part.fileName.isNull())
                    m_text += " <" + event.part.fileName.toUtf8() + ">";
                m_text += " " + event.part.type + QByteArray(event.part.charset.isEmpty() ? "" : ";")
                    + event.part.charset + ": ";
                break;
            case MultipartEvent::Type::PartData:
                QVERIFY(!event.bytes.isEmpty());
                m_text += event.bytes;
                break;
            case MultipartEvent::Type::PartEnd: m_text += "|\n"; break;
            case MultipartEvent::Type::End: m_text += "end\n"; break;
            case MultipartEvent::Type::Failed: m_text += codeOf(event.error) + QByteArrayLiteral("\n"); break;
            }
        }
    }

    MultipartParser m_parser;
    QByteArray m_text;
};

class tst_MultipartParser : public loopscope::test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void eventsAreTheSameHoweverBytesAreSplit_data();
    void eventsAreTheSameHoweverBytesAreSplit();
    void limits_data();
    void limits();
    void aBoundaryIsFoundAtEveryPlaceOfALargeBody();
    void boundaries_data();
    void boundaries();
    void everyErrorHasAStatusACodeAndASentence();
};

static QByteArray part(const QByteArray &disposition, const QByteArray &body, const QByteArray &more = {})
{
    return "--b\r\nContent-Disposition: form-data; " + disposition + "\r\n" + more + "\r\n" + body + "\r\n";
}

static const QByteArray last = "--b--\r\n";

static void row(const char *name, const QByteArray &bytes, const QByteArray &expected)
{
    QTest::newRow(name) << bytes << expected;
}

static void bodyRows()
{
    row("a field and a file",
        part("name=\"a\"", "1") + part("name=\"f\"; filename=\"x.txt\"", "data", "Content-Type: image/png\r\n") + last,
        "field a text/plain: 1|\nfile f <x.txt> image/png: data|\nend\n");
    row("no part at all", last, "end\n");
    row("an empty field", part("name=\"a\"", "") + last, "field a text/plain: |\nend\n");
    row("an empty part without the empty line's end", // RFC 2046 §5.1.1: body-part := headers [CRLF *OCTET]
        "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n--b--\r\n", "field a text/plain: |\nend\n");
    row("an empty file that was chosen", part("name=\"f\"; filename=\"e\"", "") + last,
        "file f <e> text/plain: |\nend\n");
    row("a file input that was left empty",
        part("name=\"f\"; filename=\"\"", "", "Content-Type: application/octet-stream\r\n") + last,
        "file f <> application/octet-stream: |\nend\n");
    row("octets without a file name are a field",
        part("name=\"f\"", "x", "Content-Type: application/octet-stream\r\n") + last,
        "field f application/octet-stream: x|\nend\n");
    row("a preamble and an epilogue are ignored",
        "This is\r\n--a preamble --b\r\n" + part("name=\"a\"", "1") + last + "and\r\n--b\r\nan epilogue",
        "field a text/plain: 1|\nend\n");
    row("a boundary may follow an empty line", "\r\n" + part("name=\"a\"", "1") + last,
        "field a text/plain: 1|\nend\n");
    row("white space after boundaries is padding",
        "--b \t \r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--b--  \r\n", "field a text/plain: 1|\nend\n");
    row("no line end after the last boundary", part("name=\"a\"", "1") + "--b--", "field a text/plain: 1|\nend\n");
    row("what only resembles a boundary is data",
        part("name=\"a\"", "\r\n--a\r\r\n-\r\n\r\n--\r\n-b\n--b\r--b --b") + last,
        "field a text/plain: \r\n--a\r\r\n-\r\n\r\n--\r\n-b\n--b\r--b --b|\nend\n");
    row("a body that ends with the start of a boundary", part("name=\"a\"", "x\r\n--") + last,
        "field a text/plain: x\r\n--|\nend\n");
    row("a body that is nothing but CR", part("name=\"a\"", "\r\r\r") + last, "field a text/plain: \r\r\r|\nend\n");
    row("a body that starts like a boundary", part("name=\"a\"", "--") + last, "field a text/plain: --|\nend\n");
}

static void nameRows()
{
    row("names with quotes and backslashes", part("name=\"a\\\"b\\\\c\"", "1") + last,
        "field a\"b\\c text/plain: 1|\nend\n");
    row("what browsers encode in names", part("name=\"a%22b%0D%0Ac%41\"", "1") + last,
        "field a\"b\r\nc%41 text/plain: 1|\nend\n");
    row("a name without quotes", part("name=a", "1") + last, "field a text/plain: 1|\nend\n");
    row("a semicolon within quotes", part("name=\"a;b=c\"", "1") + last, "field a;b=c text/plain: 1|\nend\n");
    row("UTF-8 names", part("name=\"\xc5\x82\"; filename=\"\xe2\x82\xac.txt\"", "1") + last,
        "file \xc5\x82 <\xe2\x82\xac.txt> text/plain: 1|\nend\n");
    row("a name that is no UTF-8 is latin1", part("name=\"\xe9\"", "1") + last, "field \xc3\xa9 text/plain: 1|\nend\n");
    row("an extended file name is preferred",
        part("name=\"f\"; filename=\"euro.txt\"; filename*=UTF-8''%e2%82%ac%20x.txt", "1") + last,
        "file f <\xe2\x82\xac x.txt> text/plain: 1|\nend\n");
    row("an extended file name in latin1", part("name=\"f\"; filename*=iso-8859-1'en'%A3.txt", "1") + last,
        "file f <\xc2\xa3.txt> text/plain: 1|\nend\n");
    row("an extended file name that is malformed", part("name=\"f\"; filename*=UTF-8''%zz", "1") + last,
        "MALFORMED_PART_HEADER\n");
    row("and one beside a good one",
        part("name=\"f\"; filename=\"a.txt\"; filename*=koi8-r''%c1.txt", "1") + last, "file f <a.txt> text/plain: 1|\nend\n");
    row("folders are taken off a file name", part("name=\"f\"; filename=\"../../etc/passwd\"", "1") + last,
        "file f <passwd> text/plain: 1|\nend\n");
    row("folders of Windows, unquoted backslashes and all", part("name=\"f\"; filename=\"C:\\dir\\x.txt\"", "1") + last,
        "file f <x.txt> text/plain: 1|\nend\n");
    row("folders of an extended name", part("name=\"f\"; filename*=UTF-8''..%2Fa%5Cb", "1") + last,
        "file f <b> text/plain: 1|\nend\n");
    row("a file name that is a folder", part("name=\"f\"; filename=\"..\"", "1") + last,
        "file f <> text/plain: 1|\nend\n");
}

static void headerRows()
{
    row("headers without case, and folded",
        "--b\r\ncontent-DISPOSITION: Form-Data;\r\n  NAME=\"a\"\r\nX-More: 1\r\nCONTENT-TYPE: Text/HTML; "
        "Charset=\"UTF-8\"\r\n\r\n1\r\n--b--",
        "field a text/html;utf-8: 1|\nend\n");
    row("a transfer encoding that changes nothing",
        part("name=\"a\"", "1", "Content-Transfer-Encoding: 8bit\r\n") + last, "field a text/plain: 1|\nend\n");
    row("a transfer encoding", part("name=\"a\"", "MQ==", "Content-Transfer-Encoding: base64\r\n") + last,
        "UNSUPPORTED_TRANSFER_ENCODING\n");
}

static void refusedRows()
{
    row("nothing at all", "", "UNEXPECTED_END_OF_FORM\n");
    row("no boundary anywhere", "hello\r\nworld", "UNEXPECTED_END_OF_FORM\n");
    row("no last boundary", part("name=\"a\"", "1"), "field a text/plain: 1UNEXPECTED_END_OF_FORM\n");
    row("half of the last boundary", part("name=\"a\"", "1") + "--b-",
        "field a text/plain: 1|\nUNEXPECTED_END_OF_FORM\n");
    row("an end within a header", "--b\r\nContent-Dis", "UNEXPECTED_END_OF_FORM\n");
    row("something else after a boundary", "--bc\r\n\r\n--b--", "MALFORMED_DELIMITER\n");
    row("a boundary that ends in a bare line feed", "--b\nContent-Disposition: form-data; name=a\n\n1\n--b--",
        "MALFORMED_DELIMITER\n");
    row("a header that ends in a bare line feed", "--b\r\nContent-Disposition: form-data; name=a\n\r\n1\r\n--b--",
        "MALFORMED_PART_HEADER\n");
    row("a header without a colon", "--b\r\nhello\r\n\r\n1\r\n--b--", "MALFORMED_PART_HEADER\n");
    row("a header that starts folded", "--b\r\n hello: 1\r\n\r\n1\r\n--b--", "MALFORMED_PART_HEADER\n");
    row("a header with a NUL", QByteArray("--b\r\nA: \0\r\n\r\n1\r\n--b--", 20), "MALFORMED_PART_HEADER\n");
    row("a part without headers", "--b\r\n\r\n1\r\n--b--", "MISSING_FIELD_NAME\n");
    row("a part without a name", part("filename=\"x\"", "1") + last, "MISSING_FIELD_NAME\n");
    row("a part that is an attachment", "--b\r\nContent-Disposition: attachment; name=a\r\n\r\n1\r\n--b--",
        "MISSING_FIELD_NAME\n");
    row("a name twice", part("name=\"a\"; name=\"b\"", "1") + last, "MALFORMED_PART_HEADER\n");
    row("quotes that are never closed", part("name=\"a", "1") + last, "MALFORMED_PART_HEADER\n");
}

void tst_MultipartParser::eventsAreTheSameHoweverBytesAreSplit_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QByteArray>("expected");
    bodyRows();
    nameRows();
    headerRows();
    refusedRows();
}

// Whole, byte by byte, and in two pieces at every offset.
static void compareSplits(const QByteArray &bytes, const QByteArray &expected, const MultipartLimits &limits = {})
{
    Transcript whole(limits);
    whole.feed(bytes);
    QCOMPARE(whole.end(), expected);
    Transcript single(limits);
    for (const char c : bytes)
        single.feed(QByteArrayView(&c, 1));
    QCOMPARE(single.end(), expected);
    for (qsizetype at = 1; at < bytes.size(); ++at) {
        Transcript split(limits);
        split.feed(QByteArrayView(bytes).first(at));
        split.feed(QByteArrayView(bytes).sliced(at));
        if (const QByteArray text = split.end(); text != expected)
            QFAIL(qPrintable(u"split at %1: %2"_s.arg(at).arg(QString::fromUtf8(text))));
    }
}

void tst_MultipartParser::eventsAreTheSameHoweverBytesAreSplit()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QByteArray, expected);
    compareSplits(bytes, expected);
}

void tst_MultipartParser::limits_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QByteArray>("expected");
    QTest::addColumn<std::function<void(MultipartLimits &)>>("change");
    const QByteArray field = part("name=\"a\"", "123");
    const QByteArray file = part("name=\"f\"; filename=\"x\"", "123");
    const QByteArray fieldText = "field a text/plain: 123|\n";
    const QByteArray fileText = "file f <x> text/plain: 123|\n";
    const auto row = [](const char *name, const QByteArray &bytes, const QByteArray &expected, auto change) {
        QTest::newRow(name) << bytes << expected << std::function<void(MultipartLimits &)>(change);
    };
    row("as many parts as allowed", field + file + last, fieldText + fileText + "end\n", [](auto &l) { l.parts = 2; });
    row("a part too many", field + file + last, fieldText + "LIMIT_PART_COUNT\n", [](auto &l) { l.parts = 1; });
    row("as many files as allowed", file + field + last, fileText + fieldText + "end\n", [](auto &l) { l.files = 1; });
    row("a file too many", file + file + last, fileText + "LIMIT_FILE_COUNT\n", [](auto &l) { l.files = 1; });
    row("as many fields as allowed", field + file + last, fieldText + fileText + "end\n",
        [](auto &l) { l.fields = 1; });
    row("a field too many", field + field + last, fieldText + "LIMIT_FIELD_COUNT\n", [](auto &l) { l.fields = 1; });
    row("a name as long as allowed", part("name=\"abc\"", "1") + last, "field abc text/plain: 1|\nend\n",
        [](auto &l) { l.fieldNameSize = 3; });
    row("a name too long", part("name=\"abcd\"", "1") + last, "LIMIT_FIELD_KEY\n",
        [](auto &l) { l.fieldNameSize = 3; });
    row("a value as long as allowed", field + last, fieldText + "end\n", [](auto &l) { l.fieldSize = 3; });
    row("a value too long", field + last, "field a text/plain: 12LIMIT_FIELD_VALUE\n",
        [](auto &l) { l.fieldSize = 2; });
    row("values as long as allowed together", field + field + last, fieldText + fieldText + "end\n",
        [](auto &l) { l.fieldsSize = 6; });
    row("values too long together", field + field + last, fieldText + "field a text/plain: 12LIMIT_FIELDS_SIZE\n",
        [](auto &l) { l.fieldsSize = 5; });
    row("a file as large as allowed", file + last, fileText + "end\n", [](auto &l) {
        l.fileSize = 3;
        l.fieldSize = 0;
    });
    row("a file too large", file + last, "file f <x> text/plain: 12LIMIT_FILE_SIZE\n", [](auto &l) { l.fileSize = 2; });
    row("as many headers as allowed", part("name=\"a\"", "1", "A: 1\r\n") + last, "field a text/plain: 1|\nend\n",
        [](auto &l) { l.headerPairs = 2; });
    row("a header too many", part("name=\"a\"", "1", "A: 1\r\nB: 2\r\n") + last, "LIMIT_HEADER_PAIRS\n",
        [](auto &l) { l.headerPairs = 2; });
    row("headers as long as allowed", part("name=a", "1") + last, "field a text/plain: 1|\nend\n",
        [](auto &l) { l.headerSize = 42; }); // with the empty line
    row("headers too long", part("name=a", "1") + last, "LIMIT_HEADER_SIZE\n", [](auto &l) { l.headerSize = 41; });
    row("a header that never ends", "--b\r\nA: " + QByteArray(100, 'x'), "LIMIT_HEADER_SIZE\n",
        [](auto &l) { l.headerSize = 50; });
}

void tst_MultipartParser::limits()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QByteArray, expected);
    QFETCH(std::function<void(MultipartLimits &)>, change);
    MultipartLimits limits;
    change(limits);
    compareSplits(bytes, expected, limits);
}

// Pieces as a socket gives them, the boundary across, before and after their edges.
void tst_MultipartParser::aBoundaryIsFoundAtEveryPlaceOfALargeBody()
{
    constexpr qsizetype pieceBytes = 4'096;
    for (qsizetype bodyBytes = 2 * pieceBytes - 150; bodyBytes < 2 * pieceBytes + 10; ++bodyBytes) {
        QByteArray body(bodyBytes, '\r');
        for (qsizetype i = 0; i < bodyBytes; i += 3)
            body[i] = i % 2 ? '\n' : '-';
        const QByteArray form = part("name=\"a\"", body) + "--b--";
        Transcript transcript;
        for (qsizetype at = 0; at < form.size(); at += pieceBytes)
            transcript.feed(QByteArrayView(form).sliced(at, qMin(pieceBytes, form.size() - at)));
        QVERIFY(transcript.end() == "field a text/plain: " + body + "|\nend\n");
    }
}

void tst_MultipartParser::boundaries_data()
{
    QTest::addColumn<QByteArray>("contentType");
    QTest::addColumn<QByteArray>("boundary");
    QTest::newRow("a token") << QByteArray("multipart/form-data; boundary=----WebKitFormBoundaryAb1")
                             << QByteArray("----WebKitFormBoundaryAb1");
    QTest::newRow("in quotes") << QByteArray("multipart/form-data; charset=utf-8; Boundary=\"a b:=?\"")
                               << QByteArray("a b:=?");
    QTest::newRow("as long as allowed") << QByteArray("multipart/form-data; boundary=" + QByteArray(70, 'x'))
                                        << QByteArray(70, 'x');
    QTest::newRow("too long") << QByteArray("multipart/form-data; boundary=" + QByteArray(71, 'x')) << QByteArray();
    QTest::newRow("empty") << QByteArray("multipart/form-data; boundary=\"\"") << QByteArray();
    QTest::newRow("none") << QByteArray("multipart/form-data") << QByteArray();
    QTest::newRow("twice") << QByteArray("multipart/form-data; boundary=a; boundary=b") << QByteArray();
    QTest::newRow("ends with a space") << QByteArray("multipart/form-data; boundary=\"a \"") << QByteArray();
    QTest::newRow("a byte that is not allowed") << QByteArray("multipart/form-data; boundary=\"a<b\"") << QByteArray();
}

void tst_MultipartParser::boundaries()
{
    QFETCH(QByteArray, contentType);
    QFETCH(QByteArray, boundary);
    QCOMPARE(MultipartParser::boundaryOf(contentType).value_or(QByteArray()), boundary);
}

void tst_MultipartParser::everyErrorHasAStatusACodeAndASentence()
{
    for (int i = 1; i <= int(MultipartError::HeaderSize); ++i) {
        const auto error = static_cast<MultipartError>(i);
        QVERIFY(statusOf(error) >= 400 && statusOf(error) < 500);
        QVERIFY(*codeOf(error) != '\0');
        QVERIFY(QByteArrayView(sentence(error)).endsWith('.'));
        QCOMPARE(QByteArrayView(codeOf(error)).startsWith("LIMIT_"), statusOf(error) == 413);
    }
}

QTEST_APPLESS_MAIN(tst_MultipartParser)
#include "tst_multipartparser.moc"
