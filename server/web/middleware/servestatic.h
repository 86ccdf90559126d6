// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/web/filesender.h"
#include "server/web/handler.h"

namespace loopscope::web {

struct StaticOptions : FileOptions {
    // What this folder does not have, or refuses, goes to the next handler; else it is an AppError 400, 403, 404, and 405
    // for another method than GET and HEAD. So with true, as in Express, a POST to a file that there is ends as 404 if nothing
    // after this takes it.
    bool fallthrough = true;
};

// Serves the files below `root`: express.static(). Mounted with use("/static", serveStatic(…)) it looks for what follows
// the prefix. FileSender does the work and says what it bounds.
// https://expressjs.com/en/5x/api.html#express.static
[[nodiscard]] Handler serveStatic(const QString &root, const StaticOptions &options = {});
// The same with a FileSender that somebody else has, too.
[[nodiscard]] Handler serveStatic(const FileSender &files, bool fallthrough = true);

} // namespace loopscope::web
