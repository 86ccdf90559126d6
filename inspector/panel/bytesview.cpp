// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/panel/bytesview.h"

#include <QtCore/QLocale>
#include <QtGui/QClipboard>
#include <QtGui/QContextMenuEvent>
#include <QtGui/QFontDatabase>
#include <QtGui/QGuiApplication>
#include <QtGui/QPainter>
#include <QtWidgets/QMenu>
#include <QtWidgets/QScrollBar>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace loopscope::panel {

namespace {
constexpr int margin = 4; // px left and right of a line
constexpr int offsetDigits = 6; // hex digits; more are shown when a body is larger than 16 MiB
constexpr qsizetype maximumCopiedLines = 65'536; // 1 MiB of body at 16 bytes a line

QChar shown(char byte)
{
    return byte >= 0x20 && byte < 0x7f ? QLatin1Char(byte) : QChar(u'·');
}
} // namespace

BytesView::BytesView(QWidget *parent)
    : QAbstractScrollArea(parent)
{
    setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    setFocusPolicy(Qt::StrongFocus);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAsNeeded);
    viewport()->setBackgroundRole(QPalette::Base);
    viewport()->setCursor(Qt::IBeamCursor);
    setAccessibleName(tr("Bytes as hex and text"));
}

void BytesView::setBytes(const QList<BytePiece> &pieces, qint64 totalBytes)
{
    if (pieces == m_pieces && totalBytes == m_totalBytes)
        return;
    const bool grew = totalBytes >= m_totalBytes && !m_pieces.isEmpty() && !pieces.isEmpty()
        && pieces.size() >= m_pieces.size() && pieces.first() == m_pieces.first();
    m_pieces = pieces;
    m_totalBytes = totalBytes;
    if (!grew) {
        m_anchor = -1;
        m_caret = 0;
        verticalScrollBar()->setValue(0);
    }
    layOut();
}

void BytesView::setEmptyText(const QString &text)
{
    m_emptyText = text;
    viewport()->update();
}

QString BytesView::lineText(int line) const
{
    const ByteLines::Line at = m_lines.at(line);
    if (at.bytes.isEmpty())
        return tr("… %1 bytes were not kept …").arg(QLocale().toString(at.missingBytes));
    QString hex;
    QString text;
    for (qsizetype i = 0; i < m_bytesPerLine; ++i) {
        if (i < at.bytes.size()) {
            hex += u"%1 "_s.arg(quint8(at.bytes[i]), 2, 16, QLatin1Char('0'));
            text += shown(at.bytes[i]);
        } else {
            hex += "   "_L1;
        }
        if (i == 7 && m_bytesPerLine > 8)
            hex += u' ';
    }
    return u"%1  %2 %3"_s.arg(QString::number(at.offset, 16).rightJustified(offsetDigits, u'0'), hex, text);
}

void BytesView::selectAll()
{
    m_anchor = 0;
    m_caret = std::max(0, lineCount() - 1);
    viewport()->update();
}

void BytesView::copySelection() const
{
    if (m_anchor < 0 || lineCount() == 0)
        return;
    const int first = std::min(m_anchor, m_caret);
    const qsizetype count = std::min<qsizetype>(std::abs(m_anchor - m_caret) + 1, maximumCopiedLines);
    QString text;
    for (int i = first; i < first + int(count); ++i)
        text += lineText(i) + u'\n';
    QGuiApplication::clipboard()->setText(text);
}

QSize BytesView::sizeHint() const
{
    return {fontMetrics().horizontalAdvance(u'0') * 44 + 2 * margin, lineHeight() * 8};
}

void BytesView::layOut()
{
    const int advance = std::max(1, fontMetrics().horizontalAdvance(u'0'));
    const auto columns = [](int bytes) { return offsetDigits + 2 + 3 * bytes + (bytes > 8 ? 1 : 0) + 1 + bytes; };
    m_bytesPerLine = viewport()->width() >= columns(16) * advance + 2 * margin ? 16 : 8;
    m_lines = ByteLines(m_pieces, m_totalBytes, m_bytesPerLine);
    m_caret = std::clamp(m_caret, 0, std::max(0, lineCount() - 1));
    m_anchor = std::min(m_anchor, lineCount() - 1);
    verticalScrollBar()->setPageStep(visibleLines());
    verticalScrollBar()->setRange(0, std::max(0, lineCount() - visibleLines()));
    horizontalScrollBar()->setPageStep(viewport()->width());
    horizontalScrollBar()->setRange(
        0, lineCount() ? std::max(0, columns(m_bytesPerLine) * advance + 2 * margin - viewport()->width()) : 0);
    viewport()->update();
}

