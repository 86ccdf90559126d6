// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/stream/streamerror.h"

#include <QtCore/QStringBuilder>

namespace loopscope::stream {

static QByteArray messageOf(StreamError::Code code, const QByteArray &detail)
{
    using Code = StreamError::Code;
    switch (code) {
    case Code::WriteAfterEnd:
        return "write after end";
    case Code::Destroyed:
        return "Cannot call " + detail + " after a stream was destroyed";
    case Code::AlreadyFinished:
        return "Cannot call " + detail + " after a stream was finished";
    case Code::PrematureClose:
        return "Premature close";
    case Code::PushAfterEof:
        return "stream.push() after EOF";
    case Code::UnshiftAfterEnd:
        return "stream.unshift() after end event";
    case Code::MultipleCallback:
        return "Callback called multiple times";
    case Code::MethodNotImplemented:
        return "The " + detail + " method is not implemented";
    case Code::Aborted:
        return "The operation was aborted";
    case Code::BufferTooLarge:
        return "Cannot create a Buffer larger than " + detail + " bytes";
    case Code::OutOfRange:
        return "The value of " + detail + " is out of range.";
    case Code::InvalidArgument:
        return "The value of " + detail + " is invalid.";
    case Code::MissingArguments:
        return "The \"" + detail + "\" argument must be specified";
    }
    Q_UNREACHABLE();
}

StreamError::StreamError(Code code, const QByteArray &detail)
    : m_code(code)
    , m_message(messageOf(code, detail))
{
}

const char *StreamError::name() const noexcept
{
    switch (m_code) {
    case Code::WriteAfterEnd:
        return "ERR_STREAM_WRITE_AFTER_END";
    case Code::Destroyed:
        return "ERR_STREAM_DESTROYED";
    case Code::AlreadyFinished:
        return "ERR_STREAM_ALREADY_FINISHED";
    case Code::PrematureClose:
        return "ERR_STREAM_PREMATURE_CLOSE";
    case Code::PushAfterEof:
        return "ERR_STREAM_PUSH_AFTER_EOF";
    case Code::UnshiftAfterEnd:
        return "ERR_STREAM_UNSHIFT_AFTER_END_EVENT";
    case Code::MultipleCallback:
        return "ERR_MULTIPLE_CALLBACK";
    case Code::MethodNotImplemented:
        return "ERR_METHOD_NOT_IMPLEMENTED";
    case Code::Aborted:
        return "ABORT_ERR";
    case Code::BufferTooLarge:
        return "ERR_BUFFER_TOO_LARGE";
    case Code::OutOfRange:
        return "ERR_OUT_OF_RANGE";
    case Code::InvalidArgument:
        return "ERR_INVALID_ARG_VALUE";
    case Code::MissingArguments:
        return "ERR_MISSING_ARGS";
    }
    Q_UNREACHABLE();
}

std::optional<StreamError::Code> StreamError::codeOf(const std::exception_ptr &error)
{
    if (!error)
        return std::nullopt;
    try {
        std::rethrow_exception(error);
    } catch (const StreamError &known) {
        return known.code();
    } catch (...) {
        return std::nullopt;
    }
}

std::exception_ptr makeError(StreamError::Code code, const QByteArray &detail)
{
    return std::make_exception_ptr(StreamError(code, detail));
}

} // namespace loopscope::stream
