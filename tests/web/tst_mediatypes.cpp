// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/mediatypes.h"
#include "tests/support/testcase.h"

using namespace loopscope::web;

class tst_MediaTypes : public loopscope::test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void byExtension_data();
    void byExtension();
    void compressible_data();
    void compressible();
};

void tst_MediaTypes::byExtension_data()
{
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<QByteArray>("type");
    const auto row = [](const char *name, const char *type) { QTest::newRow(name) << QByteArray(name) << QByteArray(type); };
    row("index.html", "text/html; charset=utf-8");
    row("INDEX.HTML", "text/html; charset=utf-8");
    row("a/b.c/style.css", "text/css; charset=utf-8");
    row("app.js", "text/javascript; charset=utf-8");
    row("data.json", "application/json; charset=utf-8");
    row("logo.svg", "image/svg+xml");
    row("7.7z", "application/x-7z-compressed");
    row("a.zst", "application/zstd");
    row("site.webmanifest", "application/manifest+json; charset=utf-8");
    row("archive.tar.gz", "application/gzip");
    row("README", "application/octet-stream");
    row("file.", "application/octet-stream");
    row("", "application/octet-stream");
    row("a.unknown", "application/octet-stream");
    row("a.anextensionthatislong", "application/octet-stream");
}

void tst_MediaTypes::byExtension()
{
    QFETCH(QByteArray, name);
    QFETCH(QByteArray, type);
    QCOMPARE(mediaTypeOf(name), QByteArrayView(type));
}

void tst_MediaTypes::compressible_data()
{
    QTest::addColumn<QByteArray>("type");
    QTest::addColumn<bool>("yes");
    const auto row = [](const char *type, bool yes) { QTest::newRow(type) << QByteArray(type) << yes; };
    row("text/html; charset=utf-8", true);
    row("Text/Plain", true);
    row("application/json", true);
    row("application/problem+json", true);
    row("image/svg+xml", true);
    row("image/png", false);
    row("application/octet-stream", false);
    row("application/gzip", false);
    row("font/woff2", false);
    row("", false);
}

void tst_MediaTypes::compressible()
{
    QFETCH(QByteArray, type);
    QFETCH(bool, yes);
    QCOMPARE(isCompressible(type), yes);
}

QTEST_GUILESS_MAIN(tst_MediaTypes)
#include "tst_mediatypes.moc"
