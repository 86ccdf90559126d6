// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/staticpath.h"
#include "tests/support/testcase.h"

using namespace loopscope::web;
using Status = StaticPath::Status;

class tst_StaticPath : public loopscope::test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void parses_data();
    void parses();
    void dotfiles();
    void aFilePathIsNotDecoded();
};

Q_DECLARE_METATYPE(loopscope::web::StaticPath::Status)

void tst_StaticPath::parses_data()
{
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<Status>("status");
    QTest::addColumn<QByteArray>("file");
    QTest::addColumn<bool>("isFolder");
    const auto good = [](const char *name, const char *path, const char *file, bool isFolder = false) {
        QTest::newRow(name) << QByteArray(path) << Status::Good << QByteArray(file) << isFolder;
    };
    const auto bad = [](const char *name, const QByteArray &path, Status status) {
        QTest::newRow(name) << path << status << QByteArray() << false;
    };
    good("a file", "/a.txt", "a.txt");
    good("deeper", "/a/b/c.txt", "a/b/c.txt");
    good("the root", "/", "", true);
    good("nothing: the root without its slash", "", "");
    good("a folder", "/a/", "a", true);
    good("slashes too many", "//a///b.txt", "a/b.txt");
    good("encoded", "/a%20b/%C5%82.txt", "a b/\xc5\x82.txt");
    good("decoded once", "/%252e%252e/a", "%2e%2e/a");
    good("encoded twice, a slash", "/a..%252fb", "a..%2fb");
    bad("encoded twice, a slash behind dots", "/..%252fa", Status::Ignored);
    good("dots that lead nowhere", "/a..b/c...txt", "a..b/c...txt");
    good("a colon", "/c:/a", "c:/a");
    bad("up", "/../a", Status::Forbidden);
    bad("up inside", "/a/../../b", Status::Forbidden);
    bad("up at the end", "/a/..", Status::Forbidden);
    bad("up in percent", "/%2e%2e/a", Status::Forbidden);
    bad("up, half in percent", "/.%2E/a", Status::Forbidden);
    bad("here", "/./a", Status::Forbidden);
    bad("an encoded slash", "/..%2fa", Status::Malformed);
    bad("an encoded slash that leads down", "/a%2Fb", Status::Malformed);
    bad("an encoded backslash", "/..%5ca", Status::Malformed);
    bad("a backslash", "/..\\a", Status::Malformed);
    bad("NUL", "/a.txt%00.jpg", Status::Malformed);
    bad("overlong dots", "/%c0%ae%c0%ae/a", Status::Malformed);
    bad("an overlong slash", "/..%c0%afa", Status::Malformed);
    bad("a longer overlong slash", "/..%e0%80%afa", Status::Malformed);
    bad("a surrogate", "/%ed%a0%80", Status::Malformed);
    bad("no UTF-8", "/%ff", Status::Malformed);
    bad("a percent sign alone", "/a%", Status::Malformed);
    bad("half of a byte", "/a%2", Status::Malformed);
    bad("no hex digits", "/a%zz", Status::Malformed);
    bad("%u", "/%u002e%u002e/a", Status::Malformed);
    bad("a dotfile", "/.git/config", Status::Ignored);
    bad("a dotfile in percent", "/%2egit/config", Status::Ignored);
    bad("three dots", "/.../a", Status::Ignored);
}

void tst_StaticPath::parses()
{
    QFETCH(QByteArray, path);
    QFETCH(Status, status);
    QFETCH(QByteArray, file);
    QFETCH(bool, isFolder);
    const StaticPath parsed = parseUrlPath(path, Dotfiles::Ignore);
    QCOMPARE(parsed.status, status);
    QCOMPARE(parsed.file, file);
    QCOMPARE(parsed.isFolder, isFolder);
}

void tst_StaticPath::dotfiles()
{
    QCOMPARE(parseUrlPath("/a/.env", Dotfiles::Ignore).status, Status::Ignored);
    QCOMPARE(parseUrlPath("/a/.env", Dotfiles::Deny).status, Status::Forbidden);
    QCOMPARE(parseUrlPath("/a/.env", Dotfiles::Allow).file, QByteArray("a/.env"));
    QCOMPARE(parseUrlPath("/..", Dotfiles::Allow).status, Status::Forbidden);
    QCOMPARE(parseUrlPath("/%2e", Dotfiles::Allow).status, Status::Forbidden);
}

void tst_StaticPath::aFilePathIsNotDecoded()
{
    QCOMPARE(parseFilePath("a/%2e%2e", Dotfiles::Ignore).file, QByteArray("a/%2e%2e"));
    QCOMPARE(parseFilePath("../a", Dotfiles::Ignore).status, Status::Forbidden);
    QCOMPARE(parseFilePath(QByteArrayView("a\0b", 3), Dotfiles::Ignore).status, Status::Malformed);
}

QTEST_GUILESS_MAIN(tst_StaticPath)
#include "tst_staticpath.moc"
