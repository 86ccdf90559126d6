// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtWidgets/QPlainTextEdit>

namespace loopscope::panel {

// Read-only text from the network: headings, "name: value" lines and notes, selectable by mouse and keyboard.
//
// GUI thread. Everything is inserted as plain text and shown by visibleText(), so that no header can draw markup or
// turn the line around. fill() keeps scroll position and selection if nothing changed.
class TextPane final : public QPlainTextEdit {
    Q_OBJECT

public:
    struct Line {
        enum class Style { Heading, Field, Text, Note };
        Style style = Style::Text;
        QString name; // of a field
        QString text; // heading, value, text or note

        friend bool operator==(const Line &, const Line &) = default;
    };

    explicit TextPane(QWidget *parent = nullptr);

    void fill(const QList<Line> &lines);
    [[nodiscard]] const QList<Line> &lines() const noexcept { return m_lines; }

protected:
    void changeEvent(QEvent *event) override;

private:
    void insertLines();

    QList<Line> m_lines;
};

} // namespace loopscope::panel