void BytesView::paintEvent(QPaintEvent *)
{
    QPainter painter(viewport());
    if (lineCount() == 0) {
        painter.setPen(palette().color(QPalette::PlaceholderText));
        QFont plain = QGuiApplication::font();
        painter.setFont(plain);
        painter.drawText(viewport()->rect().adjusted(12, 12, -12, -12), Qt::AlignCenter | Qt::TextWordWrap, m_emptyText);
        return;
    }
    const int first = verticalScrollBar()->value();
    const int last = std::min(lineCount() - 1, first + visibleLines());
    for (int i = first; i <= last; ++i)
        paintLine(painter, i, (i - first) * lineHeight());
}

void BytesView::paintLine(QPainter &painter, int line, int y) const
{
    const QRect row(0, y, viewport()->width(), lineHeight());
    const bool selected = m_anchor >= 0 && line >= std::min(m_anchor, m_caret) && line <= std::max(m_anchor, m_caret);
    const QPalette::ColorGroup group = hasFocus() ? QPalette::Active : QPalette::Inactive;
    if (selected)
        painter.fillRect(row, palette().brush(group, QPalette::Highlight));
    const QColor ink = palette().color(group, selected ? QPalette::HighlightedText : QPalette::Text);
    const QColor faint = selected ? ink : palette().color(group, QPalette::PlaceholderText);
    const QString text = lineText(line);
    const bool gap = m_lines.at(line).bytes.isEmpty();
    const int baseline = y + fontMetrics().ascent() + 1;
    const int x = margin - horizontalScrollBar()->value();
    painter.setPen(gap ? faint : ink);
    if (gap) {
        painter.drawText(x, baseline, text);
        return;
    }
    const qsizetype offsetEnd = text.indexOf(u' ');
    painter.setPen(faint);
    painter.drawText(x, baseline, text.left(offsetEnd));
    painter.setPen(ink);
    painter.drawText(x + int(offsetEnd) * fontMetrics().horizontalAdvance(u'0'), baseline, text.mid(offsetEnd));
}

void BytesView::resizeEvent(QResizeEvent *event)
{
    QAbstractScrollArea::resizeEvent(event);
    layOut();
}

void BytesView::changeEvent(QEvent *event)
{
    QAbstractScrollArea::changeEvent(event);
    if (event->type() == QEvent::FontChange)
        layOut();
}

void BytesView::keyPressEvent(QKeyEvent *event)
{
    const bool extend = event->modifiers() & Qt::ShiftModifier;
    if (event->matches(QKeySequence::Copy))
        return copySelection();
    if (event->matches(QKeySequence::SelectAll))
        return selectAll();
    switch (event->key()) {
    case Qt::Key_Up: return moveCaret(m_caret - 1, extend);
    case Qt::Key_Down: return moveCaret(m_caret + 1, extend);
    case Qt::Key_PageUp: return moveCaret(m_caret - visibleLines(), extend);
    case Qt::Key_PageDown: return moveCaret(m_caret + visibleLines(), extend);
    case Qt::Key_Home: return moveCaret(0, extend);
    case Qt::Key_End: return moveCaret(lineCount() - 1, extend);
    default: QAbstractScrollArea::keyPressEvent(event);
    }
}

void BytesView::moveCaret(int line, bool extend)
{
    m_caret = std::clamp(line, 0, std::max(0, lineCount() - 1));
    if (!extend || m_anchor < 0)
        m_anchor = m_caret;
    QScrollBar *bar = verticalScrollBar();
    if (m_caret < bar->value())
        bar->setValue(m_caret);
    else if (m_caret >= bar->value() + visibleLines())
        bar->setValue(m_caret - visibleLines() + 1);
    viewport()->update();
}

void BytesView::mousePressEvent(QMouseEvent *event)
{
    if (event->button() == Qt::LeftButton)
        moveCaret(lineAt(event->pos()), event->modifiers() & Qt::ShiftModifier);
}

void BytesView::mouseMoveEvent(QMouseEvent *event)
{
    if (event->buttons() & Qt::LeftButton)
        moveCaret(lineAt(event->pos()), true);
}

void BytesView::contextMenuEvent(QContextMenuEvent *event)
{
    QMenu menu(this);
    menu.addAction(tr("&Copy"), QKeySequence::Copy, this, &BytesView::copySelection)->setEnabled(m_anchor >= 0);
    menu.addAction(tr("Select &all"), QKeySequence::SelectAll, this, &BytesView::selectAll)->setEnabled(lineCount() > 0);
    menu.exec(event->globalPos());
}

void BytesView::focusInEvent(QFocusEvent *event)
{
    QAbstractScrollArea::focusInEvent(event);
    viewport()->update();
}

void BytesView::focusOutEvent(QFocusEvent *event)
{
    QAbstractScrollArea::focusOutEvent(event);
    viewport()->update();
}

int BytesView::lineHeight() const
{
    return fontMetrics().height() + 2;
}

int BytesView::lineAt(const QPoint &position) const
{
    return verticalScrollBar()->value() + position.y() / lineHeight();
}

int BytesView::visibleLines() const
{
    return std::max(1, viewport()->height() / lineHeight());
}

} // namespace loopscope::panel
