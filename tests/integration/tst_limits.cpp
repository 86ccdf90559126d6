// SPDX-License-Identifier: GPL-3.0-or-later
#include "load/labplan.h"
#include "load/loadgenerator.h"
#include "server/http/headerlist.h"
#include "server/loop/fs.h"
#include "server/loop/workerpool.h"
#include "server/net/serveroptions.h"
#include "server/practice/httpbinrequest.h"
#include "server/practice/httpbinroutes.h"
#include "server/practice/httpbinstreams.h"
#include "server/practice/practicesite.h"
#include "server/practice/uploadshelf.h"
#include "server/practice/userstore.h"
#include "server/stream/openfile.h"
#include "server/stream/zlib.h"
#include "server/trace/tracering.h"
#include "server/web/application.h"
#include "server/web/eventstream.h"
#include "server/web/headerparameters.h"
#include "server/web/middleware/bodyreader.h"
#include "server/web/middleware/compression.h"
#include "server/web/middleware/multipart.h"
#include "server/web/middleware/servestatic.h"
#include "server/web/middleware/urlencoded.h"
#include "server/work/fibonacci.h"
#include "server/work/hash.h"
#include "server/work/image.h"
#include "server/work/pbkdf2.h"
#include "server/work/sort.h"
#include "server/work/workerthread.h"
#include "tests/support/testcase.h"

#include <QtCore/QFile>
#include <QtCore/QLocale>

using namespace loopscope;
using namespace Qt::StringLiterals;

// The README's table of limits says what the constants say.
class tst_Limits : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void theReadmeSaysEachDefault_data();
    void theReadmeSaysEachDefault();
};

static QByteArray count(qint64 number)
{
    return QLocale(QLocale::English).toString(number).toUtf8();
}

static QByteArray bytes(qint64 number)
{
    constexpr qint64 kib = 1024;
    if (number >= kib * kib && number % (kib * kib) == 0)
        return count(number / (kib * kib)) + " MiB";
    if (number >= kib && number % kib == 0)
        return count(number / kib) + " KiB";
    return count(number) + " bytes";
}

