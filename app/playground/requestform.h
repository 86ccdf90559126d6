// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/playground/requestdraft.h"

#include <QtWidgets/QWidget>

QT_BEGIN_NAMESPACE
class QCheckBox;
class QComboBox;
class QLineEdit;
class QPlainTextEdit;
class QSpinBox;
class QStackedWidget;
class QTabWidget;
QT_END_NAMESPACE

namespace loopscope::app {

class FieldTable;

// Where a person composes a request: method, path, fields or text, headers, pieces, how many at once.
// GUI thread; owned by the PlaygroundPanel. It sends nothing itself.
class RequestForm final : public QWidget {
    Q_OBJECT

public:
    explicit RequestForm(QWidget *parent = nullptr);

    [[nodiscard]] RequestDraft draft() const;
    // Fills every field; what is being edited is replaced.
    void setDraft(const RequestDraft &draft);
    void focusPath();

Q_SIGNALS:
    // Return in the path.
    void sendRequested();

private:
    QWidget *makeTarget();
    QWidget *makeBody();
    QWidget *makePacing();
    void updateHints();

    QComboBox *m_method = nullptr;
    QLineEdit *m_target = nullptr;
    QComboBox *m_bodyKind = nullptr;
    QStackedWidget *m_bodies = nullptr;
    FieldTable *m_fields = nullptr;
    QPlainTextEdit *m_raw = nullptr;
    QSpinBox *m_filler = nullptr;
    QTabWidget *m_tabs = nullptr;
    FieldTable *m_headers = nullptr;
    QSpinBox *m_pieces = nullptr;
    QSpinBox *m_pause = nullptr;
    QComboBox *m_repeat = nullptr;
    QCheckBox *m_follow = nullptr;
};

} // namespace loopscope::app
