// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/playground/responsereader.h"

#include <llhttp.h>

#include <utility>

namespace loopscope::app {

QByteArray ResponseHead::header(QByteArrayView name) const
{
    for (const HeaderField &field : headers) {
        if (name.compare(field.name, Qt::CaseInsensitive) == 0)
            return field.value;
    }
    return {};
}

QByteArray ResponseHead::statusLine() const
{
    QByteArray line = "HTTP/" + QByteArray::number(versionMajor) + '.' + QByteArray::number(versionMinor) + ' '
        + QByteArray::number(status);
    if (!reason.isEmpty())
        line += ' ' + reason;
    return line;
}

struct ResponseReader::Private {
    llhttp_t parser{};
    llhttp_settings_t settings{};
    Events events;
    ResponseHead head;
    qsizetype headBytes = 0;
    bool answersHead = false;
    bool begun = false;
    bool complete = false;
    QByteArray error;

    static Private &of(llhttp_t *parser) { return *static_cast<Private *>(parser->data); }

    // A head that grows without end must not fill the memory.
    int take(QByteArray &into, const char *at, std::size_t length)
    {
        headBytes += qsizetype(length);
        if (headBytes > maximumHeadBytes)
            return fail("its head is longer than 64 KiB");
        into.append(at, qsizetype(length));
        return 0;
    }
    int fail(const char *why)
    {
        error = why;
        return HPE_USER;
    }
    static int onMessageBegin(llhttp_t *parser);
    static int onStatus(llhttp_t *parser, const char *at, std::size_t length);
    static int onHeaderField(llhttp_t *parser, const char *at, std::size_t length);
    static int onHeaderValue(llhttp_t *parser, const char *at, std::size_t length);
    static int onHeaderValueComplete(llhttp_t *parser);
    static int onHeadersComplete(llhttp_t *parser);
    static int onBody(llhttp_t *parser, const char *at, std::size_t length);
    static int onMessageComplete(llhttp_t *parser);

    bool valueSeen = true; // the last header is whole: the next name starts a new one
};

int ResponseReader::Private::onMessageBegin(llhttp_t *parser)
{
    Private &self = of(parser);
    self.head = {};
    self.headBytes = 0;
    self.valueSeen = true;
    return 0;
}

int ResponseReader::Private::onStatus(llhttp_t *parser, const char *at, std::size_t length)
{
    return of(parser).take(of(parser).head.reason, at, length);
}

int ResponseReader::Private::onHeaderField(llhttp_t *parser, const char *at, std::size_t length)
{
    Private &self = of(parser);
    if (std::exchange(self.valueSeen, false)) {
        if (self.head.headers.size() >= maximumHeaders)
            return self.fail("it has more than 200 headers");
        self.head.headers.emplaceBack();
    }
    return self.take(self.head.headers.last().name, at, length);
}

int ResponseReader::Private::onHeaderValue(llhttp_t *parser, const char *at, std::size_t length)
{
    Private &self = of(parser);
    if (self.head.headers.isEmpty())
        return 0;
    return self.take(self.head.headers.last().value, at, length);
}

int ResponseReader::Private::onHeaderValueComplete(llhttp_t *parser)
{
    of(parser).valueSeen = true;
    return 0;
}

int ResponseReader::Private::onHeadersComplete(llhttp_t *parser)
{
    Private &self = of(parser);
    self.head.status = llhttp_get_status_code(parser);
    self.head.versionMajor = llhttp_get_http_major(parser);
    self.head.versionMinor = llhttp_get_http_minor(parser);
    self.events.head(self.head);
    return self.answersHead ? 1 : 0; // 1: no body follows
}

int ResponseReader::Private::onBody(llhttp_t *parser, const char *at, std::size_t length)
{
    of(parser).events.body(QByteArrayView(at, qsizetype(length)));
    return 0;
}

int ResponseReader::Private::onMessageComplete(llhttp_t *parser)
{
    Private &self = of(parser);
    if (self.head.isInterim())
        return 0;
    self.complete = true;
    return HPE_PAUSED; // what follows is not the answer to this request
}

ResponseReader::ResponseReader(Events events, bool answersHead)
    : d(std::make_unique<Private>())
{
    d->events = std::move(events);
    d->answersHead = answersHead;
    llhttp_settings_init(&d->settings);
    d->settings.on_message_begin = &Private::onMessageBegin;
    d->settings.on_status = &Private::onStatus;
    d->settings.on_header_field = &Private::onHeaderField;
    d->settings.on_header_value = &Private::onHeaderValue;
    d->settings.on_header_value_complete = &Private::onHeaderValueComplete;
    d->settings.on_headers_complete = &Private::onHeadersComplete;
    d->settings.on_body = &Private::onBody;
    d->settings.on_message_complete = &Private::onMessageComplete;
    llhttp_init(&d->parser, HTTP_RESPONSE, &d->settings);
    d->parser.data = d.get();
}

ResponseReader::~ResponseReader() = default;

bool ResponseReader::feed(QByteArrayView bytes)
{
    if (!d->error.isEmpty())
        return false;
    if (d->complete || bytes.isEmpty())
        return true;
    d->begun = true;
    const llhttp_errno_t result = llhttp_execute(&d->parser, bytes.data(), std::size_t(bytes.size()));
    if (result == HPE_OK || d->complete)
        return true;
    if (d->error.isEmpty())
        d->error = llhttp_get_error_reason(&d->parser);
    return false;
}

bool ResponseReader::finish()
{
    if (!d->complete && d->begun && d->error.isEmpty())
        llhttp_finish(&d->parser); // completes an answer that lasts until the connection closes
    return d->complete;
}

bool ResponseReader::isComplete() const
{
    return d->complete;
}

bool ResponseReader::hasBegun() const
{
    return d->begun;
}

QByteArray ResponseReader::errorString() const
{
    return d->error;
}

} // namespace loopscope::app