static QByteArray time(std::chrono::milliseconds duration)
{
    return count(duration.count() / 1'000) + " s";
}

static void row(const char *option, const QByteArray &value)
{
    QTest::newRow(option) << value;
}

static void serverRows()
{
    const net::ServerOptions server;
    row("http::Limits::maxHeadBytes", bytes(server.limits.maxHeadBytes));
    row("http::Limits::maxHeaders", count(server.limits.maxHeaders));
    row("http::Limits::maxTargetBytes", bytes(server.limits.maxTargetBytes));
    row("http::Limits::maxChunkOverheadBytes", bytes(server.limits.maxChunkOverheadBytes));
    row("http::Limits::maxLeadingBytes", bytes(server.limits.maxLeadingBytes));
    row("http::Timeouts::header", time(server.timeouts.header));
    row("http::Timeouts::request", time(server.timeouts.request));
    row("http::Timeouts::keepAlive", time(server.timeouts.keepAlive));
    row("http::Timeouts::send", time(server.timeouts.send));
    row("http::Limits::minimumRate", bytes(server.limits.minimumRate));
    row("http::Limits::minimumSendRate", bytes(server.limits.minimumSendRate));
    row("http::Timeouts::rateWindow", time(server.timeouts.rateWindow));
    row("http::Timeouts::handshake", time(server.timeouts.handshake));
    row("net::ServerOptions::maxConnections", count(server.maxConnections));
    row("net::ServerOptions::maxConnectionsPerAddress", count(server.maxConnectionsPerAddress));
    row("net::ServerOptions::maxRefusals", count(server.maxRefusals));
    row("net::ServerOptions::maxRequestsPerConnection", count(server.maxRequestsPerConnection));
    row("net::ServerOptions::maxHandshakes", count(server.maxHandshakes));
    row("net::ServerOptions::backlog", count(server.backlog));
    row("net::ServerOptions::highWaterMark", bytes(server.highWaterMark));
    row("net::ServerOptions::maxPipelinedBytes", bytes(server.maxPipelinedBytes));
    row("net::ServerOptions::lingerTimeout", time(server.lingerTimeout));
    row("net::ServerOptions::maxLingerBytes", bytes(server.maxLingerBytes));
}

static void bodyRows()
{
    const web::MultipartOptions multipart;
    row("web::Application::Options::maxBodyBytes", bytes(web::Application::Options().maxBodyBytes));
    row("web::Request::bufferBytes", bytes(web::Request::bufferBytes));
    row("web::defaultBodyBytes", bytes(web::defaultBodyBytes));
    row("web::UrlencodedOptions::parameterLimit", count(web::UrlencodedOptions().parameterLimit));
    row("web::MultipartLimits::parts", count(multipart.limits.parts));
    row("web::MultipartLimits::files", count(multipart.limits.files));
    row("web::MultipartLimits::fields", count(multipart.limits.fields));
    row("web::MultipartLimits::fieldNameSize", bytes(multipart.limits.fieldNameSize));
    row("web::MultipartLimits::fieldSize", bytes(multipart.limits.fieldSize));
    row("web::MultipartLimits::fieldsSize", bytes(multipart.limits.fieldsSize));
    row("web::MultipartLimits::fileSize", bytes(multipart.limits.fileSize));
    row("web::MultipartLimits::headerPairs", count(multipart.limits.headerPairs));
    row("web::MultipartLimits::headerSize", bytes(multipart.limits.headerSize));
    row("web::MultipartOptions::memoryBytes", bytes(multipart.memoryBytes));
    row("web::MultipartOptions::maxUploads", count(multipart.maxUploads));
    row("web::multipartHighWaterMark", bytes(web::multipartHighWaterMark));
}

static void webRows()
{
    row("web::StaticOptions::maxOpenFiles", count(web::StaticOptions().maxOpenFiles));
    row("web::StaticOptions::blockBytes", bytes(web::StaticOptions().blockBytes));
    row("web::maximumRanges", count(web::maximumRanges));
    row("web::CompressionOptions::threshold", bytes(web::CompressionOptions().threshold));
    row("http::HeaderList::maximumFields", count(qint64(http::HeaderList::maximumFields)));
    row("web::maximumCookies", count(web::maximumCookies));
    row("web::maximumCookieBytes", bytes(web::maximumCookieBytes));
    row("web::maximumCookieAttributeBytes", bytes(web::maximumCookieAttributeBytes));
    row("web::EventStream::Options::maximumQueuedBytes", bytes(web::EventStream::Options().maximumQueuedBytes));
    row("web::EventStream::Options::heartbeat", time(web::EventStream::Options().heartbeat));
    row("web::HeaderParameters::maximumParameters", count(qint64(web::HeaderParameters::maximumParameters)));
    row("web::PathPattern::maximumParams", count(web::PathPattern::maximumParams));
    row("web::Application::maximumPooled", count(qint64(web::Application::maximumPooled)));
}

static void streamRows()
{
    row("stream::defaultHighWaterMark", bytes(stream::defaultHighWaterMark));
    row("stream::OpenFile::defaultMaximum", count(stream::OpenFile::defaultMaximum));
    row("stream::CodecStreamOptions::chunkSize", bytes(stream::CodecStreamOptions().chunkSize));
    row("loop::WorkerPool::defaultThreads", count(loop::WorkerPool::defaultThreads));
    row("loop::WorkerPool::maximumThreads", count(loop::WorkerPool::maximumThreads));
    row("loop::WorkerPool::maximumQueued", count(loop::WorkerPool::maximumQueued));
    row("trace::TraceRing::defaultBytes", bytes(qint64(trace::TraceRing::defaultBytes)));
}

static void workRows()
{
    row("loop::fs::ReadFileOptions::defaultMaximumBytes", bytes(loop::fs::ReadFileOptions::defaultMaximumBytes));
    row("loop::fs::ReaddirOptions::defaultMaximumEntries", count(loop::fs::ReaddirOptions::defaultMaximumEntries));
    row("work::maximumFibonacci", count(work::maximumFibonacci));
    row("work::maximumIterations", count(work::maximumIterations));
    row("work::maximumKeyBytes", bytes(work::maximumKeyBytes));
    row("work::maximumPixels", count(work::maximumPixels));
    row("work::maximumSorted", count(work::maximumSorted));
    row("work::maximumHashedMiB", count(work::maximumHashedMiB) + " MiB");
    row("work::SharedBuffer::maximumLength", count(work::SharedBuffer::maximumLength));
    row("work::WorkerThread::maximumThreads", count(work::WorkerThread::maximumThreads));
    row("work::WorkerThread::Options::maximumMessages", count(work::WorkerThread::Options().maximumMessages));
}

static void practiceRows()
{
    using practice::HttpbinRoutes;
    using practice::HttpbinStreams;
    using practice::PracticeSite;
    const practice::PracticeOptions site;
    row("practice::UserStore::maximumUsers", count(practice::UserStore::maximumUsers));
    row("practice::UserStore::maximumNameLength", count(practice::UserStore::maximumNameLength));
    row("practice::UploadShelf::maximumFiles", count(qint64(practice::UploadShelf::maximumFiles)));
    row("practice::UploadShelf::maximumBytes", bytes(practice::UploadShelf::maximumBytes));
    row("practice::PracticeOptions::maxMessageBytes", bytes(site.maxMessageBytes));
    row("practice::PracticeOptions::maxMessagesBytes", bytes(site.maxMessagesBytes));
    row("practice::PracticeSite::maximumDownloadMb", count(PracticeSite::maximumDownloadMb) + " MiB");
    row("practice::PracticeSite::maximumUploadedFiles", count(PracticeSite::maximumUploadedFiles));
    row("practice::PracticeOptions::maxUploadBytes", bytes(site.maxUploadBytes));
    row("practice::PracticeOptions::maxUploads", count(site.maxUploads));
    row("practice::HttpbinRoutes::maximumBodyBytes", bytes(HttpbinRoutes::maximumBodyBytes));
    row("practice::LabRoutes::maximumRuns", count(practice::LabRoutes::maximumRuns));
    row("practice::LabRoutes::maximumBytes", bytes(practice::LabRoutes::maximumBytes));
    row("practice::maximumDelaySeconds", count(practice::maximumDelaySeconds) + " s");
    row("practice::HttpbinStreams::maximumDripBytes", bytes(HttpbinStreams::maximumDripBytes));
    row("practice::HttpbinStreams::maximumBytes", bytes(HttpbinStreams::maximumBytes));
    row("practice::HttpbinStreams::maximumStreamLines", count(HttpbinStreams::maximumStreamLines));
    row("practice::HttpbinStreams::maximumEvents", count(HttpbinStreams::maximumEvents));
    row("practice::HttpbinRoutes::maximumRedirects", count(HttpbinRoutes::maximumRedirects));
    row("practice::HttpbinRoutes::maximumStatusCodes", count(HttpbinRoutes::maximumStatusCodes));
    row("practice::HttpbinRoutes::maximumCacheSeconds", count(HttpbinRoutes::maximumCacheSeconds));
    row("practice::HttpbinRoutes::maximumLinks", count(HttpbinRoutes::maximumLinks));
}

static void loadRows()
{
    row("load::LabPlan::maximumSeconds", count(load::LabPlan::maximumSeconds));
    row("load::LabPlan::maximumRuns", count(load::LabPlan::maximumRuns));
    row("load::LoadOptions::maximumRate", count(load::LoadOptions::maximumRate));
    row("load::LoadOptions::defaultConnections", count(load::LoadOptions::defaultConnections));
    row("load::LoadOptions::defaultTimeout", time(load::LoadOptions::defaultTimeout));
    row("load::LabPlan::defaultFirstAnswerTimeout", time(load::LabPlan::defaultFirstAnswerTimeout));
}

void tst_Limits::theReadmeSaysEachDefault_data()
{
    QTest::addColumn<QByteArray>("value");
    serverRows();
    bodyRows();
    webRows();
    streamRows();
    workRows();
    practiceRows();
    loadRows();
}

void tst_Limits::theReadmeSaysEachDefault()
{
    QFETCH(QByteArray, value);
    QFile readme(QStringLiteral(LOOPSCOPE_SOURCE "/README.md"));
    QVERIFY(readme.open(QIODevice::ReadOnly));
    const QByteArray columns = QByteArray("| `") + QTest::currentDataTag() + "` | " + value + " |";
    QVERIFY2(readme.readAll().contains(columns), columns.constData());
}

QTEST_GUILESS_MAIN(tst_Limits)
#include "tst_limits.moc"
