// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/staticpath.h"

#include "server/web/percent.h"

namespace loopscope::web {

namespace {

using Status = StaticPath::Status;

Status checkSegment(const QByteArray &segment, Dotfiles dotfiles)
{
    if (segment.contains('\0') || segment.contains('/') || segment.contains('\\') || !segment.isValidUtf8())
        return Status::Malformed;
    if (segment == "." || segment == "..")
        return Status::Forbidden;
    if (segment.startsWith('.') && dotfiles != Dotfiles::Allow)
        return dotfiles == Dotfiles::Deny ? Status::Forbidden : Status::Ignored;
    return Status::Good;
}

StaticPath parse(QByteArrayView path, Dotfiles dotfiles, bool encoded)
{
    StaticPath result;
    result.isFolder = !path.isEmpty() && path.back() == '/';
    while (!path.isEmpty()) {
        const qsizetype slash = path.indexOf('/');
        const QByteArrayView raw = slash < 0 ? path : path.first(slash);
        path = slash < 0 ? QByteArrayView() : path.sliced(slash + 1);
        if (raw.isEmpty())
            continue;
        const auto segment = encoded ? percentDecoded(raw) : std::optional(raw.toByteArray());
        const Status status = segment ? checkSegment(*segment, dotfiles) : Status::Malformed;
        if (status != Status::Good)
            return {status, {}, false};
        if (!result.file.isEmpty())
            result.file += '/';
        result.file += *segment;
    }
    return result;
}

} // namespace

StaticPath parseUrlPath(QByteArrayView path, Dotfiles dotfiles)
{
    return parse(path, dotfiles, true);
}

StaticPath parseFilePath(QByteArrayView path, Dotfiles dotfiles)
{
    return parse(path, dotfiles, false);
}

} // namespace loopscope::web
