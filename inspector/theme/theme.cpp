// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/theme/theme.h"

#include "inspector/theme/framestyle.h"

#include <QtCore/QDir>
#include <QtCore/QSettings>
#include <QtWidgets/QApplication>
#include <QtWidgets/QStyle>

namespace loopscope::theme {

using namespace Qt::StringLiterals;

namespace {

struct Shades {
    QRgb window, base, alternate, button, text, disabled, placeholder, highlight, highlightedText, link, visited,
        tip, tipText, light, midlight, mid, dark, shadow;
};

constexpr Shades lightShades{0xf3f3f2, 0xffffff, 0xf6f6f5, 0xececea, 0x1b1b1b, 0x8f8f8f, 0x6b6b6b, 0x1f6fb5, 0xffffff,
                             0x0062a8, 0x6a4a9c, 0xfffdf2, 0x1b1b1b, 0xffffff, 0xf8f8f7, 0xb9b9b7, 0x9a9a98, 0x6f6f6d};
constexpr Shades darkShades{0x26282b, 0x1c1e20, 0x232528, 0x32353a, 0xe6e6e4, 0x7d8085, 0x9a9da3, 0x3a7fc0, 0xffffff,
                            0x79b8f2, 0xc0a5ee, 0x33363b, 0xe6e6e4, 0x4a4e54, 0x3d4146, 0x494d53, 0x15171a, 0x0b0c0d};

QPalette paletteOf(const Shades &s)
{
    QPalette palette;
    const auto set = [&palette](QPalette::ColorRole role, QRgb rgb) { palette.setColor(role, QColor::fromRgb(rgb)); };
    set(QPalette::Window, s.window);
    set(QPalette::WindowText, s.text);
    set(QPalette::Base, s.base);
    set(QPalette::AlternateBase, s.alternate);
    set(QPalette::Text, s.text);
    set(QPalette::Button, s.button);
    set(QPalette::ButtonText, s.text);
    set(QPalette::BrightText, 0xffffff);
    set(QPalette::PlaceholderText, s.placeholder);
    set(QPalette::Highlight, s.highlight);
    set(QPalette::HighlightedText, s.highlightedText);
    set(QPalette::Link, s.link);
    set(QPalette::LinkVisited, s.visited);
    set(QPalette::ToolTipBase, s.tip);
    set(QPalette::ToolTipText, s.tipText);
    set(QPalette::Light, s.light);
    set(QPalette::Midlight, s.midlight);
    set(QPalette::Mid, s.mid);
    set(QPalette::Dark, s.dark);
    set(QPalette::Shadow, s.shadow);
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        palette.setColor(QPalette::Disabled, role, QColor::fromRgb(s.disabled));
    palette.setColor(QPalette::Disabled, QPalette::Highlight, QColor::fromRgb(s.mid));
    return palette;
}

// What GTK desktops say where Qt's own platform theme says nothing. Read at each call: it is one small file.
bool desktopPrefersDark()
{
    if (qEnvironmentVariable("GTK_THEME").endsWith(":dark"_L1))
        return true;
    const QString configHome = qEnvironmentVariable("XDG_CONFIG_HOME", QDir::homePath() + "/.config"_L1);
    for (const auto version : {"/gtk-4.0/settings.ini"_L1, "/gtk-3.0/settings.ini"_L1}) {
        const QSettings settings(configHome + version, QSettings::IniFormat);
        const QString preference = settings.value("Settings/gtk-application-prefer-dark-theme"_L1).toString();
        if (!preference.isEmpty())
            return preference == "1"_L1 || preference == "true"_L1;
    }
    return false;
}

} // namespace

QPalette lightPalette()
{
    return paletteOf(lightShades);
}

QPalette darkPalette()
{
    return paletteOf(darkShades);
}

bool isDark(const QPalette &palette)
{
    return palette.color(QPalette::Text).lightnessF() > palette.color(QPalette::Base).lightnessF();
}

void applyTheme(QApplication &application, Theme theme)
{
    application.setStyle(new FrameStyle);
    switch (theme) {
    case Theme::Light: application.setPalette(lightPalette()); return;
    case Theme::Dark: application.setPalette(darkPalette()); return;
    case Theme::System: break;
    }
    // An empty palette asks the platform theme (KDE's says dark or light itself) and else gives the style's.
    application.setPalette(QPalette());
    const bool platformDecides = application.palette() != application.style()->standardPalette();
    if (!platformDecides)
        application.setPalette(desktopPrefersDark() ? darkPalette() : lightPalette());
}

} // namespace loopscope::theme
