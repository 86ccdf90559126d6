// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/pathpattern.h"
#include "tests/support/testcase.h"

#include <stdexcept>

using namespace loopscope::web;

class tst_PathPattern : public loopscope::test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void matches_data();
    void matches();
    void prefixes_data();
    void prefixes();
    void refusesWhatCannotMatch();
};

static QByteArray written(const PathPattern::Params &params)
{
    QByteArray text;
    for (const auto &[name, value] : params)
        text += name.toByteArray() + '=' + value.toByteArray() + ';';
    return text;
}

void tst_PathPattern::matches_data()
{
    QTest::addColumn<QByteArray>("pattern");
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<QByteArray>("params"); // "no": no match
    const auto row = [](const char *sentence, const char *pattern, const char *path, const char *params) {
        QTest::newRow(sentence) << QByteArray(pattern) << QByteArray(path) << QByteArray(params);
    };
    row("the root", "/", "/", "");
    row("the root matches nothing below it", "/", "/users", "no");
    row("static segments", "/users/all", "/users/all", "");
    row("case does not matter", "/Users", "/uSERS", "");
    row("a slash at the end does not matter", "/users", "/users/", "");
    row("nor in the pattern", "/users/", "/users", "");
    row("two slashes do", "/users", "/users//", "no");
    row("a shorter path", "/users/all", "/users", "no");
    row("a longer path", "/users", "/users/all", "no");
    row("part of a segment", "/users", "/usersall", "no");
    row("a parameter", "/users/:id", "/users/7%20a", "id=7%20a;");
    row("two parameters", "/:a/x/:b", "/1/x/2", "a=1;b=2;");
    row("an empty parameter", "/users/:id", "/users/", "no");
    row("the rest", "/files/*path", "/files/a/b/", "path=a/b/;");
    row("an empty rest", "/files/*path", "/files/", "no");
}

void tst_PathPattern::matches()
{
    QFETCH(QByteArray, pattern);
    QFETCH(QByteArray, path);
    QFETCH(QByteArray, params);
    PathPattern::Params found;
    const PathPattern compiled(pattern);
    const qsizetype bytes = compiled.match(path, found);
    QCOMPARE(bytes < 0 ? QByteArray("no") : written(found), params);
    QVERIFY(bytes < 0 ? found.empty() : bytes == path.size());
}

void tst_PathPattern::prefixes_data()
{
    QTest::addColumn<QByteArray>("pattern");
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<int>("bytes");
    QTest::newRow("the root is a prefix of all") << QByteArray("/") << QByteArray("/users") << 0;
    QTest::newRow("a whole path") << QByteArray("/api") << QByteArray("/api") << 4;
    QTest::newRow("a segment") << QByteArray("/api") << QByteArray("/api/users") << 4;
    QTest::newRow("not within a segment") << QByteArray("/api") << QByteArray("/apis") << -1;
    QTest::newRow("with a parameter") << QByteArray("/:v") << QByteArray("/v1/users") << 3;
}

void tst_PathPattern::prefixes()
{
    QFETCH(QByteArray, pattern);
    QFETCH(QByteArray, path);
    QFETCH(int, bytes);
    PathPattern::Params params;
    QCOMPARE(PathPattern(pattern).matchPrefix(path, params), qsizetype(bytes));
}

void tst_PathPattern::refusesWhatCannotMatch()
{
    for (const char *pattern : {"", "users", "/:", "/:a/:a", "/*a/b"})
        QVERIFY_THROWS_EXCEPTION(std::invalid_argument, PathPattern{QByteArray(pattern)});
}

QTEST_GUILESS_MAIN(tst_PathPattern)
#include "tst_pathpattern.moc"
