// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/panel/bytelines.h"

#include <QtWidgets/QAbstractScrollArea>

namespace loopscope::panel {

// Bytes as hex and text side by side, eight or sixteen to a line as the width allows: what a body really was.
//
// GUI thread. Paints the visible lines only, so that a megabyte costs no more than a screenful. Selection is by whole
// lines (mouse, Shift with the arrow keys, Ctrl+A); Ctrl+C copies them as they are shown.
class BytesView final : public QAbstractScrollArea {
    Q_OBJECT

public:
    explicit BytesView(QWidget *parent = nullptr);

    // As ByteLines takes them. Keeps the scroll position if the bytes only grew.
    void setBytes(const QList<BytePiece> &pieces, qint64 totalBytes);
    // What stands there when there are no bytes; plain text.
    void setEmptyText(const QString &text);

    [[nodiscard]] int lineCount() const noexcept { return m_lines.count(); }
    // A line as shown and copied: "00000010  6e 61 6d 65 3d …  name=…".
    [[nodiscard]] QString lineText(int line) const;
    [[nodiscard]] int bytesPerLine() const noexcept { return m_bytesPerLine; }
    void selectAll();
    void copySelection() const;

    [[nodiscard]] QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void changeEvent(QEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;
    void focusInEvent(QFocusEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;

private:
    void layOut();
    void moveCaret(int line, bool extend);
    [[nodiscard]] int lineHeight() const;
    [[nodiscard]] int lineAt(const QPoint &position) const;
    [[nodiscard]] int visibleLines() const;
    void paintLine(QPainter &painter, int line, int y) const;

    QList<BytePiece> m_pieces;
    qint64 m_totalBytes = 0;
    ByteLines m_lines;
    QString m_emptyText;
    int m_bytesPerLine = 8;
    int m_caret = 0; // the line that keys move
    int m_anchor = -1; // the other end of the selection; -1: nothing is selected
};

} // namespace loopscope::panel
