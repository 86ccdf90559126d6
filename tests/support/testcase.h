// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/support/patience.h"

#include <QtCore/QObject>
#include <QtCore/QRegularExpression>
#include <QtTest/QTest>

namespace loopscope::test {

// The base of every test class: a warning or critical message that the test did not announce with
// QTest::ignoreMessage() fails it.
class TestCase : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }
};

} // namespace loopscope::test
