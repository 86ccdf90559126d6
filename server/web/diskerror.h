// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/loop/fserror.h"
#include "server/web/apperror.h"

namespace loopscope::web {

// What a client is told if the server could not use its files for "the `what`" ("upload"). Where they lie is for the log, and
// for clients in development.
//
// | 503, Retry-After | EMFILE, ENFILE, ENOMEM, ENOBUFS, EAGAIN: others give back soon what has run out       |
// | 507              | ENOSPC, EDQUOT, EFBIG: the disk has no room (RFC 4918 §11.5), or the process may use no more |
// | 500              | all others                                                                            |
[[nodiscard]] AppError diskError(const loop::fs::FsError &error, const QString &what);
// The same of libuv's code alone.
[[nodiscard]] AppError diskError(int code, const QString &what);

} // namespace loopscope::web
