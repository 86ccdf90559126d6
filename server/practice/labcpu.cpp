// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/practice/labcpu.h"

#include "server/work/fibonacci.h"
#include "server/work/hash.h"
#include "server/work/image.h"
#include "server/work/pbkdf2.h"
#include "server/work/sort.h"

namespace loopscope::practice::labcpu {

using namespace Qt::StringLiterals;
using loop::Task;

static constexpr quint32 seed = 20'091'108; // the same numbers in every run

// To give a large value's memory back to the system takes milliseconds too: not on the loop.
template<typename Large>
static auto release(Large &value)
{
    return loop::runOnPool("release", [&value] { value = Large(); });
}

Task<QJsonObject> fibonacci(LabRun run)
{
    const int n = int(run.number("n"));
    const LabClock clock;
    quint64 value = 0;
    if (run.is("blocking"))
        value = work::fibonacciSync(n); // on the loop: everybody waits
    else
        value = co_await work::fibonacci(n); // on the pool: only this request waits
    co_return QJsonObject{{u"milliseconds"_s, clock.milliseconds()}, {u"n"_s, n}, {u"value"_s, qint64(value)}};
}

Task<QJsonObject> pbkdf2(LabRun run)
{
    const int iterations = int(run.number("iterations"));
    constexpr int keyBytes = 64;
    const LabClock clock;
    QByteArray key;
    if (run.is("blocking"))
        key = work::pbkdf2Sync("secret", "salt", iterations, keyBytes, "sha512");
    else
        key = co_await work::pbkdf2("secret", "salt", iterations, keyBytes, "sha512");
    co_return QJsonObject{{u"milliseconds"_s, clock.milliseconds()},
                          {u"iterations"_s, iterations},
                          {u"key"_s, QString::fromLatin1(key.toHex())}};
}

Task<QJsonObject> image(LabRun run)
{
    const QSize size(int(run.number("width")), int(run.number("height")));
    QImage picture = co_await loop::runOnPool("prepare", [size] { return work::testImage(size, seed); });
    const LabClock clock;
    QImage small;
    if (run.is("blocking"))
        small = work::grayscaleSync(work::resizeImageSync(picture, size / 2));
    else
        small = co_await work::grayscale(co_await work::resizeImage(picture, size / 2));
    const double milliseconds = clock.milliseconds();
    co_await release(picture);
    co_return QJsonObject{{u"milliseconds"_s, milliseconds},
                          {u"width"_s, small.width()},
                          {u"height"_s, small.height()},
                          {u"middle"_s, qGray(small.pixel(small.width() / 2, small.height() / 2))}};
}

Task<QJsonObject> sort(LabRun run)
{
    const qint64 count = run.number("count");
    const LabClock clock;
    QList<double> numbers;
    if (run.is("blocking"))
        numbers = work::sortNumbersSync(count, seed);
    else
        numbers = co_await work::sortNumbers(count, seed);
    const QJsonObject result{{u"milliseconds"_s, clock.milliseconds()},
                             {u"count"_s, numbers.size()},
                             {u"smallest"_s, numbers.first()},
                             {u"median"_s, numbers.at(numbers.size() / 2)},
                             {u"largest"_s, numbers.last()}};
    co_await release(numbers);
    co_return result;
}

Task<QJsonObject> hash(LabRun run)
{
    const int mib = int(run.number("mib"));
    const LabClock clock;
    QByteArray digest;
    int reports = 0; // of its progress, which only a job has: who blocks the loop cannot tell it anything
    if (run.is("blocking"))
        digest = work::hashRandomSync(mib, seed);
    else
        digest = co_await work::hashRandom(mib, seed, [&reports](qint64, qint64) { ++reports; });
    co_return QJsonObject{{u"milliseconds"_s, clock.milliseconds()},
                          {u"mib"_s, mib},
                          {u"progressReports"_s, reports},
                          {u"sha256"_s, QString::fromLatin1(digest.toHex())}};
}

} // namespace loopscope::practice::labcpu
