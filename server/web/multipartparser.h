// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QByteArrayView>
#include <QtCore/QString>

#include <optional>
#include <vector>

QT_BEGIN_NAMESPACE
class QDebug;
QT_END_NAMESPACE

namespace loopscope::web {

// What one form of multipart/form-data may hold. The names are busboy's, which Multer hands on; where its default is
// Infinity, ours is said here. https://github.com/mscdex/busboy#exports
// https://expressjs.com/en/resources/middleware/multer.html
struct MultipartLimits {
    // Fields and files together. busboy: Infinity.
    int parts = 1'100;
    // Parts that are files. busboy: Infinity.
    int files = 100;
    // Parts that are no files. busboy: Infinity; body-parser's parameterLimit: 1000.
    int fields = 1'000;
    // Name of a field or a file's field, bytes. busboy: 100.
    qsizetype fieldNameSize = 100;
    // Value of a field, bytes. busboy: 1 MiB.
    qint64 fieldSize = 1024 * 1024;
    // Values of all fields together, bytes, for they are kept in memory. Go's mime/multipart: 10 MB; busboy: none.
    qint64 fieldsSize = 10 * 1024 * 1024;
    // One file, bytes. busboy: Infinity.
    qint64 fileSize = 128 * 1024 * 1024;
    // Header fields of a part. busboy: 2000, which is Node's maxHeadersCount. Deviation: busboy ignores those beyond.
    int headerPairs = 2'000;
    // A part's header lines together, bytes. busboy: 16 KiB, not to be changed.
    qsizetype headerSize = 16 * 1024;
};

// Why a form is refused.
enum class MultipartError : quint8 {
    None,
    // --- 400: no form as RFC 7578 and RFC 2046 describe it ---
    MissingBoundary, // the Content-Type has no boundary, or one that RFC 2046 §5.1.1 does not allow
    MalformedDelimiter, // a boundary is followed by something else than an end of line or "--"
    MalformedHeader, // a part's header: no name, a control byte, a line that ends without CR
    MissingFieldName, // a part has no Content-Disposition: form-data with a name (RFC 7578 §4.2)
    UnexpectedEnd, // the last boundary never came
    // --- 415 ---
    TransferEncoding, // a part's Content-Transfer-Encoding is one that changes the bytes (RFC 7578 §4.7)
    // --- 413: more than the limit of that name ---
    PartCount,
    FileCount,
    FieldCount,
    FieldKey, // fieldNameSize
    FieldValue, // fieldSize
    FieldsSize,
    FileSize,
    HeaderPairs,
    HeaderSize,
};

// The status that answers it; 0 for None.
[[nodiscard]] int statusOf(MultipartError error) noexcept;
// Multer's code where it has one ("LIMIT_FILE_SIZE", "MISSING_FIELD_NAME"), else one in its style; static storage.
[[nodiscard]] const char *codeOf(MultipartError error) noexcept;
// One sentence for the client, static storage, without anything that the client sent.
[[nodiscard]] const char *sentence(MultipartError error) noexcept;

// What a part says of itself.
struct MultipartPart {
    QString name; // of the field
    // The name that the file had at the client, without folders; null for a field, empty if the form's file input was
    // left empty. It is what the client said: never a path on this machine.
    QString fileName;
    QByteArray type = "text/plain"; // Content-Type in lower case without parameters; RFC 7578 §4.4 has the default
    QByteArray charset; // its parameter in lower case; empty if it has none
    // It has a file name. (busboy calls any application/octet-stream one, and Multer then drops those without a name.)
    bool isFile = false;

    friend bool operator==(const MultipartPart &, const MultipartPart &) = default;
};

struct MultipartEvent {
    enum class Type : quint8 {
        PartBegin, // part
        PartData, // bytes: a piece of the part's body
        PartEnd,
        End, // the last boundary has come; what follows it is ignored
        Failed, // error; nothing more will come
    };
    Type type = Type::PartBegin;
    MultipartError error = MultipartError::None;
    QByteArrayView bytes; // into what was fed, or into the parser: valid until either changes
    MultipartPart part;

    friend bool operator==(const MultipartEvent &a, const MultipartEvent &b) noexcept
    {
        return a.type == b.type && a.error == b.error && a.bytes == b.bytes && a.part == b.part;
    }
};

// Filled by feed(), which appends. Kept by the caller so that its storage is reused.
using MultipartEventList = std::vector<MultipartEvent>;

QDebug operator<<(QDebug debug, const MultipartEvent &event);

// Bytes in, events out: a form of multipart/form-data (RFC 7578, RFC 2046 §5.1), as a browser sends a form with files.
//
// A value of one thread that knows no socket and no file. The events are the same however the bytes were split, but
// that a part's body comes in pieces as they were fed. It keeps no more than the header lines of one part: of a body
// not a byte, for what may be the start of a boundary is known from the boundary itself.
//
// Deviation: lines end with CR LF and nothing else, where MIME readers often take a bare LF.
class MultipartParser {
public:
    // The boundary of a Content-Type, without quotes; nothing if it has none or one that is not allowed.
    [[nodiscard]] static std::optional<QByteArray> boundaryOf(QByteArrayView contentType);

    explicit MultipartParser(const QByteArray &boundary, const MultipartLimits &limits = {});
    MultipartParser(const MultipartParser &) = delete;
    MultipartParser &operator=(const MultipartParser &) = delete;

    void feed(QByteArrayView bytes, MultipartEventList &events);
    // The body ends here: MultipartError::UnexpectedEnd unless End or Failed came before.
    void finish(MultipartEventList &events);

    [[nodiscard]] bool hasFailed() const noexcept { return m_state == State::Failed; }
    [[nodiscard]] bool hasEnded() const noexcept { return m_state == State::Epilogue; }

private:
    enum class State : quint8 {
        Preamble, // before the first boundary: ignored
        Delimiter, // right after a boundary
        Padding, // white space after it (RFC 2046: transport-padding)
        LineEnd, // the LF that ends its line
        LastDash, // the second '-' of the last boundary
        Headers,
        Body,
        Epilogue, // after the last boundary: ignored
        Failed,
    };

    [[nodiscard]] QByteArrayView takeBody(QByteArrayView bytes, MultipartEventList &events);
    void takeDelimiterByte(char c, MultipartEventList &events);
    [[nodiscard]] QByteArrayView takeHeaderLine(QByteArrayView bytes, MultipartEventList &events);
    [[nodiscard]] MultipartError addHeaderLine();
    void beginPart(MultipartEventList &events);
    [[nodiscard]] MultipartError describePart(MultipartPart &part) const;
    [[nodiscard]] MultipartError countPart(const MultipartPart &part);
    [[nodiscard]] bool writeData(QByteArrayView bytes, MultipartEventList &events);
    void endPart(MultipartEventList &events);
    void fail(MultipartError error, MultipartEventList &events);

    const MultipartLimits m_limits;
    const QByteArray m_delimiter; // CR LF "--" boundary
    State m_state = State::Preamble;
    // Bytes of m_delimiter that the last ones fed are equal to. A body starts as if a line had just ended, so that a
    // boundary may follow at once; those two bytes were never there.
    qsizetype m_matched = 2;
    qsizetype m_unreal = 2;
    QByteArray m_line; // of a part's headers, not complete
    qsizetype m_headerBytes = 0;
    std::vector<std::pair<QByteArray, QByteArray>> m_headers; // names in lower case
    bool m_isFile = false; // the part in hand
    qint64 m_partBytes = 0;
    qint64 m_fieldsBytes = 0;
    int m_parts = 0;
    int m_files = 0;
    int m_fields = 0;
};

} // namespace loopscope::web
