// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QMetaType>
#include <QtCore/QtGlobal>

#include <atomic>
#include <condition_variable>
#include <list>
#include <memory>
#include <mutex>

namespace loopscope::work {

// Memory that threads share: 32-bit integers, all 0 at first. JavaScript's Int32Array on a SharedArrayBuffer.
// https://tc39.es/ecma262/#sec-sharedarraybuffer-objects
//
// A handle: copies are the same memory, which lives as long as one of them. It is given to a WorkerThread as workerData or
// in a message (QVariant::fromValue(buffer)). Its numbers are read and written by server/work/atomics.h alone. Any thread.
class SharedBuffer {
public:
    // Integers at most: 64 MiB. Node: 2^32 bytes or more.
    static constexpr qsizetype maximumLength = 16 * 1024 * 1024;

    // One of length 0, which shares nothing.
    SharedBuffer() = default;
    // Throws a RangeError beyond maximumLength.
    explicit SharedBuffer(qsizetype length);

    [[nodiscard]] qsizetype length() const noexcept { return m_memory ? m_memory->length : 0; }
    [[nodiscard]] qsizetype byteLength() const noexcept { return length() * qsizetype(sizeof(qint32)); }
    friend bool operator==(const SharedBuffer &a, const SharedBuffer &b) noexcept { return a.m_memory == b.m_memory; }

    // --- for server/work/atomics.h ---
    struct Waiter {
        qsizetype index = 0;
        bool woken = false;
    };
    struct Memory {
        explicit Memory(qsizetype count)
            : words(std::make_unique<std::atomic<qint32>[]>(std::size_t(count)))
            , length(count)
        {
        }
        const std::unique_ptr<std::atomic<qint32>[]> words;
        const qsizetype length;
        std::mutex mutex; // guards what follows: ECMAScript's critical section of a WaiterList
        std::condition_variable changed; // a waiter was woken, or a waiting thread shall end
        std::list<Waiter *> waiters; // in the order of their coming
    };
    [[nodiscard]] const std::shared_ptr<Memory> &memory() const noexcept { return m_memory; }

private:
    std::shared_ptr<Memory> m_memory;
};

} // namespace loopscope::work

Q_DECLARE_METATYPE(loopscope::work::SharedBuffer)
