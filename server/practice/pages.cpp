// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/practice/pages.h"

namespace loopscope::practice {

using namespace Qt::StringLiterals;

QString page(const QString &title, const QString &body)
{
    return u"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
           "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>"_s
        + title.toHtmlEscaped()
        + u"</title>\n<style>\n"
          ":root { color-scheme: light dark; }\n"
          "body { font: 1rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 2rem auto; padding: 0 1rem; }\n"
          "input, textarea, button { font: inherit; padding: .4rem .6rem; }\n"
          "textarea { width: 100%; box-sizing: border-box; }\n"
          "nav a { margin-right: 1rem; }\n"
          "td, th { text-align: left; vertical-align: top; padding: .1rem .8rem .1rem 0; overflow-wrap: anywhere; }\n"
          "</style>\n</head>\n<body>\n"_s
        + body
        + u"\n<nav><a href=\"/\">Home</a> <a href=\"/users\">Users</a> <a href=\"/message\">Message</a> "
          "<a href=\"/upload\">Upload</a> <a href=\"/download?mb=10\">Download 10 MB</a> <a href=\"/httpbin\">Endpoints</a> "
          "<a href=\"/healthz\">Health</a></nav>\n</body>\n</html>\n"_s;
}

QString homePage()
{
    return page(u"Loopscope practice site"_s,
                u"<h1>Hello from the event loop</h1>\n"
                "<p>This page was made by one thread that serves everybody. Add a user and watch the request: the body "
                "arrives in chunks, a 302 sends you on, and the list is a request of its own.</p>\n"
                "<form action=\"/create-user\" method=\"post\">\n"
                "<label for=\"username\">User name</label>\n"
                "<input id=\"username\" name=\"username\" required maxlength=\"100\" autofocus>\n"
                "<button type=\"submit\">Add user</button>\n</form>\n"_s);
}

QString usersPage(const QStringList &names)
{
    QString list = u"<h1>Users</h1>\n"_s;
    if (names.isEmpty()) {
        list += u"<p>Nobody yet. Add the first one on the <a href=\"/\">home page</a>.</p>\n"_s;
    } else {
        list += u"<ul>\n"_s;
        for (const QString &name : names)
            list += u"<li>"_s + name.toHtmlEscaped() + u"</li>\n"_s;
        list += u"</ul>\n"_s;
    }
    return page(u"Users"_s, list);
}

QString messagePage()
{
    return page(u"Message"_s,
                u"<h1>Leave a message</h1>\n"
                "<p>The message is written to a file, by the worker pool or, with the second button, on the loop itself: "
                "then everybody else waits.</p>\n"
                "<form action=\"/message\" method=\"post\">\n"
                "<label for=\"message\">Message</label>\n"
                "<textarea id=\"message\" name=\"message\" rows=\"4\" required></textarea>\n"
                "<p><button type=\"submit\">Send</button>\n"
                "<button type=\"submit\" formaction=\"/message?mode=sync\">Send, blocking the loop</button></p>\n"
                "</form>\n"_s);
}

QString uploadPage(const std::vector<web::UploadedFile> &received, std::size_t kept)
{
    QString list;
    if (!received.empty()) {
        list = u"<table>\n<thead><tr><th>File</th><th>Bytes</th><th>SHA-256</th></tr></thead>\n<tbody>\n"_s;
        for (const web::UploadedFile &file : received)
            list += u"<tr><td>"_s + file.originalname.toHtmlEscaped() + u"</td><td>"_s + QString::number(file.size)
                + u"</td><td><code>"_s + QString::fromLatin1(file.sha256.toHex()) + u"</code></td></tr>\n"_s;
        list += u"</tbody>\n</table>\n"_s;
    }
    return page(u"Upload"_s,
                u"<h1>Upload files</h1>\n<p>Each file is written while it arrives, by the worker pool; if the disk is slow, "
                "the client has to wait. Nothing is kept in memory. The site keeps %1 files at the moment.</p>\n"_s.arg(kept)
                    + list
                    + u"<form action=\"/upload\" method=\"post\" enctype=\"multipart/form-data\">\n"
                      "<p><label for=\"files\">Files</label> <input id=\"files\" type=\"file\" name=\"files\" multiple required></p>\n"
                      "<p><label for=\"note\">Note</label> <input id=\"note\" name=\"note\"></p>\n"
                      "<button type=\"submit\">Upload</button>\n</form>\n"_s);
}

} // namespace loopscope::practice
