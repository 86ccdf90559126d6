// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/theme/colors.h"
#include "inspector/theme/fonts.h"
#include "inspector/theme/framestyle.h"
#include "inspector/theme/icons.h"
#include "inspector/theme/theme.h"
#include "tests/support/testcase.h"

#include <QtCore/QTemporaryDir>
#include <QtGui/QFontMetricsF>
#include <QtGui/QImage>
#include <QtGui/QPixmap>
#include <QtWidgets/QApplication>
#include <QtWidgets/QCheckBox>
#include <QtWidgets/QComboBox>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QSpinBox>

#include <cmath>

using namespace loopscope::theme;
using namespace Qt::StringLiterals;
using loopscope::trace::Phase;

class tst_Theme : public loopscope::test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void themesAreWhatTheySay();
    void meaningfulColorsStandOut_data();
    void meaningfulColorsStandOut();
    void framesAreSeen_data();
    void framesAreSeen();
    void requestColorsDifferAlsoForTheColorBlind_data();
    void requestColorsDifferAlsoForTheColorBlind();
    void requestColorsRepeat();
    void textOnAFillCanBeRead();
    void iconsTakeThePalettesColor();
    void aMissingIconIsNull();
    void digitsAreEquallyWide();
};

void tst_Theme::themesAreWhatTheySay()
{
    applyTheme(*qApp, Theme::Dark);
    QVERIFY(isDark(qApp->palette()));
    applyTheme(*qApp, Theme::Light);
    QVERIFY(!isDark(qApp->palette()));
    QVERIFY(!isDark(lightPalette()));
    QVERIFY(isDark(darkPalette()));
    QTemporaryDir config;
    QFile settings(config.filePath(u"gtk-3.0/settings.ini"_s));
    QVERIFY(QDir(config.path()).mkdir(u"gtk-3.0"_s) && settings.open(QIODevice::WriteOnly));
    settings.write("[Settings]\ngtk-application-prefer-dark-theme=1\n");
    settings.close();
    qputenv("XDG_CONFIG_HOME", config.path().toLocal8Bit());
    applyTheme(*qApp, Theme::System);
    QVERIFY(isDark(qApp->palette()));
    qputenv("XDG_CONFIG_HOME", "/nonexistent");
    applyTheme(*qApp, Theme::System);
    QVERIFY(!isDark(qApp->palette()));
    qunsetenv("XDG_CONFIG_HOME");
}

static void bothPalettes()
{
    QTest::addColumn<QPalette>("palette");
    QTest::newRow("in the light theme") << lightPalette();
    QTest::newRow("in the dark theme") << darkPalette();
}

void tst_Theme::meaningfulColorsStandOut_data()
{
    bothPalettes();
}

void tst_Theme::meaningfulColorsStandOut()
{
    QFETCH(QPalette, palette);
    const QColor base = palette.color(QPalette::Base);
    for (int i = 0; i < requestColorCount; ++i)
        QVERIFY2(contrastRatio(requestColor(i, palette), base) >= 3, qPrintable(QString::number(i)));
    for (int phase = 0; phase <= int(Phase::Microtask); ++phase)
        QVERIFY2(contrastRatio(phaseColor(Phase(phase), palette), base) >= 3, qPrintable(QString::number(phase)));
    for (const int status : {101, 200, 302, 404, 500}) // words are written in these: WCAG's 4.5
        QVERIFY2(contrastRatio(statusColor(status, palette), base) >= 4.5, qPrintable(QString::number(status)));
    QVERIFY(contrastRatio(alarmColor(palette), base) >= 4.5);
    QVERIFY(contrastRatio(warningColor(palette), base) >= 4.5);
    QVERIFY(contrastRatio(palette.color(QPalette::Text), base) >= 7);
    QVERIFY(contrastRatio(palette.color(QPalette::PlaceholderText), base) >= 4.5);
    QVERIFY(contrastRatio(palette.color(QPalette::HighlightedText), palette.color(QPalette::Highlight)) >= 3);
}

void tst_Theme::framesAreSeen_data()
{
    bothPalettes();
}

