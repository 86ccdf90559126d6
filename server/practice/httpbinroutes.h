// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/web/application.h"

namespace loopscope::practice {

// Endpoints to try a client on, under the names and with the JSON of httpbin (https://httpbin.org): what a client sent,
// any status, waiting, streams, redirects, caching, authentication. GET /httpbin lists them.
//
// Each is bounded by a constant, below or in HttpbinStreams; what is out of range is 400 with one sentence, a wrong method
// 405. Deviations: httpbin clamps such values without a word, and its /cache is 304 for any condition, which here must be
// met. Nothing that a client sent is shown as HTML unescaped, and where httpbin would reflect it as HTML (/base64) it is
// plain text here.
//
// | path                               | methods  | what it answers                                               |
// | /get /post /put /patch /delete     | its own  | args, headers, origin, url; of a body data, files, form, json |
// | /anything /anything/*path          | any      | the same, and the method                                      |
// | /headers /ip /user-agent           | GET      | that part of the request                                      |
// | /status/:codes                     | any five | that status; "200:3,503:1" picks one by weight                |
// | /delay/:seconds                    | any five | as /post, 0 to 10 seconds later                               |
// | /drip?duration&numbytes&delay&code | GET      | numbytes times '*', spread over the duration                  |
// | /stream/:n                         | GET      | n lines of JSON, 1 to 100                                     |
// | /bytes/:n?seed                     | GET      | n random bytes, up to 100 KiB                                 |
// | /stream-bytes/:n?seed&chunk_size   | GET      | the same, in chunks                                           |
// | /redirect/:n /relative-redirect/:n | GET      | n redirects, 1 to 100, to /get                                |
// | /absolute-redirect/:n              | GET      | the same, with absolute URLs                                  |
// | /redirect-to?url&status_code       | any five | a redirect to a relative URL, or one of http or https         |
// | /range/:n?duration&chunk_size      | GET      | n letters, 1 to 100 KiB; 206 and 416 by Range                 |
// | /sse?count&duration&delay          | GET      | server-sent events, 1 to 100 (httpbingo)                      |
// | /gzip /deflate /brotli             | GET      | headers, method, origin, in that coding                       |
// | /cookies                           | GET      | the cookies                                                   |
// | /cookies/set?name=value            | GET      | sets them; a redirect to /cookies                             |
// | /cookies/set/:name/:value          | GET      | the same for one                                              |
// | /cookies/delete?name               | GET      | deletes them; a redirect to /cookies                          |
// | /cache                             | GET      | 304 by If-None-Match and If-Modified-Since                    |
// | /cache/:seconds                    | GET      | Cache-Control: public, max-age                                |
// | /etag/:etag                        | GET      | 304 and 412 by If-None-Match and If-Match                     |
// | /response-headers?name=value       | GET POST | those headers                                                 |
// | /basic-auth/:user/:password        | GET      | 401 without these                                             |
// | /hidden-basic-auth/:user/:password | GET      | 404 without these                                             |
// | /bearer                            | GET      | 401 without a bearer token                                    |
// | /uuid                              | GET      | a random UUID                                                 |
// | /base64/*value                     | GET      | the value decoded, as text                                    |
// | /html /json /xml /robots.txt /deny | GET      | samples                                                       |
// | /encoding/utf8 /forms/post         | GET      | a page in many scripts; a form                                |
// | /links/:n /links/:n/:offset        | GET      | n links but one, 1 to 200                                     |
//
// "any five": GET, POST, PUT, PATCH, DELETE.
//
// Added to an application before its first request; it holds nothing of it. The server's thread.
class HttpbinRoutes {
public:
    // A body that is shown, bytes; and so the files in it. httpbin: none.
    static constexpr qint64 maximumBodyBytes = 1024 * 1024;
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
    static void addCodingRoutes(web::Application &application);
    static void addCookieRoutes(web::Application &application);
    static void addRedirectRoutes(web::Application &application);
    static void addCacheRoutes(web::Application &application);
    static void addAuthRoutes(web::Application &application);
    static void addSampleRoutes(web::Application &application);
};

} // namespace loopscope::practice
