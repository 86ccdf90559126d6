// SPDX-License-Identifier: GPL-3.0-or-later
// The main() of a fuzzer without libFuzzer: runs it over every file of the folders that are named, once each, so that
// what was found stays mended where there is no clang. A folder that is not there holds nothing.

#include "tests/fuzz/fuzz.h"

#include <QtCore/QDir>
#include <QtCore/QDirIterator>
#include <QtCore/QFile>

// Bytes of one input; libFuzzer's own default is 4 KiB (-max_len).
static constexpr qint64 maximumInputBytes = 1024 * 1024;
// Inputs of one run; a corpus belongs elsewhere.
static constexpr int maximumInputs = 10'000;

int main(int argc, char **argv)
{
    int inputs = 0;
    for (int i = 1; i < argc; ++i) {
        QDirIterator files(QString::fromLocal8Bit(argv[i]), QDir::Files);
        while (files.hasNext() && inputs < maximumInputs) {
            QFile file(files.next());
            if (!file.open(QIODevice::ReadOnly)) {
                std::fprintf(stderr, "cannot read %s\n", qPrintable(file.fileName()));
                return 1;
            }
            const QByteArray bytes = file.read(maximumInputBytes);
            std::fprintf(stderr, "%s\n", qPrintable(file.fileName())); // the last one named is the one that failed
            LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t *>(bytes.constData()),
                                   std::size_t(bytes.size()));
            ++inputs;
        }
    }
    if (inputs == 0) {
        std::fprintf(stderr, "no inputs in the folders that were named\n");
        return 1;
    }
    std::printf("%d inputs\n", inputs);
    return 0;
}
