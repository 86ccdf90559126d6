// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QString>

#include <memory>

namespace loopscope::practice {

// How much of one kind may be under way together, in number, and in bytes of memory or disk. The server's thread.
class Gate {
public:
    struct Options {
        int maximumPasses;
        // Of all passes together; one alone always fits.
        qint64 maximumBytes;
        // What is told beyond it, with 503: a sentence, and AppError::code().
        QString refusal;
        QByteArray code;
    };

private:
    struct State {
        const Options options;
        int passes = 0;
        qint64 bytes = 0;
        void requireRoom(bool isAlone, qint64 more) const;
    };

public:
    // A place within, until it is destroyed; it may outlive the gate, as the work of a request outlives its server.
    class Pass {
    public:
        Pass(Pass &&other) noexcept = default;
        Pass &operator=(Pass &&) = delete;
        ~Pass();
        // So many bytes more. Throws AppError 503, and has as many as before then.
        void grow(qint64 bytes);

    private:
        friend class Gate;
        Pass(std::shared_ptr<State> under, qint64 bytes);
        std::shared_ptr<State> m_under; // null: moved from
        qint64 m_bytes;
    };

    explicit Gate(const Options &options);
    // Throws AppError 503.
    [[nodiscard]] Pass enter(qint64 bytes = 0);
    // Of all passes together.
    [[nodiscard]] qint64 bytes() const noexcept { return m_under->bytes; }

private:
    const std::shared_ptr<State> m_under;
};

} // namespace loopscope::practice
