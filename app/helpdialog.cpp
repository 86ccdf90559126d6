// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/helpdialog.h"

#include <QtGui/QAction>
#include <QtWidgets/QDialogButtonBox>
#include <QtWidgets/QTextBrowser>
#include <QtWidgets/QVBoxLayout>

using namespace Qt::StringLiterals;

namespace loopscope::app {

namespace {

QString row(const QString &keys, const QString &what)
{
    return u"<tr><td style='padding-right:18px'><b>%1</b></td><td>%2</td></tr>"_s.arg(keys.toHtmlEscaped(),
                                                                                      what.toHtmlEscaped());
}

QString withoutMnemonic(QString text)
{
    return text.remove(u'&');
}

QString firstSteps()
{
    return u"<h3>%1</h3><ol><li>%2</li><li>%3</li><li>%4</li><li>%5</li></ol>"_s.arg(
        HelpDialog::tr("First steps"),
        HelpDialog::tr("Press <b>Start</b> (F5): a real server listens on this machine, on a thread of its own."),
        HelpDialog::tr("Fill the playground by one of its buttons and press <b>Send</b>, or open the address in a "
                       "browser."),
        HelpDialog::tr("Watch the scope: what the loop, the workers and each connection do. Click anything: it is then "
                       "selected everywhere, and the detail shows its headers, chunks and middleware."),
        HelpDialog::tr("Press <b>Drain</b> while a download runs: no new connections, what is in flight is finished, "
                       "the rest is cut at the deadline."));
}

QString viewKeys()
{
    const QString keys = row(u"Ctrl+Wheel, W S, + −"_s, HelpDialog::tr("zoom the scope"))
        + row(u"Wheel, A D, ← →"_s, HelpDialog::tr("scroll the scope")) + row(u"F"_s, HelpDialog::tr("fit the selection"))
        + row(u"Shift+Drag"_s, HelpDialog::tr("measure a range of time"))
        + row(u", ."_s, HelpDialog::tr("the slice before, the slice after"))
        + row(u"Home End"_s, HelpDialog::tr("the beginning and the newest end"))
        + row(u"Ctrl+R"_s, HelpDialog::tr("in the table: send the selected request again"));
    return u"<h3>%1</h3><table>%2</table>"_s.arg(HelpDialog::tr("In the views"), keys);
}

} // namespace

HelpDialog::HelpDialog(const QList<QAction *> &actions, QWidget *parent)
    : QDialog(parent)
{
    setWindowTitle(tr("Help: how to begin, and the keys"));
    QString keys;
    for (const QAction *action : actions) {
        if (!action->shortcut().isEmpty())
            keys += row(action->shortcut().toString(QKeySequence::NativeText), withoutMnemonic(action->text()));
    }
    auto *text = new QTextBrowser;
    text->setOpenLinks(false);
    text->setHtml(firstSteps() + u"<h3>%1</h3><table>%2</table>"_s.arg(tr("Everywhere"), keys) + viewKeys());
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto *layout = new QVBoxLayout(this);
    layout->addWidget(text);
    layout->addWidget(buttons);
    resize(560, 560);
}

} // namespace loopscope::app
