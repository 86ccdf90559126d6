// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/web/application.h"

#include <QtCore/QJsonObject>

namespace loopscope::practice {

// Endpoints to try a client on, under the names and with the JSON of httpbin (https://httpbin.org): what a client sent,
// any status, waiting, streams, redirects, caching, authentication. GET /httpbin lists them.
//
// Each is bounded by a constant below; what is out of range is 400 with one sentence, a wrong method 405.
// Deviation: httpbin clamps such values without a word. Nothing that a client sent is shown as HTML unescaped, and
// where httpbin would reflect it as HTML (/base64) it is plain text here.
//
// | path                                       | methods  | what it answers                                            |
// | /get /post /put /patch /delete             | its own  | args, headers, origin, url; the body as data, files, form, json |
// | /anything /anything/*path                  | any      | the same, and the method                                   |
// | /headers /ip /user-agent                   | GET      | that part of the request                                   |
// | /status/:codes                             | any five | that status; "200:3,503:1" picks one by weight             |
// | /delay/:seconds                            | any five | as /anything, 0 to 10 seconds later                        |
// | /drip?duration&numbytes&delay&code         | GET      | numbytes times '*', spread over the duration               |
// | /stream/:n                                 | GET      | n lines of JSON, 1 to 100                                  |
// | /bytes/:n?seed  /stream-bytes/:n?seed&chunk_size | GET | random bytes, up to 100 KiB; the second in chunks          |
// | /redirect/:n /relative-redirect/:n /absolute-redirect/:n | GET | n redirects, 1 to 100, to /get                |
// | /redirect-to?url&status_code               | any five | a redirect there: a relative URL, or one of http or https  |
// | /cache /cache/:seconds /etag/:etag         | GET      | 304 for a conditional request; Cache-Control; 304 and 412  |
// | /response-headers?name=value               | GET POST | those headers                                              |
// | /basic-auth/:user/:password /hidden-basic-auth/… /bearer | GET | 401, or 404, without the right Authorization  |
// | /uuid /base64/:value                       | GET      | a random UUID; the value decoded, as text                  |
// | /html /json /xml /robots.txt /deny /encoding/utf8 /links/:n/:offset /forms/post | GET | samples            |
//
// "any five": GET, POST, PUT, PATCH, DELETE.
//
// Added to an application before its first request; it holds nothing of it. The server's thread.
class HttpbinRoutes {
public:
    // A body that is shown, bytes; and so the files in it. httpbin: none.
    static constexpr qint64 maximumBodyBytes = 1024 * 1024;
    // /delay and each of /drip's times. httpbin: 10 s for /delay.
    static constexpr int maximumDelaySeconds = 10;
    // /drip, bytes. httpbin: 10 MiB.
    static constexpr int maximumDripBytes = 10 * 1024 * 1024;
    // /stream, lines. httpbin: 100.
    static constexpr int maximumStreamLines = 100;
    // /bytes and /stream-bytes, bytes. httpbin: 100 KiB.
    static constexpr int maximumBytes = 100 * 1024;
    // /stream-bytes?chunk_size, bytes, where none is asked for. httpbin: 10 KiB.
    static constexpr int defaultChunkBytes = 10 * 1024;
    // /redirect. httpbin: none. Browsers stop after 20, curl after 50.
    static constexpr int maximumRedirects = 100;
    // /links. httpbin: 200.
    static constexpr int maximumLinks = 200;
    // Codes of one /status, and the sum of their weights. httpbin: none.
    static constexpr int maximumStatusCodes = 50;
    static constexpr int maximumStatusWeight = 1'000'000;
    // /cache, seconds: a year, which RFC 2616 §14.21 named as the most that makes sense. httpbin: none.
    static constexpr int maximumCacheSeconds = 31'536'000;

    static void addTo(web::Application &application);

private:
    static void addRequestRoutes(web::Application &application);
    static void addStatusRoutes(web::Application &application);
    static void addStreamRoutes(web::Application &application);
    static void addRedirectRoutes(web::Application &application);
    static void addCacheRoutes(web::Application &application);
    static void addAuthRoutes(web::Application &application);
    static void addSampleRoutes(web::Application &application);
};

} // namespace loopscope::practice
