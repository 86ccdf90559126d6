// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/middleware/multipart.h"

#include "server/web/diskerror.h"
#include "server/web/middleware/bodyreader.h"
#include "server/web/storedfile.h"

#include <QtCore/QStringDecoder>

#include <uv.h>

namespace loopscope::web {

using namespace Qt::StringLiterals;

namespace {

// What the worker pool does with one file, in the order in which the form said it.
struct FileStep {
    enum class Kind : quint8 { Open, Write, Close };
    Kind kind;
    std::shared_ptr<StoredFile> file;
    QByteArray bytes; // Write
};

// On a worker: 0, or libuv's error of the first step that failed.
int perform(const std::vector<FileStep> &steps)
{
    for (const FileStep &step : steps) {
        int error = 0;
        switch (step.kind) {
        case FileStep::Kind::Open: error = step.file->open(); break;
        case FileStep::Kind::Write: error = step.file->write(step.bytes); break;
        case FileStep::Kind::Close: error = step.file->close(); break;
        }
        if (error != 0)
            return error;
    }
    return 0;
}

// RFC 7578 §4.5. What is in a charset that is not known is read as UTF-8.
QString decoded(const QByteArray &value, const QByteArray &charset)
{
    const auto known = charset == "system" ? std::nullopt : QStringConverter::encodingForName(charset.constData());
    QStringDecoder decoder(known.value_or(QStringConverter::Utf8), QStringDecoder::Flag::Stateless);
    return decoder(value);
}

// One form on its way to fields and files. Shared by the coroutine that receives it and the job that writes; the
// loop's thread, but for what perform() does. When the last of them lets go of it, files that nobody took are removed.
class Upload : public std::enable_shared_from_this<Upload> {
public:
    Upload(const MultipartOptions &options, const QByteArray &boundary, std::shared_ptr<int> running)
        : m_options(options)
        , m_parser(boundary, options.limits)
        , m_running(std::move(running))
    {
        ++*m_running;
    }
    ~Upload() { --*m_running; }
    Upload(const Upload &) = delete;
    Upload &operator=(const Upload &) = delete;

    // Throws AppError. Pauses the request while too much waits for the disk.
    void take(Request &req, QByteArrayView piece);
    void finish();
    // Ends when all is written.
    loop::Task<> written();
    void giveTo(Request &req);
    // The request may be gone from now on. What waits is not written any more, and with the last of its references
    // each file goes that nobody took.
    void abandon() noexcept;

private:
    void process();
    void beginPart(MultipartPart part);
    void addData(QByteArrayView bytes);
    void endPart();
    void startWriting();
    void onWritten(int error);
    void throwIfFailed() const;

    const MultipartOptions m_options; // a copy: a request may outlive its application
    MultipartParser m_parser;
    MultipartEventList m_events;
    const std::shared_ptr<int> m_running;

    Request *m_paused = nullptr; // it waits for the disk
    MultipartPart m_part; // in hand
    QByteArray m_value; // of a field, or of a file in memory
    qint64 m_memoryBytes = 0;
    FormData m_form;
    std::vector<UploadedFile> m_files;

