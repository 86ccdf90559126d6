// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/panel/textpane.h"

#include "inspector/panel/plaintext.h"

#include <QtGui/QTextBlock>
#include <QtWidgets/QScrollBar>

using namespace Qt::StringLiterals;

namespace loopscope::panel {

TextPane::TextPane(QWidget *parent)
    : QPlainTextEdit(parent)
{
    setReadOnly(true);
    setUndoRedoEnabled(false);
    setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    setWordWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    setTabChangesFocus(true);
}

void TextPane::fill(const QList<Line> &lines)
{
    if (lines == m_lines)
        return;
    const bool grew = lines.size() >= m_lines.size() && !m_lines.isEmpty() && lines.first() == m_lines.first();
    const int scroll = grew ? verticalScrollBar()->value() : 0;
    m_lines = lines;
    insertLines();
    verticalScrollBar()->setValue(scroll);
}

void TextPane::changeEvent(QEvent *event)
{
    QPlainTextEdit::changeEvent(event);
    // formats hold colours of the palette that they were made with
    if (event->type() == QEvent::PaletteChange && !m_lines.isEmpty())
        insertLines();
}

void TextPane::insertLines()
{
    QTextCharFormat plain;
    plain.setForeground(palette().color(QPalette::Text));
    QTextCharFormat heading = plain;
    heading.setFontWeight(QFont::Bold);
    QTextCharFormat note = plain;
    note.setForeground(palette().color(QPalette::PlaceholderText));
    note.setFontItalic(true);
    QTextCharFormat name = plain;
    name.setFontWeight(QFont::DemiBold);
    name.setForeground(palette().color(QPalette::Link));

    clear();
    QTextCursor cursor(document());
    cursor.beginEditBlock();
    bool first = true;
    for (const Line &line : std::as_const(m_lines)) {
        if (!first)
            cursor.insertBlock();
        if (line.style == Line::Style::Heading && !first)
            cursor.insertBlock();
        first = false;
        switch (line.style) {
        case Line::Style::Heading: cursor.insertText(line.text, heading); break;
        case Line::Style::Field:
            cursor.insertText(visibleText(line.name) + u": "_s, name);
            cursor.insertText(visibleText(line.text), plain);
            break;
        case Line::Style::Text: cursor.insertText(visibleText(line.text, true), plain); break;
        case Line::Style::Note: cursor.insertText(line.text, note); break;
        }
    }
    cursor.endEditBlock();
    moveCursor(QTextCursor::Start);
}

} // namespace loopscope::panel
