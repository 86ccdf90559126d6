// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/openbeneath_unix.h"
#include "tests/support/testcase.h"

#include <QtCore/QDeadlineTimer>
#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>

#include <atomic>
#include <thread>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

using namespace loopscope::web;
using namespace Qt::StringLiterals;
using Status = OpenedFile::Status;

// Real folders, links and special files; each way of following a path.
class tst_OpenBeneath : public loopscope::test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void opens_data();
    void opens();
    void linksInsideAreFollowedByTheKernelOnly();
    void readsAtAnOffset();
    void whatTheCacheHasIsReadFromTheStart();
    void aRootThatIsNotThere();
    void aFifoIsNotWaitedFor();
    void aLinkThatIsSwappedMeanwhileNeverLeadsOut();

private:
    QTemporaryDir m_outside;
    QTemporaryDir m_dir;
    QByteArray m_root;
};

Q_DECLARE_METATYPE(loopscope::web::PathResolver)
Q_DECLARE_METATYPE(loopscope::web::OpenedFile::Status)

static void write(const QString &path, const QByteArray &bytes)
{
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(bytes);
}

void tst_OpenBeneath::initTestCase()
{
    const QString root = m_dir.path() + u"/root"_s;
    m_root = QFile::encodeName(root);
    QVERIFY(QDir().mkpath(root + u"/a/b"_s));
    write(root + u"/file"_s, "hello");
    write(root + u"/a/b/deep"_s, "deep");
    write(m_outside.path() + u"/secret"_s, "secret");
    const auto link = [&](const QString &target, const char *name) {
        QCOMPARE(::symlink(QFile::encodeName(target).constData(), QByteArray(m_root + '/' + name).constData()), 0);
    };
    link(u"a/b/deep"_s, "inside");
    link(u"a"_s, "folderlink");
    link(m_outside.path() + u"/secret"_s, "outside");
    link(m_outside.path(), "outsidefolder");
    link(u"../../"_s + m_outside.path() + u"/secret"_s, "upwards");
    link(m_dir.path() + u"/root/file"_s, "absolute");
    link(u"nowhere"_s, "dangling");
    link(u"loop"_s, "loop");
    link(u"/proc/self/cwd"_s, "magic");
    QCOMPARE(::mkfifo(QByteArray(m_root + "/fifo").constData(), 0600), 0);
    const int number = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    qstrncpy(address.sun_path, QByteArray(m_root + "/socket").constData(), sizeof address.sun_path);
    QCOMPARE(::bind(number, reinterpret_cast<const sockaddr *>(&address), sizeof address), 0);
    ::close(number);
}

void tst_OpenBeneath::opens_data()
{
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<PathResolver>("resolver");
    QTest::addColumn<Status>("status");
    const auto row = [](const char *name, const QByteArray &path, Status kernel, Status walk) {
        QTest::addRow("%s, by the kernel", name) << path << PathResolver::Kernel << kernel;
        QTest::addRow("%s, by walking", name) << path << PathResolver::Walk << walk;
    };
    row("a file", "file", Status::Open, Status::Open);
    row("a deep file", "a/b/deep", Status::Open, Status::Open);
    row("a folder", "a", Status::Directory, Status::Directory);
    row("the root", "", Status::Directory, Status::Directory);
    row("nothing", "none", Status::NotFound, Status::NotFound);
    row("nothing, deep", "none/none", Status::NotFound, Status::NotFound);
    row("a file as a folder", "file/x", Status::NotFound, Status::NotFound);
    row("a name that is too long", QByteArray(300, 'x'), Status::NotFound, Status::NotFound);
    row("a link to a file outside", "outside", Status::Refused, Status::Refused);
    row("a link to a folder outside", "outsidefolder/secret", Status::Refused, Status::NotFound);
    row("a link up and out", "upwards", Status::Refused, Status::Refused);
    row("an absolute link, even to the inside", "absolute", Status::Refused, Status::Refused);
    row("a link of proc", "magic", Status::Refused, Status::Refused);
    row("up", "../root/file", Status::Refused, Status::Open);
    row("a link to nothing", "dangling", Status::NotFound, Status::Refused);
    row("a link to itself", "loop", Status::Refused, Status::Refused);
    row("a FIFO", "fifo", Status::Refused, Status::Refused);
    row("a socket", "socket", Status::Refused, Status::Refused);
}

void tst_OpenBeneath::opens()
{
    QFETCH(QByteArray, path);
    QFETCH(PathResolver, resolver);
    QFETCH(Status, status);
    if (path == "../root/file" && resolver == PathResolver::Walk)
        QSKIP("the caller lets no \"..\" through (StaticPath)");
    const OpenedFile file = openBeneath(m_root, path, resolver);
    QCOMPARE(file.status, status);
    QCOMPARE(file.descriptor.isOpen(), status == Status::Open);
}

