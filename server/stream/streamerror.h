// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>

#include <exception>
#include <optional>

namespace loopscope::stream {

// What was done wrong with a stream, or happened to it, in Node's words.
// https://nodejs.org/docs/latest-v20.x/api/errors.html#nodejs-error-codes
//
// A value; any thread. What the world did to a stream has its own class: loop::fs::FsError, ZlibError.
class StreamError final : public std::exception {
public:
    enum class Code {
        WriteAfterEnd, // ERR_STREAM_WRITE_AFTER_END: write() after end()
        Destroyed, // ERR_STREAM_DESTROYED: the stream was destroyed before this could be done
        AlreadyFinished, // ERR_STREAM_ALREADY_FINISHED: end() after 'finish'
        PrematureClose, // ERR_STREAM_PREMATURE_CLOSE: 'close' without 'end' or 'finish' before it
        PushAfterEof, // ERR_STREAM_PUSH_AFTER_EOF: push() after push(nullptr)
        UnshiftAfterEnd, // ERR_STREAM_UNSHIFT_AFTER_END_EVENT: unshift() after 'end'
        MultipleCallback, // ERR_MULTIPLE_CALLBACK: an implementer called its callback twice
        MethodNotImplemented, // ERR_METHOD_NOT_IMPLEMENTED: a virtual that the class promised is missing
        Aborted, // ABORT_ERR: taken down on purpose before its end
        BufferTooLarge, // ERR_BUFFER_TOO_LARGE: more output than maxOutputLength
        OutOfRange, // ERR_OUT_OF_RANGE: an option beyond its range; thrown, never emitted
        InvalidArgument, // ERR_INVALID_ARG_VALUE: an option that means nothing; thrown, never emitted
        MissingArguments, // ERR_MISSING_ARGS: a pipeline of fewer than two streams; thrown, never emitted
    };

    // `detail` is what the code's message names: the function for Destroyed, the bytes for BufferTooLarge.
    explicit StreamError(Code code, const QByteArray &detail = {});

    [[nodiscard]] Code code() const noexcept { return m_code; }
    // "ERR_STREAM_WRITE_AFTER_END"
    [[nodiscard]] const char *name() const noexcept;
    // "write after end"
    [[nodiscard]] const QByteArray &message() const noexcept { return m_message; }
    [[nodiscard]] const char *what() const noexcept override { return m_message.constData(); }

    // The code, if that is what `error` is.
    [[nodiscard]] static std::optional<Code> codeOf(const std::exception_ptr &error);

private:
    Code m_code;
    QByteArray m_message;
};

// As an exception_ptr, which is how errors travel in this room.
[[nodiscard]] std::exception_ptr makeError(StreamError::Code code, const QByteArray &detail = {});

} // namespace loopscope::stream
