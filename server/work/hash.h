// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/work/job.h"

#include <QtCore/QByteArray>

namespace loopscope::work {

// SHA-256 of so many MiB of random bytes, the same for the same seed; one MiB of them is in memory at a time. The job tells
// its progress by MiB and stops when it is cancelled.
//
// MiB at most: a few seconds of one core.
constexpr int maximumHashedMiB = 1'024;

Task<QByteArray> hashRandom(int mib, quint32 seed, Progress progress = nullptr, Site site = Site::here());
JobId hashRandom(int mib, quint32 seed, ErrorFirst<QByteArray> callback, Progress progress = nullptr,
                 Site site = Site::here());
[[nodiscard]] QByteArray hashRandomSync(int mib, quint32 seed, Site site = Site::here());

} // namespace loopscope::work
