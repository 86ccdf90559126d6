// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtTest/QTest>

// How long a test waits. No test may fail because its machine is slow, busy or fast: it waits for what must come, however
// late, and what it says of an order or of a number holds at any speed. A deadline only ends what hangs.
namespace loopscope::test {

// ms. Under the watchdog's (QTEST_FUNCTION_TIMEOUT, cmake/LoopscopeRoom.cmake), so that a hang is told with its line.
inline constexpr int patience = 300'000;

// QTest::qWaitFor(), which gives up after 5 s.
template<typename Condition>
[[nodiscard]] bool waitFor(Condition condition)
{
    return QTest::qWaitFor(condition, patience);
}

} // namespace loopscope::test

// Qt's give up after 5 s, too.
#undef QTRY_VERIFY
#undef QTRY_COMPARE
#define QTRY_VERIFY(condition) QTRY_VERIFY_WITH_TIMEOUT((condition), loopscope::test::patience)
#define QTRY_COMPARE(actual, expected) QTRY_COMPARE_WITH_TIMEOUT((actual), (expected), loopscope::test::patience)
