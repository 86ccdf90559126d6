// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QJsonObject>
#include <QtCore/QString>

#include <vector>

namespace loopscope::practice {

// A line of the list on GET /httpbin.
struct HttpbinEndpoint {
    QString methods; // "GET", "any"
    QString path; // "/status/:codes"
    QString example; // a path that shows it by GET; empty if there is none
    QString what;
};
[[nodiscard]] const std::vector<HttpbinEndpoint> &httpbinEndpoints();

// The pages and samples of HttpbinRoutes; they run no script.
[[nodiscard]] QString httpbinPage();
// `count` links but the one that is `offset`.
[[nodiscard]] QString linksPage(int count, int offset);
[[nodiscard]] QString samplePage();
[[nodiscard]] QString utf8Page();
[[nodiscard]] QString formPage();
[[nodiscard]] QJsonObject sampleJson();
[[nodiscard]] QByteArray sampleXml();
[[nodiscard]] QByteArray teapot();

} // namespace loopscope::practice