void tst_OpenBeneath::linksInsideAreFollowedByTheKernelOnly()
{
    QCOMPARE(openBeneath(m_root, "inside", PathResolver::Kernel).status, Status::Open);
    QCOMPARE(openBeneath(m_root, "folderlink/b/deep", PathResolver::Kernel).status, Status::Open);
    QCOMPARE(openBeneath(m_root, "inside", PathResolver::Walk).status, Status::Refused);
    QCOMPARE(openBeneath(m_root, "folderlink/b/deep", PathResolver::Walk).status, Status::NotFound);
}

void tst_OpenBeneath::readsAtAnOffset()
{
    OpenedFile file = openBeneath(m_root, "file");
    QCOMPARE(file.size, 5);
    char bytes[10];
    QCOMPARE(file.descriptor.readAt(1, bytes, 3), 3);
    QCOMPARE(QByteArray(bytes, 3), QByteArray("ell"));
    QCOMPARE(file.descriptor.readAt(3, bytes, 10), 2);
    QCOMPARE(file.descriptor.readAt(5, bytes, 10), 0);
    file.descriptor.close();
    QCOMPARE(file.descriptor.readAt(0, bytes, 1), -EBADF);
}

void tst_OpenBeneath::whatTheCacheHasIsReadFromTheStart()
{
    constexpr qsizetype size = 1024 * 1024;
    QByteArray bytes(size, Qt::Uninitialized);
    for (qsizetype i = 0; i < size; ++i)
        bytes[i] = char(i / 4096 + i);
    write(m_dir.path() + u"/root/large"_s, bytes);
    const OpenedFile file = openBeneath(m_root, "large");
    QCOMPARE(file.status, Status::Open);
    QByteArray into(size, '\0');
    const qint64 got = file.descriptor.readCachedAt(100, into.data(), size); // more than there is: it must end
    QVERIFY2(got >= 0 && got <= size - 100, QByteArray::number(got).constData());
    QCOMPARE(into.first(got), bytes.sliced(100, got));
    QCOMPARE(file.descriptor.readAt(100 + got, into.data() + got, size), size - 100 - got); // the rest follows it
    QCOMPARE(into.first(size - 100), bytes.sliced(100));
    QCOMPARE(file.descriptor.readCachedAt(size, into.data(), 1), 0);
}

void tst_OpenBeneath::aRootThatIsNotThere()
{
    QCOMPARE(openBeneath(m_root + "/none", "file").status, Status::NotFound);
    QCOMPARE(openBeneath(m_root + "/file", "file").status, Status::NotFound);
}

// Opening a FIFO for reading would let its writer begin.
void tst_OpenBeneath::aFifoIsNotWaitedFor()
{
    QCOMPARE(openBeneath(m_root, "fifo").status, Status::Refused);
    const int writer = ::open(QByteArray(m_root + "/fifo").constData(), O_WRONLY | O_NONBLOCK);
    QCOMPARE(writer, -1);
    QCOMPARE(errno, ENXIO); // nobody has it open
}

// A check before the opening would lose this race sooner or later.
void tst_OpenBeneath::aLinkThatIsSwappedMeanwhileNeverLeadsOut()
{
    const QByteArray name = m_root + "/swapped";
    const QByteArray file = m_root + "/swapped.file";
    const QByteArray link = m_root + "/swapped.link";
    write(QFile::decodeName(name), "inside");
    std::atomic<bool> stop = false;
    const QByteArray secret = QFile::encodeName(m_outside.path() + u"/secret"_s);
    std::thread swapper([&] {
        while (!stop) {
            if (::symlink(secret.constData(), link.constData()) == 0)
                ::rename(link.constData(), name.constData());
            const int number = ::open(file.constData(), O_CREAT | O_WRONLY, 0600);
            if (::write(number, "inside", 6) == 6)
                ::rename(file.constData(), name.constData());
            ::close(number);
        }
    });
    int opened = 0;
    int refused = 0;
    bool leaked = false;
    const QDeadlineTimer deadline(loopscope::test::patience);
    const auto sawBoth = [&] { return opened > 0 && refused > 0; }; // else the swapper has had no processor so far
    for (int i = 0; (i < 4000 || !sawBoth()) && !leaked && !deadline.hasExpired(); ++i) {
        for (const PathResolver resolver : {PathResolver::Kernel, PathResolver::Walk}) {
            const OpenedFile result = openBeneath(m_root, "swapped", resolver);
            char bytes[6];
            if (result.status == Status::Open) {
                ++opened;
                leaked = leaked || result.descriptor.readAt(0, bytes, 6) != 6 || QByteArrayView(bytes, 6) != QByteArrayView("inside");
            } else {
                ++refused;
            }
        }
    }
    stop = true;
    swapper.join();
    QVERIFY(!leaked);
    QVERIFY2(opened > 0, QByteArray::number(opened).constData());
    QVERIFY2(refused > 0, QByteArray::number(refused).constData());
}

QTEST_GUILESS_MAIN(tst_OpenBeneath)
#include "tst_openbeneath.moc"
