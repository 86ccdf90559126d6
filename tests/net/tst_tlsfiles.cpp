// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/tlsfiles.h"
#include "tests/support/testcase.h"

#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>
#include <QtNetwork/QSslCertificate>
#include <QtNetwork/QSslConfiguration>
#include <QtNetwork/QSslKey>

using namespace loopscope;
using namespace Qt::StringLiterals;

class tst_TlsFiles : public test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void aPairIsTakenIn();
    void whatIsWrongIsSaidInOneSentence_data();
    void whatIsWrongIsSaidInOneSentence();
};

static QString file(const QString &name)
{
    return QStringLiteral(LOOPSCOPE_SOURCE) % u"/tests/support/tls/" % name;
}

void tst_TlsFiles::aPairIsTakenIn()
{
    QSslConfiguration configuration;
    QString error;
    QVERIFY2(net::loadTlsFiles(file(u"cert.pem"_s), file(u"key.pem"_s), configuration, error), qPrintable(error));
    QVERIFY(error.isEmpty());
    QCOMPARE(configuration.localCertificate().subjectInfo(QSslCertificate::CommonName), QStringList{u"localhost"_s});
    QVERIFY(configuration.privateKey().algorithm() == QSsl::Ec);
}

void tst_TlsFiles::whatIsWrongIsSaidInOneSentence_data()
{
    QTest::addColumn<QString>("certificate");
    QTest::addColumn<QString>("key");
    QTest::addColumn<QString>("sentence");
    const QString cert = file(u"cert.pem"_s);
    const QString key = file(u"key.pem"_s);
    QTest::newRow("no certificate file")
        << u"/no/cert"_s << key << u"The certificate file /no/cert cannot be read: No such file or directory."_s;
    QTest::newRow("no key file") << cert << u"/no/key"_s
                                 << u"The key file /no/key cannot be read: No such file or directory."_s;
    QTest::newRow("the two exchanged") << key << cert << u"%1 holds no certificate in PEM form."_s.arg(key);
    QTest::newRow("a certificate for a key")
        << cert << cert << u"%1 holds no private key (RSA, EC or DSA) in PEM form."_s.arg(cert);
    QTest::newRow("a key with a password")
        << cert << file(u"key_with_password.pem"_s)
        << u"The key in %1 has a password, which is not supported; openssl pkey takes it off."_s.arg(
               file(u"key_with_password.pem"_s));
    QTest::newRow("the key of another certificate")
        << cert << file(u"other_key.pem"_s)
        << u"The key in %1 does not belong to the certificate in %2, or TLS refuses them."_s.arg(
               file(u"other_key.pem"_s), cert);
}

void tst_TlsFiles::whatIsWrongIsSaidInOneSentence()
{
    QFETCH(QString, certificate);
    QFETCH(QString, key);
    QFETCH(QString, sentence);
    QSslConfiguration configuration;
    QString error;
    QVERIFY(!net::loadTlsFiles(certificate, key, configuration, error));
    QCOMPARE(error, sentence);
}

QTEST_GUILESS_MAIN(tst_TlsFiles)
#include "tst_tlsfiles.moc"
