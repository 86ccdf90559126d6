// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/loop/uveventdispatcher.h"
#include "server/trace/trace.h"

#include <QtCore/QCoreApplication>
#include <QtTest/QTest>

// The main() of a test whose main thread runs on a UvEventDispatcher, which records into theTrace().
namespace loopscope::test {

inline trace::Trace &theTrace()
{
    static trace::Trace trace;
    return trace;
}

template<typename TestClass>
int loopMain(int argc, char **argv)
{
    theTrace(); // older than the dispatcher, and so destroyed after it
    QCoreApplication::setEventDispatcher(new loop::UvEventDispatcher(&theTrace()));
    QCoreApplication application(argc, argv);
    TestClass test;
    return QTest::qExec(&test, argc, argv);
}

} // namespace loopscope::test

#define LOOPSCOPE_LOOP_TEST_MAIN(TestClass) \
    int main(int argc, char **argv) \
    { \
        return loopscope::test::loopMain<TestClass>(argc, argv); \
    }
