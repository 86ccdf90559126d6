// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtWidgets/QDialog>

QT_BEGIN_NAMESPACE
class QAction;
QT_END_NAMESPACE

namespace loopscope::app {

// F1: how to begin, and every shortcut. Made from the window's own actions, so that it cannot go out of date.
// GUI thread; owned by the main window; does not block it.
class HelpDialog final : public QDialog {
    Q_OBJECT

public:
    HelpDialog(const QList<QAction *> &actions, QWidget *parent);
};

} // namespace loopscope::app
