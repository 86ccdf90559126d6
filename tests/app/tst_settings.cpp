// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/settings.h"
#include "tests/support/testcase.h"

#include <QtCore/QTemporaryDir>

using namespace loopscope::app;
using namespace Qt::StringLiterals;

class tst_Settings : public loopscope::test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void aFirstStartHasDefaults();
    void whatWasSetIsReadBack();
    void anotherVersionsLayoutIsIgnored();
    void badDataIsIgnored();
    void resetForgetsTheLayoutAlone();

private:
    QTemporaryDir m_folder;
    int m_file = 0;
    QString freshFile() { return m_folder.filePath(QString::number(++m_file) + u".ini"_s); }
};

void tst_Settings::aFirstStartHasDefaults()
{
    const Settings settings(freshFile());
    QCOMPARE(settings.port(), Settings::defaultPort);
    QVERIFY(settings.theme() == ThemeChoice::System);
    QCOMPARE(settings.layout(), Settings::Layout{});
    QCOMPARE(settings.draft(), RequestDraft{});
}

void tst_Settings::whatWasSetIsReadBack()
{
    const QString file = freshFile();
    const Settings::Layout layout{"geometry", "docks\n\0x", "columns"};
    RequestDraft draft;
    draft.target = u"/message"_s;
    draft.fields = {{u"a"_s, u"ł\n;"_s}};
    {
        Settings settings(file);
        settings.setPort(8081);
        settings.setTheme(ThemeChoice::Dark);
        settings.setLayout(layout);
        settings.setDraft(draft);
    }
    const Settings settings(file);
    QCOMPARE(settings.port(), quint16(8081));
    QVERIFY(settings.theme() == ThemeChoice::Dark);
    QCOMPARE(settings.layout(), layout);
    QCOMPARE(settings.draft(), draft);
}

void tst_Settings::anotherVersionsLayoutIsIgnored()
{
    const QString file = freshFile();
    Settings(file).setLayout({"g", "d", "c"});
    {
        QSettings raw(file, QSettings::IniFormat);
        raw.setValue("layout/version"_L1, Settings::layoutVersion + 1);
    }
    QCOMPARE(Settings(file).layout(), Settings::Layout{});
}

void tst_Settings::badDataIsIgnored()
{
    const QString file = freshFile();
    {
        QSettings raw(file, QSettings::IniFormat);
        raw.setValue("port"_L1, 70'000);
        raw.setValue("theme"_L1, u"pink"_s);
        raw.setValue("layout/version"_L1, Settings::layoutVersion);
        raw.setValue("layout/docks"_L1, QByteArray(200'000, 'x'));
        raw.setValue("playground/draft"_L1, QByteArray("{\"pieces\": "));
    }
    const Settings settings(file);
    QCOMPARE(settings.port(), Settings::defaultPort);
    QVERIFY(settings.theme() == ThemeChoice::System);
    QVERIFY(settings.layout().docks.isEmpty());
    QCOMPARE(settings.draft(), RequestDraft{});
}

void tst_Settings::resetForgetsTheLayoutAlone()
{
    Settings settings(freshFile());
    settings.setPort(1234);
    settings.setLayout({"g", "d", "c"});
    settings.resetLayout();
    QCOMPARE(settings.layout(), Settings::Layout{});
    QCOMPARE(settings.port(), quint16(1234));
}

QTEST_GUILESS_MAIN(tst_Settings)
#include "tst_settings.moc"
