// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/practice/httpbinpages.h"

#include "server/practice/pages.h"

#include <QtCore/QJsonArray>

namespace loopscope::practice {

using namespace Qt::StringLiterals;

const std::vector<HttpbinEndpoint> &httpbinEndpoints()
{
    static const std::vector<HttpbinEndpoint> endpoints{
        {u"GET"_s, u"/get"_s, u"/get?a=1"_s, u"what you sent: args, headers, origin, url"_s},
        {u"POST"_s, u"/post"_s, {}, u"the same, and the body: data, files, form, json"_s},
        {u"PUT"_s, u"/put"_s, {}, u"the same"_s},
        {u"PATCH"_s, u"/patch"_s, {}, u"the same"_s},
        {u"DELETE"_s, u"/delete"_s, {}, u"the same"_s},
        {u"any"_s, u"/anything, /anything/*path"_s, u"/anything/you/like"_s, u"the same, and the method"_s},
        {u"GET"_s, u"/headers"_s, u"/headers"_s, u"your headers"_s},
        {u"GET"_s, u"/ip"_s, u"/ip"_s, u"your address"_s},
        {u"GET"_s, u"/user-agent"_s, u"/user-agent"_s, u"your User-Agent"_s},
        {u"any five"_s, u"/status/:codes"_s, u"/status/418"_s,
         u"that status, 200 to 599; of several one by its weight: 200:3,503:1"_s},
        {u"any five"_s, u"/delay/:seconds"_s, u"/delay/1"_s, u"what you sent, 0 to 10 seconds later"_s},
        {u"GET"_s, u"/drip?duration&numbytes&delay&code"_s, u"/drip?duration=1&numbytes=5"_s,
         u"bytes spread over the duration, up to 10 s and 10 MiB"_s},
        {u"GET"_s, u"/stream/:n"_s, u"/stream/3"_s, u"n lines of JSON, 1 to 100"_s},
        {u"GET"_s, u"/bytes/:n?seed"_s, u"/bytes/16?seed=1"_s, u"n random bytes, up to 102,400"_s},
        {u"GET"_s, u"/stream-bytes/:n?seed&chunk_size"_s, u"/stream-bytes/64?chunk_size=16"_s,
         u"the same, in chunks"_s},
        {u"GET"_s, u"/redirect/:n"_s, u"/redirect/2"_s, u"n redirects, 1 to 100; ?absolute=true for absolute ones"_s},
        {u"GET"_s, u"/relative-redirect/:n"_s, u"/relative-redirect/2"_s, u"n redirects to relative URLs"_s},
        {u"GET"_s, u"/absolute-redirect/:n"_s, u"/absolute-redirect/2"_s, u"n redirects to absolute URLs"_s},
        {u"any five"_s, u"/redirect-to?url&status_code"_s, u"/redirect-to?url=/get"_s,
         u"a redirect to a relative URL, or one of http or https"_s},
        {u"GET"_s, u"/range/:n?duration&chunk_size"_s, u"/range/26"_s,
         u"n letters, 1 to 102,400; 206 and 416 by Range"_s},
        {u"GET"_s, u"/sse?count&duration&delay"_s, u"/sse?count=3&duration=0.1"_s,
         u"server-sent events, 1 to 100, spread over up to 10 s"_s},
        {u"GET"_s, u"/gzip"_s, u"/gzip"_s, u"your headers, compressed by gzip"_s},
        {u"GET"_s, u"/deflate"_s, u"/deflate"_s, u"the same by zlib"_s},
        {u"GET"_s, u"/brotli"_s, u"/brotli"_s, u"the same by brotli"_s},
        {u"GET"_s, u"/cookies"_s, u"/cookies"_s, u"your cookies"_s},
        {u"GET"_s, u"/cookies/set?name=value"_s, u"/cookies/set?flavour=plain"_s,
         u"sets these cookies, and a redirect to /cookies"_s},
        {u"GET"_s, u"/cookies/set/:name/:value"_s, u"/cookies/set/flavour/sweet"_s, u"the same for one"_s},
        {u"GET"_s, u"/cookies/delete?name"_s, u"/cookies/delete?flavour"_s, u"deletes these cookies"_s},
        {u"GET"_s, u"/cache"_s, u"/cache"_s, u"304 if you ask with If-None-Match or If-Modified-Since"_s},
        {u"GET"_s, u"/cache/:seconds"_s, u"/cache/60"_s, u"an answer that may be kept so long"_s},
        {u"GET"_s, u"/etag/:etag"_s, u"/etag/a"_s, u"304 and 412 by If-None-Match and If-Match"_s},
        {u"GET, POST"_s, u"/response-headers"_s, u"/response-headers?X-Hello=1"_s,
         u"the headers that the query names"_s},
        {u"GET"_s, u"/basic-auth/:user/:password"_s, u"/basic-auth/ada/secret"_s, u"401 without these"_s},
        {u"GET"_s, u"/hidden-basic-auth/:user/:password"_s, {}, u"404 without these"_s},
        {u"GET"_s, u"/bearer"_s, {}, u"401 without a bearer token"_s},
        {u"GET"_s, u"/uuid"_s, u"/uuid"_s, u"a random UUID"_s},
        {u"GET"_s, u"/base64/:value"_s, u"/base64/TG9vcHNjb3Bl"_s, u"the value, decoded"_s},
        {u"GET"_s, u"/html"_s, u"/html"_s, u"a page"_s},
        {u"GET"_s, u"/json"_s, u"/json"_s, u"JSON"_s},
        {u"GET"_s, u"/xml"_s, u"/xml"_s, u"XML"_s},
        {u"GET"_s, u"/robots.txt"_s, u"/robots.txt"_s, u"what robots may not read"_s},
        {u"GET"_s, u"/deny"_s, u"/deny"_s, u"that"_s},
        {u"GET"_s, u"/encoding/utf8"_s, u"/encoding/utf8"_s, u"a page in many scripts"_s},
        {u"GET"_s, u"/links/:n/:offset"_s, u"/links/5/0"_s, u"n links, 1 to 200"_s},
        {u"GET"_s, u"/forms/post"_s, u"/forms/post"_s, u"a form that posts to /post"_s},
    };
    return endpoints;
}

QString httpbinPage()
{
    QString rows;
    for (const HttpbinEndpoint &endpoint : httpbinEndpoints()) {
        const QString path = endpoint.path.toHtmlEscaped();
        rows += u"<tr><td>"_s + endpoint.methods.toHtmlEscaped() + u"</td><td>"_s
            + (endpoint.example.isEmpty()
                   ? path
                   : QString(u"<a href=\""_s + endpoint.example.toHtmlEscaped() + u"\">"_s + path + u"</a>"_s))
            + u"</td><td>"_s + endpoint.what.toHtmlEscaped() + u"</td></tr>\n"_s;
    }
    return page(
        u"Endpoints to try a client on"_s,
        u"<h1>Endpoints to try a client on</h1>\n<p>Names and JSON are those of httpbin. What is out of range is "
        "400. “Any five” is GET, POST, PUT, PATCH and DELETE.</p>\n<table>\n<thead><tr><th>Method</th>"
        "<th>Path</th><th>Answer</th></tr></thead>\n<tbody>\n"_s
            + rows + u"</tbody>\n</table>\n"_s);
}

QString linksPage(int count, int offset)
{
    QString links;
    for (int i = 0; i < count; ++i) {
        links += i == offset ? u"%1 "_s.arg(i) : u"<a href=\"/links/%1/%2\">%2</a> "_s.arg(count).arg(i);
    }
    return page(u"Links"_s, u"<h1>Links</h1>\n<p>"_s + links + u"</p>\n"_s);
}

QString samplePage()
{
    return page(
        u"A page"_s,
        u"<h1>The clerk of the only window</h1>\n"
        "<p>There was one window in the post office, and one clerk. He never waited for anybody: who had to fill in "
        "a form stepped aside, and was called again when it was filled in. People who had seen other post offices, "
        "with a window for each of them, said that it could not work. It did, as long as nobody asked the clerk to "
        "count all the stamps himself.</p>\n"_s);
}

QString utf8Page()
{
    return page(u"UTF-8"_s,
                u"<h1>UTF-8</h1>\n<p>Latin: Zażółć gęślą jaźń. Größe, œuvre, İstanbul, þorn.</p>\n"
                "<p>Greek: Ξεσκεπάζω την ψυχοφθόρα βδελυγμία.</p>\n<p>Cyrillic: Съешь ещё этих мягких французских "
                "булок.</p>\n<p>Hebrew, from right to left: שלום עולם.</p>\n<p>Japanese: 色は匂へど散りぬるを。</p>\n"
                "<p>Mathematics: ∮ E·da = Q, n → ∞, ∀x∈ℝ: ⌈x⌉ = −⌊−x⌋.</p>\n<p>Beyond the basic plane: 𝔘𝔫𝔦𝔠𝔬𝔡𝔢, "
                "🐘, and a combined á.</p>\n"_s);
}

QString formPage()
{
    return page(
        u"A form"_s,
        u"<h1>Order a pizza</h1>\n<form action=\"/post\" method=\"post\">\n"
        "<p><label>Name <input name=\"custname\" autocomplete=\"name\"></label></p>\n"
        "<p><label>Telephone <input type=\"tel\" name=\"custtel\" autocomplete=\"tel\"></label></p>\n"
        "<p><label>E-mail <input type=\"email\" name=\"custemail\" autocomplete=\"email\"></label></p>\n"
        "<fieldset><legend>Size</legend>\n<label><input type=\"radio\" name=\"size\" value=\"small\"> Small</label>\n"
        "<label><input type=\"radio\" name=\"size\" value=\"medium\"> Medium</label>\n"
        "<label><input type=\"radio\" name=\"size\" value=\"large\"> Large</label></fieldset>\n"
        "<fieldset><legend>Toppings</legend>\n"
        "<label><input type=\"checkbox\" name=\"topping\" value=\"cheese\"> Cheese</label>\n"
        "<label><input type=\"checkbox\" name=\"topping\" value=\"onion\"> Onion</label>\n"
        "<label><input type=\"checkbox\" name=\"topping\" value=\"mushroom\"> Mushroom</label></fieldset>\n"
        "<p><label>When <input type=\"time\" name=\"delivery\"></label></p>\n"
        "<p><label>Comments <textarea name=\"comments\"></textarea></label></p>\n"
        "<button type=\"submit\">Order</button>\n</form>\n"_s);
}

QJsonObject sampleJson()
{
    const QJsonObject first{{u"title"_s, u"Wake up to WonderWidgets!"_s}, {u"type"_s, u"all"_s}};
    const QJsonObject second{
        {u"title"_s, u"Overview"_s},
        {u"type"_s, u"all"_s},
        {u"items"_s, QJsonArray{u"Why <em>WonderWidgets</em> are great"_s, u"Who <em>buys</em> WonderWidgets"_s}}};
    return {{u"slideshow"_s,
             QJsonObject{{u"author"_s, u"Yours Truly"_s},
                         {u"date"_s, u"date of publication"_s},
                         {u"slides"_s, QJsonArray{first, second}},
                         {u"title"_s, u"Sample Slide Show"_s}}}};
}

QByteArray sampleXml()
{
    return "<?xml version='1.0' encoding='us-ascii'?>\n<!-- A SAMPLE set of slides -->\n"
           "<slideshow title=\"Sample Slide Show\" date=\"Date of publication\" author=\"Yours Truly\">\n"
           "  <slide type=\"all\">\n    <title>Wake up to WonderWidgets!</title>\n  </slide>\n"
           "  <slide type=\"all\">\n    <title>Overview</title>\n    <item>Why <em>WonderWidgets</em> are "
           "great</item>\n"
           "    <item/>\n    <item>Who <em>buys</em> WonderWidgets</item>\n  </slide>\n</slideshow>\n";
}

QByteArray teapot()
{
    return "\n    -=[ teapot ]=-\n\n       _...._\n     .'  _ _ `.\n    | .\"` ^ `\". _,\n    \\_;`\"---\"`|//\n"
           "      |       ;/\n      \\_     _/\n        `\"\"\"`\n";
}

} // namespace loopscope::practice