    std::vector<FileStep> m_steps; // that no job has taken yet
    qsizetype m_waitingBytes = 0; // in them
    bool m_writing = false;
    int m_error = 0; // libuv's
    std::optional<loop::Deferred<>::Resolver> m_allWritten;
};

void Upload::take(Request &req, QByteArrayView piece)
{
    throwIfFailed();
    m_parser.feed(piece, m_events);
    process();
    startWriting();
    if (m_waitingBytes >= multipartHighWaterMark) {
        m_paused = &req;
        req.pause();
    }
}

void Upload::finish()
{
    m_parser.finish(m_events);
    process();
    startWriting();
}

void Upload::process()
{
    for (MultipartEvent &event : m_events) {
        switch (event.type) {
        case MultipartEvent::Type::PartBegin: beginPart(std::move(event.part)); break;
        case MultipartEvent::Type::PartData: addData(event.bytes); break;
        case MultipartEvent::Type::PartEnd: endPart(); break;
        case MultipartEvent::Type::End: break;
        case MultipartEvent::Type::Failed:
            throw AppError(statusOf(event.error), QString::fromLatin1(sentence(event.error)), codeOf(event.error));
        }
    }
    m_events.clear();
}

void Upload::beginPart(MultipartPart part)
{
    m_part = std::move(part);
    m_value = "";
    if (!m_part.isFile || m_part.fileName.isEmpty())
        return;
    UploadedFile file{.fieldname = m_part.name,
                      .originalname = m_part.fileName,
                      .mimetype = m_part.type,
                      .size = 0,
                      .sha256 = {},
                      .path = {},
                      .buffer = {},
                      .stored = {}};
    if (!m_options.directory.isEmpty()) {
        file.stored = StoredFile::create(m_options.directory);
        file.path = file.stored->path();
        m_steps.push_back({FileStep::Kind::Open, file.stored, {}});
    }
    m_files.push_back(std::move(file));
}

void Upload::addData(QByteArrayView bytes)
{
    if (!m_part.isFile) {
        m_value += bytes;
    } else if (m_part.fileName.isEmpty()) {
        // a file that nobody chose
    } else if (const auto &stored = m_files.back().stored) {
        m_waitingBytes += bytes.size();
        if (!m_steps.empty() && m_steps.back().kind == FileStep::Kind::Write)
            m_steps.back().bytes += bytes;
        else
            m_steps.push_back({FileStep::Kind::Write, stored, bytes.toByteArray()});
    } else {
        m_memoryBytes += bytes.size();
        if (m_memoryBytes > m_options.memoryBytes)
            throw AppError(413, u"The files are too large together."_s, "LIMIT_FILE_SIZE");
        m_value += bytes;
    }
}

void Upload::endPart()
{
    if (!m_part.isFile) {
        m_form.append(m_part.name, m_value.isEmpty() ? u""_s : decoded(m_value, m_part.charset));
    } else if (m_part.fileName.isEmpty()) {
        // a file that nobody chose
    } else if (const auto &stored = m_files.back().stored) {
        m_steps.push_back({FileStep::Kind::Close, stored, {}});
    } else {
        m_files.back().size = m_value.size();
        m_files.back().sha256 = QCryptographicHash::hash(m_value, QCryptographicHash::Sha256);
        m_files.back().buffer = std::exchange(m_value, QByteArray());
    }
}

// All that waits goes into one job; the next one starts when it has ended.
void Upload::startWriting()
{
    if (m_writing || m_steps.empty())
        return;
    m_writing = true;
    m_waitingBytes = 0;
    auto error = std::make_shared<int>(0);
    loop::EventLoop::current()->pool().submit(
        "writeUpload", [steps = std::exchange(m_steps, {}), error] { *error = perform(steps); },
        [self = shared_from_this(), error](std::exception_ptr failure) {
            self->onWritten(failure ? int(UV_EAGAIN) : *error);
        });
}

void Upload::onWritten(int error)
{
    m_writing = false;
    if (m_error == 0)
        m_error = error;
    if (m_error == 0)
        startWriting();
    if (Request *paused = std::exchange(m_paused, nullptr))
        paused->resume(); // take() throws if the disk failed
    if (!m_writing && m_allWritten)
        std::exchange(m_allWritten, std::nullopt)->resolve();
}

loop::Task<> Upload::written()
{
    if (m_writing) {
        loop::Deferred<> all;
        m_allWritten = all.resolver();
        co_await all;
    }
    throwIfFailed();
}

void Upload::throwIfFailed() const
{
    if (m_error != 0)
        throw diskError(m_error, u"upload"_s);
}

void Upload::giveTo(Request &req)
{
    for (UploadedFile &file : m_files) {
        if (file.stored) {
            file.size = file.stored->size();
            file.sha256 = file.stored->sha256();
        }
    }
    req.form = std::move(m_form);
    req.files = std::move(m_files);
}

void Upload::abandon() noexcept
{
    m_paused = nullptr;
    m_steps.clear();
    m_files.clear();
}

loop::Task<> receiveUpload(Request &req, std::shared_ptr<Upload> upload)
{
    struct Abandon {
        Upload &upload;
        ~Abandon() { upload.abandon(); }
    } const abandon{*upload};
    co_await receiveBody(req, [&req, &upload](QByteArrayView piece) { upload->take(req, piece); });
    upload->finish();
    co_await upload->written();
    upload->giveTo(req);
}

} // namespace

Handler multipart(const MultipartOptions &options)
{
    return makeHandler([options, running = std::make_shared<int>(0)](Request &req, Response &,
                                                                     Next next) -> loop::Task<> {
        if (wantsBody(req, {"multipart/form-data"})) {
            (void)codingOf(req, false);
            const auto boundary = MultipartParser::boundaryOf(req.get("Content-Type"));
            if (!boundary) {
                constexpr auto error = MultipartError::MissingBoundary;
                throw AppError(statusOf(error), QString::fromLatin1(sentence(error)), codeOf(error));
            }
            if (*running >= options.maxUploads)
                throw AppError::tryLater(u"Too many uploads are on their way. Try again later."_s, "ERR_TOO_MANY_UPLOADS");
            const BodyLimit limit(req, options.maxBodyBytes < 0 ? req.maxBodyBytes() : options.maxBodyBytes);
            co_await receiveUpload(req, std::make_shared<Upload>(options, *boundary, running));
        }
        next();
    });
}

} // namespace loopscope::web
