// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/work/hash.h"

#include "server/work/rangeerror.h"

#include <QtCore/QCryptographicHash>
#include <QtCore/QRandomGenerator>

namespace loopscope::work {

static void require(int mib)
{
    requireRange("mib", mib, 0, maximumHashedMiB);
}

static QByteArray hashed(int mib, quint32 seed, JobProgress *job)
{
    constexpr qsizetype blockBytes = 1024 * 1024;
    QRandomGenerator generator(seed);
    QByteArray block(blockBytes, Qt::Uninitialized);
    QCryptographicHash hash(QCryptographicHash::Sha256);
    for (int done = 0; done < mib; ++done) {
        if (job) {
            job->throwIfCancelled();
            job->report(done, mib);
        }
        generator.fillRange(reinterpret_cast<quint32 *>(block.data()), blockBytes / qsizetype(sizeof(quint32)));
        hash.addData(block);
    }
    if (job)
        job->report(mib, mib);
    return hash.result();
}

Task<QByteArray> hashRandom(int mib, quint32 seed, Progress progress, Site site)
{
    require(mib);
    co_return co_await loop::runOnPool(
        "hashRandom", [mib, seed](JobProgress &job) { return hashed(mib, seed, &job); }, std::move(progress), site);
}

JobId hashRandom(int mib, quint32 seed, ErrorFirst<QByteArray> callback, Progress progress, Site site)
{
    require(mib);
    return submitJob<QByteArray>(
        "hashRandom", [mib, seed](JobProgress &job) { return hashed(mib, seed, &job); }, std::move(callback),
        std::move(progress), site);
}

QByteArray hashRandomSync(int mib, quint32 seed, Site site)
{
    require(mib);
    loop::Span span("hashRandomSync", site);
    span.setValue(qint64(mib) * 1024 * 1024);
    return hashed(mib, seed, nullptr);
}

} // namespace loopscope::work
