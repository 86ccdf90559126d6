// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/openbeneath_unix.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#ifdef SYS_openat2
#include <linux/openat2.h>
#endif

namespace loopscope::web {

namespace {

// Tries when what is opened is replaced at the same time (a deployment that renames), before it counts as gone.
constexpr int maximumTries = 8;

// A descriptor, or -1 with errno.
int openByKernel(int root, const char *path, int flags) noexcept
{
#ifdef SYS_openat2
    open_how how;
    std::memset(&how, 0, sizeof how);
    how.flags = quint64(flags);
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
    for (int tries = 0;; ++tries) {
        const long number = ::syscall(SYS_openat2, root, path, &how, sizeof how);
        if (number >= 0 || (errno != EAGAIN && errno != EINTR) || tries == maximumTries) // EAGAIN: a rename raced
            return int(number);
    }
#else
    Q_UNUSED(root) Q_UNUSED(path) Q_UNUSED(flags)
    errno = ENOSYS;
    return -1;
#endif
}

int openByWalk(int root, const QByteArray &path, int flags) noexcept
{
    Descriptor folder;
    int at = root;
    qsizetype begin = 0;
    for (;;) {
        const qsizetype slash = path.indexOf('/', begin);
        const bool isLast = slash < 0;
        const QByteArray segment = path.mid(begin, isLast ? -1 : slash - begin);
        const int how = isLast ? flags : O_PATH | O_DIRECTORY | O_CLOEXEC;
        const int number = ::openat(at, segment.constData(), how | O_NOFOLLOW);
        if (number < 0 || isLast)
            return number;
        folder = Descriptor(number);
        at = number;
        begin = slash + 1;
    }
}

int resolve(int root, const QByteArray &path, int flags, PathResolver resolver) noexcept
{
    if (resolver == PathResolver::Kernel) {
        const int number = openByKernel(root, path.constData(), flags);
        // EPERM: old sandboxes say so of system calls that they do not know
        if (number >= 0 || (errno != ENOSYS && errno != EPERM))
            return number;
    }
    return openByWalk(root, path, flags);
}

OpenedFile failed(int error) noexcept
{
    using Status = OpenedFile::Status;
    OpenedFile file;
    file.error = error;
    switch (error) {
    case ENOENT:
    case ENOTDIR:
    case ENAMETOOLONG: file.status = Status::NotFound; break;
    case ELOOP:
    case EXDEV: // RESOLVE_BENEATH: the way leads out
    case ENXIO: file.status = Status::Refused; break;
    case EACCES:
    case EPERM: file.status = Status::Denied; break;
    case EMFILE:
    case ENFILE: file.status = Status::TooMany; break;
    default: file.status = Status::Failed;
    }
    return file;
}

OpenedFile::Status kindOf(const struct stat &about) noexcept
{
    if (S_ISREG(about.st_mode))
        return OpenedFile::Status::Open;
    return S_ISDIR(about.st_mode) ? OpenedFile::Status::Directory : OpenedFile::Status::Refused;
}

// One try. `replaced`: another file had taken the name between the look and the opening.
OpenedFile tryOpen(int root, const QByteArray &path, PathResolver resolver, bool &replaced) noexcept
{
    // Looked at without being opened (O_PATH): a FIFO or a device could act on being opened.
    const Descriptor looked(resolve(root, path, O_PATH | O_CLOEXEC, resolver));
    struct stat before;
    if (!looked.isOpen() || ::fstat(looked.number(), &before) != 0)
        return failed(errno);
    OpenedFile file;
    file.status = kindOf(before);
    if (file.status != OpenedFile::Status::Open)
        return file;
    file.descriptor = Descriptor(resolve(root, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, resolver));
    struct stat about;
    if (!file.descriptor.isOpen() || ::fstat(file.descriptor.number(), &about) != 0)
        return failed(errno);
    replaced = about.st_dev != before.st_dev || about.st_ino != before.st_ino;
    file.size = about.st_size;
    file.modified = decltype(file.modified)(std::chrono::seconds(about.st_mtim.tv_sec)
                                            + std::chrono::nanoseconds(about.st_mtim.tv_nsec));
    return file;
}

} // namespace

void Descriptor::close() noexcept
{
    if (m_number >= 0)
        ::close(std::exchange(m_number, -1));
}

qint64 Descriptor::readAt(qint64 offset, char *to, qint64 bytes) const noexcept
{
    qint64 done = 0;
    while (done < bytes) {
        const ssize_t got = ::pread(m_number, to + done, size_t(bytes - done), off_t(offset + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -errno;
        if (got == 0)
            break;
        done += got;
    }
    return done;
}

qint64 Descriptor::readCachedAt(qint64 offset, char *to, qint64 bytes) const noexcept
{
    qint64 done = 0;
#ifdef RWF_NOWAIT
    while (done < bytes) {
        const iovec rest = {to + done, size_t(bytes - done)};
        const ssize_t got = ::preadv2(m_number, &rest, 1, off_t(offset + done), RWF_NOWAIT);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) // whatever it is, readAt() will find out
            break;
        done += got;
    }
#endif
    return done;
}

OpenedFile openBeneath(const QByteArray &root, const QByteArray &path, PathResolver resolver) noexcept
{
    const Descriptor folder(::open(root.constData(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!folder.isOpen())
        return failed(errno);
    if (path.isEmpty()) {
        OpenedFile file;
        file.status = OpenedFile::Status::Directory;
        return file;
    }
    for (int tries = 0; tries < maximumTries; ++tries) {
        bool replaced = false;
        OpenedFile file = tryOpen(folder.number(), path, resolver, replaced);
        if (!replaced)
            return file;
    }
    return failed(ENOENT);
}

} // namespace loopscope::web
