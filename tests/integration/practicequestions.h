// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QList>

#include <optional>

namespace loopscope::web {
class Router;
}

namespace loopscope::test {

// One thing to ask the practice site for.
struct Question {
    QByteArray route; // as the router's layer is called, "GET /users"; empty: none answers
    QByteArray method;
    QByteArray target;
    QByteArray fields = {}; // further lines of the head
    std::optional<QByteArray> body = std::nullopt;
    bool malformed = false; // `target` is the whole request
};

// Every route of the practice site, with every variant of the experiments, and what it answers without a route.
[[nodiscard]] QList<Question> practiceQuestions();
// The files for the static folder; false: they could not be made.
[[nodiscard]] bool makeStaticFiles(const QString &folder);

// The routes of a router, and of those mounted on it.
[[nodiscard]] QList<QByteArray> routesOf(const web::Router &router);

} // namespace loopscope::test
