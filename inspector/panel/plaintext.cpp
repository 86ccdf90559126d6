// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/panel/plaintext.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QStringView>

using namespace Qt::StringLiterals;

namespace loopscope::panel {

namespace {
// Unicode's format characters (Cf: bidirectional controls, zero-width joiners, …), controls and line separators.
bool isHidden(QChar character)
{
    switch (character.category()) {
    case QChar::Other_Control:
    case QChar::Other_Format:
    case QChar::Other_PrivateUse:
    case QChar::Separator_Line:
    case QChar::Separator_Paragraph: return true;
    default: return false;
    }
}
} // namespace

QString plainToolTip(const QString &text)
{
    if (text.isEmpty())
        return {};
    QString shown = text.left(maximumToolTipCharacters).toHtmlEscaped();
    if (text.size() > maximumToolTipCharacters)
        shown += QCoreApplication::translate("loopscope::panel", " … (%1 characters in all)").arg(text.size());
    return u"<p style=\"white-space: pre-wrap\">"_s + shown + u"</p>"_s;
}

QString visibleText(QStringView text, bool keepLines)
{
    QString shown;
    shown.reserve(text.size());
    for (const QChar character : text) {
        if (!isHidden(character) || (keepLines && (character == u'\n' || character == u'\t')))
            shown += character;
        else if (character.unicode() < 0x100)
            shown += u"\\x%1"_s.arg(character.unicode(), 2, 16, QLatin1Char('0'));
        else
            shown += u"\\u%1"_s.arg(character.unicode(), 4, 16, QLatin1Char('0'));
    }
    return shown;
}

} // namespace loopscope::panel
