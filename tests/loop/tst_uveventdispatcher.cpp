// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/loopmain.h"
#include "tests/support/testcase.h"

#include <QtCore/QTimer>

class tst_UvEventDispatcher : public loopscope::test::TestCase {
    Q_OBJECT
private Q_SLOTS:
    void x() { QTimer t; int n = 0; connect(&t, &QTimer::timeout, [&] { ++n; }); t.start(1); QTRY_VERIFY(n >= 5); }
};

LOOPSCOPE_LOOP_TEST_MAIN(tst_UvEventDispatcher)
#include "tst_uveventdispatcher.moc"
