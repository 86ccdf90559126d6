// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/work/pbkdf2.h"

#include "server/work/rangeerror.h"

#include <openssl/evp.h>

#include <stdexcept>

namespace loopscope::work {

namespace {

struct Derivation {
    QByteArray password;
    QByteArray salt;
    int iterations;
    int keyBytes;
    const EVP_MD *digest; // OpenSSL's own, for ever

    [[nodiscard]] QByteArray derive() const
    {
        QByteArray key(keyBytes, Qt::Uninitialized);
        if (keyBytes == 0) // OpenSSL refuses what Node answers
            return key;
        if (PKCS5_PBKDF2_HMAC(password.constData(), int(password.size()), reinterpret_cast<const uchar *>(salt.constData()),
                              int(salt.size()), iterations, digest, keyBytes, reinterpret_cast<uchar *>(key.data()))
            != 1)
            throw std::runtime_error("PBKDF2 failed"); // Node: ERR_CRYPTO_PBKDF2_ERROR
        return key;
    }
};

Derivation checked(const QByteArray &password, const QByteArray &salt, int iterations, int keyBytes, const QByteArray &digest)
{
    requireRange("iterations", iterations, 1, maximumIterations);
    requireRange("keylen", keyBytes, 0, maximumKeyBytes);
    const EVP_MD *known = EVP_get_digestbyname(digest.constData());
    if (!known) // Node: ERR_CRYPTO_INVALID_DIGEST
        throw std::invalid_argument(QByteArray("Invalid digest: ").append(digest).constData());
    return {password, salt, iterations, keyBytes, known};
}

} // namespace

Task<QByteArray> pbkdf2(QByteArray password, QByteArray salt, int iterations, int keyBytes, QByteArray digest, Site site)
{
    const Derivation derivation = checked(password, salt, iterations, keyBytes, digest);
    co_return co_await loop::runOnPool("pbkdf2", [&derivation] { return derivation.derive(); }, site);
}

JobId pbkdf2(QByteArray password, QByteArray salt, int iterations, int keyBytes, QByteArray digest,
             ErrorFirst<QByteArray> callback, Site site)
{
    return submitJob<QByteArray>(
        "pbkdf2",
        [derivation = checked(password, salt, iterations, keyBytes, digest)](JobProgress &) { return derivation.derive(); },
        std::move(callback), nullptr, site);
}

QByteArray pbkdf2Sync(const QByteArray &password, const QByteArray &salt, int iterations, int keyBytes,
                      const QByteArray &digest, Site site)
{
    const Derivation derivation = checked(password, salt, iterations, keyBytes, digest);
    const loop::Span span("pbkdf2Sync", site);
    return derivation.derive();
}

} // namespace loopscope::work
