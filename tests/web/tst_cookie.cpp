// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/cookie.h"
#include "tests/support/testcase.h"

#include <stdexcept>

using namespace loopscope::web;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

class tst_Cookie : public loopscope::test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void parses_data();
    void parses();
    void numberAndSizeAreBounded();
    void serializes_data();
    void serializes();
    void refuses_data();
    void refuses();
    void whatIsSerializedIsParsed();
};

Q_DECLARE_METATYPE(loopscope::web::CookieOptions)

void tst_Cookie::parses_data()
{
    QTest::addColumn<QByteArray>("header");
    QTest::addColumn<QString>("cookies"); // "name=value|"
    const auto row = [](const char *name, const char *header, const QString &cookies) {
        QTest::newRow(name) << QByteArray(header) << cookies;
    };
    row("none", "", u""_s);
    row("one", "a=1", u"a=1|"_s);
    row("two", "a=1; b=2", u"a=1|b=2|"_s);
    row("without a space, with more of it", "a=1;b=2 ;\t c = 3 ", u"a=1|b=2|c=3|"_s);
    row("the first wins", "a=1; a=2; b=3", u"a=1|b=3|"_s);
    row("names are told apart by case", "a=1; A=2", u"a=1|A=2|"_s);
    row("quotes are taken off", "a=\"x y\"", u"a=x y|"_s);
    row("one quote stays", "a=\"", u"a=\"|"_s);
    row("an equals sign in the value", "a=b=c", u"a=b=c|"_s);
    row("an empty value", "a=", u"a=|"_s);
    row("a name like one of an object's own", "__proto__=1; constructor=2", u"__proto__=1|constructor=2|"_s);
    row("percent-encoded", "a=%C5%82%20%3B", u"a=ł ;|"_s);
    row("malformed percent-encoding stays", "a=%zz%C5", u"a=%zz%C5|"_s);
    row("an overlong form stays", "a=%C0%AF", u"a=%C0%AF|"_s);
    row("no equals sign", "a; b=2; c", u"b=2|"_s);
    row("no name", "=1; b=2", u"b=2|"_s);
    row("a name that is no token", "a b=1; c(=2; d=3", u"d=3|"_s);
    row("bytes that are no UTF-8", "a=\xe9", u"a=é|"_s);
}

void tst_Cookie::parses()
{
    QFETCH(QByteArray, header);
    QFETCH(QString, cookies);
    QString text;
    for (const auto &[name, value] : parseCookies(header))
        text += QString::fromLatin1(name) + u'=' + value + u'|';
    QCOMPARE(text, cookies);
}

void tst_Cookie::numberAndSizeAreBounded()
{
    QByteArray header;
    for (int i = 0; i < maximumCookies + 20; ++i)
        header += "c" + QByteArray::number(i) + "=x; ";
    QCOMPARE(parseCookies(header).size(), std::size_t(maximumCookies));

    const QByteArray most = "a=" + QByteArray(maximumCookieBytes - 1, 'x');
    QCOMPARE(parseCookies(most).size(), std::size_t(1));
    QCOMPARE(parseCookies(QByteArray(most + 'x')).size(), std::size_t(0));
    QCOMPARE(parseCookies(QByteArray(most + "x; b=1")).size(), std::size_t(1));
}

static const std::chrono::sys_seconds now{std::chrono::seconds(784111777)}; // Sun, 06 Nov 1994 08:49:37 GMT

void tst_Cookie::serializes_data()
{
    QTest::addColumn<QString>("value");
    QTest::addColumn<CookieOptions>("options");
    QTest::addColumn<QByteArray>("header");
    QTest::newRow("nothing more") << u"v"_s << CookieOptions{} << QByteArray("name=v; Path=/");
    QTest::newRow("a value that must be encoded")
        << u"a b;ł\r\n"_s << CookieOptions{} << QByteArray("name=a%20b%3B%C5%82%0D%0A; Path=/");
    QTest::newRow("all of it") << u"v"_s
                               << CookieOptions{.domain = ".example.com", .path = "/app", .maxAge = 60s, .expires = {},
                                                .httpOnly = true, .secure = true, .partitioned = true,
                                                .sameSite = SameSite::None}
                               << QByteArray("name=v; Max-Age=60; Domain=.example.com; Path=/app; Expires=Sun, 06 Nov 1994 "
                                             "08:50:37 GMT; HttpOnly; Secure; Partitioned; SameSite=None");
    QTest::newRow("a time") << u"v"_s
                            << CookieOptions{.domain = {}, .path = {}, .maxAge = {}, .expires = now, .httpOnly = false,
                                             .secure = false, .partitioned = false, .sameSite = SameSite::Strict}
                            << QByteArray("name=v; Expires=Sun, 06 Nov 1994 08:49:37 GMT; SameSite=Strict");
    CookieOptions deleted;
    deleted.maxAge = 0s;
    deleted.sameSite = SameSite::Lax;
    QTest::newRow("deleted") << u""_s << deleted
                             << QByteArray("name=; Max-Age=0; Path=/; Expires=Sun, 06 Nov 1994 08:49:37 GMT; SameSite=Lax");
}

