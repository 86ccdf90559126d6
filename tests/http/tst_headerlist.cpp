// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/headerlist.h"
#include "tests/support/testcase.h"

#include <stdexcept>

using namespace loopscope::http;

class tst_HeaderList : public loopscope::test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void setReplacesEveryFieldOfThatName();
    void aLineEndCannotStartAHeaderOfItsOwn();
    void fieldsAreBounded();
};

void tst_HeaderList::setReplacesEveryFieldOfThatName()
{
    HeaderList headers;
    headers.append("Set-Cookie", "a=1");
    headers.append("X", "1");
    headers.append("set-cookie", "b=2");
    headers.set("SET-COOKIE", "c=3");
    QCOMPARE(headers.fields(), (std::vector<HeaderList::Field>{{"SET-COOKIE", "c=3"}, {"X", "1"}}));
    QVERIFY(headers.remove("x"));
    QVERIFY(!headers.remove("x"));
    QCOMPARE(headers.value("Set-cookie"), QByteArrayView("c=3"));
    QVERIFY(headers.value("X").isNull());
}

void tst_HeaderList::aLineEndCannotStartAHeaderOfItsOwn()
{
    HeaderList headers;
    QVERIFY_THROWS_EXCEPTION(std::invalid_argument, headers.set("Location", "/\r\nSet-Cookie: a=1"));
    QVERIFY_THROWS_EXCEPTION(std::invalid_argument, headers.append("A B", "1"));
    QVERIFY_THROWS_EXCEPTION(std::invalid_argument, headers.append("", "1"));
    QVERIFY(headers.fields().empty());
}

void tst_HeaderList::fieldsAreBounded()
{
    HeaderList headers;
    for (std::size_t i = 0; i < HeaderList::maximumFields; ++i)
        headers.append("X", "1");
    QVERIFY_THROWS_EXCEPTION(std::length_error, headers.append("X", "1"));
}

QTEST_GUILESS_MAIN(tst_HeaderList)
#include "tst_headerlist.moc"
