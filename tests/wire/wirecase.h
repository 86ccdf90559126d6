// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/limits.h"

#include <QtCore/QByteArray>
#include <QtCore/QList>
#include <QtCore/QString>

namespace loopscope::test {

// One case of the *.wire files (README.md tells their form). A plain value.
struct WireCase {
    QByteArray sentence; // "chunked.wire:12 a chunk without data"
    http::Limits limits;
    QByteArray bytes; // what the client sends
    qsizetype pauseAt = -1; // after so many of them it waits for an answer; -1: it does not wait
    bool finishes = false; // then it sends FIN
    QByteArray events; // a line each
    bool hasAnswers = false; // `answers` and `closes` are to be compared
    QByteArray answers; // without Date
    bool closes = false;
};

// Every case of every *.wire file in `folder`, in the order of the files' names. A line that has no meaning throws
// std::runtime_error, which names file and line.
[[nodiscard]] QList<WireCase> readWireCases(const QString &folder);

// Bytes as the files write them: printable, on one line.
[[nodiscard]] QByteArray escaped(QByteArrayView bytes);

} // namespace loopscope::test