void tst_Cookie::serializes()
{
    QFETCH(QString, value);
    QFETCH(CookieOptions, options);
    QFETCH(QByteArray, header);
    QCOMPARE(serializeCookie("name", value, options, now), header);
}

void tst_Cookie::refuses_data()
{
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<CookieOptions>("options");
    const auto with = [](auto change) {
        CookieOptions options;
        change(options);
        return options;
    };
    const CookieOptions secure = with([](CookieOptions &o) { o.secure = true; });
    QTest::newRow("no name") << QByteArray() << CookieOptions{};
    QTest::newRow("a name with a space") << QByteArray("a b") << CookieOptions{};
    QTest::newRow("a name that begins an attribute") << QByteArray("a;b") << CookieOptions{};
    QTest::newRow("a name that begins a header") << QByteArray("a\r\nb") << CookieOptions{};
    QTest::newRow("a path that begins an attribute") << QByteArray("a") << with([](auto &o) { o.path = "/; Secure"; });
    QTest::newRow("a path that begins a header") << QByteArray("a") << with([](auto &o) { o.path = "/\r\nX: y"; });
    QTest::newRow("a path without its slash") << QByteArray("a") << with([](auto &o) { o.path = "app"; });
    QTest::newRow("a path that is too long") << QByteArray("a") << with([](auto &o) { o.path = '/' + QByteArray(1024, 'x'); });
    QTest::newRow("a domain that begins an attribute") << QByteArray("a") << with([](auto &o) { o.domain = "a.b; Path=/"; });
    QTest::newRow("a domain with two dots") << QByteArray("a") << with([](auto &o) { o.domain = "a..b"; });
    QTest::newRow("a domain of a dot") << QByteArray("a") << with([](auto &o) { o.domain = "."; });
    QTest::newRow("SameSite=None without Secure")
        << QByteArray("a") << with([](auto &o) { o.sameSite = SameSite::None; });
    QTest::newRow("Partitioned without Secure") << QByteArray("a") << with([](auto &o) { o.partitioned = true; });
    QTest::newRow("__Secure- without Secure") << QByteArray("__Secure-a") << CookieOptions{};
    QTest::newRow("__secure- in another case") << QByteArray("__secUre-a") << CookieOptions{};
    QTest::newRow("__Host- without Secure") << QByteArray("__Host-a") << CookieOptions{};
    QTest::newRow("__Host- with a domain")
        << QByteArray("__Host-a") << with([](auto &o) { o.secure = true; o.domain = "a.b"; });
    QTest::newRow("__Host- with another path")
        << QByteArray("__host-a") << with([](auto &o) { o.secure = true; o.path = "/app"; });
    QTest::newRow("a name that is too long") << QByteArray(4097, 'a') << secure;
}

void tst_Cookie::refuses()
{
    QFETCH(QByteArray, name);
    QFETCH(CookieOptions, options);
    QVERIFY_THROWS_EXCEPTION(std::invalid_argument, (void)serializeCookie(name, u""_s, options, now));
    options.secure = true;
    QVERIFY(!serializeCookie("__Host-fine", u""_s, CookieOptions{.domain = {}, .path = "/", .maxAge = {}, .expires = {},
                                                                .httpOnly = false, .secure = true, .partitioned = true,
                                                                .sameSite = SameSite::None}, now).isEmpty());
}

void tst_Cookie::whatIsSerializedIsParsed()
{
    QString all;
    for (char16_t c = 1; c < 0x300; ++c)
        all += QChar(c);
    const QByteArray header = serializeCookie("all", all, {}, now);
    const Cookies cookies = parseCookies(header.first(header.indexOf(';')));
    QCOMPARE(cookies.size(), std::size_t(1));
    QCOMPARE(cookies.front().second, all);
}

QTEST_GUILESS_MAIN(tst_Cookie)
#include "tst_cookie.moc"
