// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/settings.h"

#include <QtCore/QJsonDocument>

using namespace Qt::StringLiterals;

namespace loopscope::app {

namespace {

// No layout is larger; a file that says otherwise is damaged. Bytes.
constexpr qsizetype maximumLayoutBytes = 64 * 1024;
// Of a draft: raw text that a person typed.
constexpr qsizetype maximumDraftBytes = 1024 * 1024;

const auto versionKey = u"layout/version"_s;
const auto geometryKey = u"layout/geometry"_s;
const auto docksKey = u"layout/docks"_s;
const auto columnsKey = u"layout/columns"_s;
const auto themeKey = u"theme"_s;
const auto portKey = u"port"_s;
const auto draftKey = u"playground/draft"_s;
const QStringList themeWords{u"system"_s, u"light"_s, u"dark"_s}; // in the order of ThemeChoice

} // namespace

Settings::Settings()
    : m_settings(u"loopscope"_s, u"loopscope"_s)
{
}

Settings::Settings(const QString &fileName)
    : m_settings(fileName, QSettings::IniFormat)
{
}

Settings::Layout Settings::layout() const
{
    if (m_settings.value(versionKey).toInt() != layoutVersion)
        return {};
    const auto read = [this](const QString &key) {
        const QByteArray value = m_settings.value(key).toByteArray();
        return value.size() > maximumLayoutBytes ? QByteArray() : value;
    };
    return {read(geometryKey), read(docksKey), read(columnsKey)};
}

void Settings::setLayout(const Layout &layout)
{
    m_settings.setValue(versionKey, layoutVersion);
    m_settings.setValue(geometryKey, layout.geometry);
    m_settings.setValue(docksKey, layout.docks);
    m_settings.setValue(columnsKey, layout.columns);
}

void Settings::resetLayout()
{
    m_settings.remove(u"layout"_s);
}

ThemeChoice Settings::theme() const
{
    const qsizetype index = themeWords.indexOf(m_settings.value(themeKey).toString());
    return index < 0 ? ThemeChoice::System : ThemeChoice(index);
}

void Settings::setTheme(ThemeChoice theme)
{
    m_settings.setValue(themeKey, themeWords.at(qsizetype(theme)));
}

quint16 Settings::port() const
{
    bool ok = false;
    const int port = m_settings.value(portKey).toInt(&ok);
    return ok && port >= 0 && port <= 65535 ? quint16(port) : defaultPort;
}

void Settings::setPort(quint16 port)
{
    m_settings.setValue(portKey, int(port));
}

RequestDraft Settings::draft() const
{
    const QByteArray json = m_settings.value(draftKey).toByteArray();
    return RequestDraft::fromJson(QJsonDocument::fromJson(json).object());
}

void Settings::setDraft(const RequestDraft &draft)
{
    const QByteArray json = QJsonDocument(draft.toJson()).toJson(QJsonDocument::Compact);
    if (json.size() <= maximumDraftBytes)
        m_settings.setValue(draftKey, json);
}

} // namespace loopscope::app
