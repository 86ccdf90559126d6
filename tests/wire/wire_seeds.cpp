// SPDX-License-Identifier: GPL-3.0-or-later
// Makes seeds for the fuzzers of the wire cases: wire_seeds requests|connections|chunked CASES FOLDER

#include "tests/wire/wirecase.h"

#include <QtCore/QDir>
#include <QtCore/QFile>

#include <cstdio>
#include <stdexcept>

using namespace loopscope;
using namespace Qt::StringLiterals;

// The case as an input of that kind; null if it is none.
static QByteArray seedOf(const test::WireCase &wire, const QString &kind, int number)
{
    if (kind == u"requests")
        return wire.bytes;
    if (kind == u"connections") // tests/fuzz/fuzz_serverconnection.cpp: eight bytes that steer it go before
        return QByteArray::number(0x9e3779b97f4a7c15ULL * quint64(number + 1), 16).rightJustified(8, '0').first(8)
            + wire.bytes;
    const qsizetype headEnd = wire.bytes.indexOf("\r\n\r\n");
    return headEnd >= 0 && wire.bytes.contains("chunked") ? wire.bytes.sliced(headEnd + 4) : QByteArray();
}

int main(int argc, char **argv)
{
    const QString kind = argc == 4 ? QString::fromLocal8Bit(argv[1]) : QString();
    if (kind != u"requests" && kind != u"connections" && kind != u"chunked") {
        std::fprintf(stderr, "usage: wire_seeds requests|connections|chunked CASES FOLDER\n");
        return 2;
    }
    const QString folder = QString::fromLocal8Bit(argv[3]);
    try {
        const QList<test::WireCase> cases = test::readWireCases(QString::fromLocal8Bit(argv[2]));
        QDir(folder).removeRecursively(); // a case that is gone leaves no seed
        if (!QDir().mkpath(folder))
            throw std::runtime_error("cannot make " + folder.toStdString());
        for (int i = 0; i < cases.size(); ++i) {
            const QByteArray seed = seedOf(cases[i], kind, i);
            if (seed.isEmpty())
                continue;
            QFile file(folder + u'/' + QString::number(i));
            if (!file.open(QIODevice::WriteOnly) || file.write(seed) != seed.size())
                throw std::runtime_error("cannot write " + file.fileName().toStdString());
        }
    } catch (const std::exception &error) {
        std::fprintf(stderr, "wire_seeds: %s\n", error.what());
        return 1;
    }
    return 0;
}
