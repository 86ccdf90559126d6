// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QtGlobal>

#include <chrono>
#include <utility>

namespace loopscope::web {

// An open file descriptor of the system, closed with it. Belongs to one thread at a time.
class Descriptor {
public:
    Descriptor() noexcept = default;
    explicit Descriptor(int number) noexcept
        : m_number(number)
    {
    }
    Descriptor(Descriptor &&other) noexcept
        : m_number(std::exchange(other.m_number, -1))
    {
    }
    Descriptor &operator=(Descriptor &&other) noexcept
    {
        std::swap(m_number, other.m_number);
        return *this;
    }
    ~Descriptor() { close(); }

    [[nodiscard]] bool isOpen() const noexcept { return m_number >= 0; }
    [[nodiscard]] int number() const noexcept { return m_number; }
    void close() noexcept;
    // Reads up to `bytes` from `offset` on, until they are there or the file ends. Bytes read, or a negated errno.
    [[nodiscard]] qint64 readAt(qint64 offset, char *to, qint64 bytes) const noexcept;
    // The same without ever waiting for a disk (RWF_NOWAIT): it ends, too, where the system's cache has no more. Nothing is
    // read where a file system cannot tell what is cached, as tmpfs.
    [[nodiscard]] qint64 readCachedAt(qint64 offset, char *to, qint64 bytes) const noexcept;

private:
    int m_number = -1;
};

// What came of opening a file below a folder.
struct OpenedFile {
    enum class Status : quint8 {
        Open,
        NotFound, // also: a name that is too long, or a file where a folder should be
        Directory,
        Refused, // a link that leads out of the root, a FIFO, a socket or a device
        Denied, // the system does not allow it (EACCES)
        TooMany, // the process, or the system, has no descriptor left
        Failed, // `error` says why
    };
    Status status = Status::NotFound;
    int error = 0; // errno
    Descriptor descriptor;
    qint64 size = 0; // bytes
    std::chrono::sys_time<std::chrono::nanoseconds> modified;
};

// How a path is followed.
enum class PathResolver : quint8 {
    Kernel, // openat2(RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS): relative links that stay below the root are followed
    Walk, // folder by folder with O_NOFOLLOW, where the kernel has no openat2 (before Linux 5.6): no link is followed
};

// Opens a regular file for reading that lies below `root`, whatever is renamed or linked meanwhile: the kernel resolves
// each part against a descriptor of the root and fails when the way leads out, and what was opened is looked at, not its
// name. `path` is relative, without ".." and empty segments; "" is the root itself. The root may be a link; it is the
// operator's. Nothing but a regular file is ever opened for reading, so no FIFO waits and no device acts.
// Waits for the disk: for a worker. Throws nothing. Kernel falls back to Walk by itself.
[[nodiscard]] OpenedFile openBeneath(const QByteArray &root, const QByteArray &path,
                                     PathResolver resolver = PathResolver::Kernel) noexcept;

} // namespace loopscope::web
