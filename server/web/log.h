// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/trace/tracerecord.h"

#include <QtCore/QByteArrayView>

namespace loopscope::web {

// The lab's console.log: one record of the trace, for the request that runs. Nothing is written elsewhere; who shows or
// prints records must escape the text. Does nothing without a loop or while nothing is recorded. The loop's thread.
void log(trace::LogLevel level, QByteArrayView text);

} // namespace loopscope::web
