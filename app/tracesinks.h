// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/recordsink.h"

#include <memory>

namespace loopscope::app {

// The files of "serve --trace" and "serve --har". The file is opened (and emptied) here; whether that went well is
// the sink's error(). Both are written as records come and are valid files once finish() was called.
[[nodiscard]] std::unique_ptr<RecordSink> makeChromeTraceSink(const QString &fileName, const trace::Trace &trace);
[[nodiscard]] std::unique_ptr<RecordSink> makeHarSink(const QString &fileName, const trace::Trace &trace);

} // namespace loopscope::app
