// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/tlsfiles.h"

#include "server/net/socket_unix.h"

#include <QtCore/QFile>
#include <QtNetwork/QSslCertificate>
#include <QtNetwork/QSslConfiguration>
#include <QtNetwork/QSslKey>
#include <QtNetwork/QSslSocket>

namespace loopscope::net {

using namespace Qt::StringLiterals;

namespace {

bool read(const QString &what, const QString &name, QByteArray &content, QString &error)
{
    QFile file(name);
    if (!file.open(QIODevice::ReadOnly)) {
        error = u"The %1 file %2 cannot be read: %3."_s.arg(what, name, file.errorString());
        return false;
    }
    content = file.read(maxTlsFileBytes);
    return true;
}

QSslKey parseKey(const QByteArray &pem)
{
    for (const QSsl::KeyAlgorithm algorithm : {QSsl::Rsa, QSsl::Ec, QSsl::Dsa}) {
        const QSslKey key(pem, algorithm);
        if (!key.isNull())
            return key;
    }
    return {};
}

// What the TLS library says of the pair shows only where a handshake begins, so one is begun with nobody.
bool isUsable(const QSslConfiguration &configuration)
{
    QSslSocket nobody;
    nobody.setSslConfiguration(configuration);
    if (!nobody.setSocketDescriptor(unconnectedSocket()))
        return false;
    nobody.startServerEncryption();
    return nobody.error() != QAbstractSocket::SslInternalError
        && nobody.error() != QAbstractSocket::SslInvalidUserDataError;
}

} // namespace

bool loadTlsFiles(const QString &certificateFile, const QString &keyFile, QSslConfiguration &configuration,
                  QString &error)
{
    if (!QSslSocket::supportsSsl() || !QSslSocket::isClassImplemented(QSsl::ImplementedClass::Socket)) {
        error = u"This Qt cannot do TLS: its TLS plugin, or the OpenSSL library that it needs, is missing."_s;
        return false;
    }
    QByteArray certificatePem;
    QByteArray keyPem;
    if (!read(u"certificate"_s, certificateFile, certificatePem, error) || !read(u"key"_s, keyFile, keyPem, error))
        return false;
    const QList<QSslCertificate> chain = QSslCertificate::fromData(certificatePem, QSsl::Pem);
    if (chain.isEmpty()) {
        error = u"%1 holds no certificate in PEM form."_s.arg(certificateFile);
        return false;
    }
    // PKCS #8 (RFC 7468 §11), and the older "Proc-Type: 4,ENCRYPTED" (RFC 1421 §4.6.1.1)
    if (keyPem.contains("BEGIN ENCRYPTED PRIVATE KEY") || keyPem.contains("4,ENCRYPTED")) {
        error = u"The key in %1 has a password, which is not supported; openssl pkey takes it off."_s.arg(keyFile);
        return false;
    }
    const QSslKey key = parseKey(keyPem);
    if (key.isNull()) {
        error = u"%1 holds no private key (RSA, EC or DSA) in PEM form."_s.arg(keyFile);
        return false;
    }
    configuration.setLocalCertificateChain(chain);
    configuration.setPrivateKey(key);
    if (!isUsable(configuration)) {
        error = u"The key in %1 does not belong to the certificate in %2, or TLS refuses them."_s.arg(keyFile,
                                                                                                 certificateFile);
        return false;
    }
    return true;
}

} // namespace loopscope::net