// An unticked box, an empty field: somewhere along their left edge is a line that stands out from the window.
void tst_Theme::framesAreSeen()
{
    QFETCH(QPalette, palette);
    QVERIFY(contrastRatio(frameColor(palette), palette.color(QPalette::Window)) >= 3);
    QWidget window;
    FrameStyle style;
    QCheckBox box(&window);
    QLineEdit field(&window);
    QSpinBox number(&window);
    QComboBox choice(&window);
    int y = 4;
    for (QWidget *control : QList<QWidget *>{&box, &field, &number, &choice}) {
        control->setStyle(&style);
        control->setGeometry(8, y, 120, 28);
        y += 40;
    }
    window.setPalette(palette);
    window.resize(160, y);
    const QImage image = window.grab().toImage();
    const QColor ground = palette.color(QPalette::Window);
    for (const QWidget *control : QList<const QWidget *>{&box, &field, &number, &choice}) {
        const int middle = control->geometry().center().y();
        qreal most = 1;
        for (int x = control->x(); x < control->x() + 4; ++x)
            most = std::max(most, contrastRatio(image.pixelColor(x, middle), ground));
        QVERIFY2(most >= 2.9, qPrintable(u"%1 %2"_s.arg(QLatin1StringView(control->metaObject()->className())).arg(most))); // antialiased
    }
}

void tst_Theme::requestColorsDifferAlsoForTheColorBlind_data()
{
    bothPalettes();
}

// As deuteranopes and protanopes see a colour: Viénot, Brettel, Mollon 1999, on linear light.
static std::array<double, 3> seenBy(const QColor &color, bool deuteranope)
{
    const auto linear = [](double c) { return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4); };
    const double r = linear(color.redF());
    const double g = linear(color.greenF());
    const double b = linear(color.blueF());
    const double yellow = deuteranope ? 0.29275 * r + 0.70725 * g : 0.11238 * r + 0.88762 * g;
    const double blue = deuteranope ? -0.02234 * r + 0.02234 * g + b : 0.00401 * r - 0.00401 * g + b;
    return {std::cbrt(std::max(0.0, yellow)), std::cbrt(std::max(0.0, yellow)), std::cbrt(std::max(0.0, blue))};
}

void tst_Theme::requestColorsDifferAlsoForTheColorBlind()
{
    QFETCH(QPalette, palette);
    for (const bool deuteranope : {true, false}) {
        for (int i = 0; i < requestColorCount; ++i) {
            const int next = (i + 1) % requestColorCount; // consecutive requests stand side by side
            const auto a = seenBy(requestColor(i, palette), deuteranope);
            const auto b = seenBy(requestColor(next, palette), deuteranope);
            const double distance = std::hypot(a[0] - b[0], a[2] - b[2]);
            QVERIFY2(distance > 0.12, qPrintable(u"%1 and %2: %3"_s.arg(i).arg(next).arg(distance)));
        }
    }
}

void tst_Theme::requestColorsRepeat()
{
    QCOMPARE(requestColor(3, lightPalette()), requestColor(3 + requestColorCount, lightPalette()));
    QCOMPARE(requestPattern(3), requestPattern(3 + requestColorCount));
    QVERIFY(requestPattern(0) != requestPattern(1));
}

void tst_Theme::textOnAFillCanBeRead()
{
    for (const QPalette &palette : {lightPalette(), darkPalette()}) {
        for (int i = 0; i < requestColorCount; ++i) {
            const QColor fill = requestColor(i, palette);
            QVERIFY(contrastRatio(textOn(fill), fill) >= 4.5);
        }
    }
}

void tst_Theme::iconsTakeThePalettesColor()
{
    QTemporaryDir folder;
    QFile file(folder.filePath(u"square.svg"_s));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'><rect width='8' height='8'/></svg>");
    file.close();
    applyTheme(*qApp, Theme::Light);
    const QIcon icon = tintedIcon(file.fileName());
    const QPixmap light = icon.pixmap(QSize(16, 16), 2.0);
    QCOMPARE(light.size(), QSize(32, 32));
    QCOMPARE(light.toImage().pixelColor(16, 16), lightPalette().color(QPalette::ButtonText));
    applyTheme(*qApp, Theme::Dark);
    QCOMPARE(icon.pixmap(QSize(16, 16), 2.0).toImage().pixelColor(16, 16), darkPalette().color(QPalette::ButtonText));
    applyTheme(*qApp, Theme::Light);
}

void tst_Theme::aMissingIconIsNull()
{
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(u"Cannot open file"_s));
    QVERIFY(tintedIcon(u"/nonexistent.svg"_s).isNull());
}

void tst_Theme::digitsAreEquallyWide()
{
    const QFont font = tabularFont(qApp->font());
    const QFontMetricsF metrics(font);
    for (const QChar digit : u"123456789"_s)
        QCOMPARE(metrics.horizontalAdvance(digit), metrics.horizontalAdvance(u'0'));
    QCOMPARE(monospaceFont(qApp->font()).pointSizeF(), qApp->font().pointSizeF());
}

QTEST_MAIN(tst_Theme)
#include "tst_theme.moc"
