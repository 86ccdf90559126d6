// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/work/job.h"

#include <QtCore/QByteArray>

namespace loopscope::work {

// PBKDF2 with HMAC (RFC 8018 §5.2), by OpenSSL. https://nodejs.org/docs/latest-v20.x/api/crypto.html#cryptopbkdf2password-salt-iterations-keylen-digest-callback
// `digest` as OpenSSL names it: "sha256". Throws std::invalid_argument for one that it does not know, a RangeError beyond
// these bounds. It knows no progress, and a running job cannot be stopped.
//
// Iterations at most: about ten seconds of one core with SHA-512; OWASP asks for 600,000 of SHA-256. Node: 2,147,483,647.
constexpr int maximumIterations = 10'000'000;
// Bytes of a key at most; its time grows with them. Node: 2,147,483,647.
constexpr int maximumKeyBytes = 1'024;

Task<QByteArray> pbkdf2(QByteArray password, QByteArray salt, int iterations, int keyBytes, QByteArray digest,
                        Site site = Site::here());
JobId pbkdf2(QByteArray password, QByteArray salt, int iterations, int keyBytes, QByteArray digest,
             ErrorFirst<QByteArray> callback, Site site = Site::here());
[[nodiscard]] QByteArray pbkdf2Sync(const QByteArray &password, const QByteArray &salt, int iterations, int keyBytes,
                                    const QByteArray &digest, Site site = Site::here());

} // namespace loopscope::work
