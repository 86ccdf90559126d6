// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/playground/responseview.h"

#include "inspector/model/formatting.h"
#include "inspector/panel/plaintext.h"
#include "inspector/theme/fonts.h"

#include <QtGui/QTextCursor>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QLabel>
#include <QtWidgets/QPlainTextEdit>
#include <QtWidgets/QScrollBar>
#include <QtWidgets/QTabWidget>
#include <QtWidgets/QTreeWidget>
#include <QtWidgets/QVBoxLayout>

using namespace Qt::StringLiterals;

namespace loopscope::app {

namespace {

QString shown(const QByteArray &bytes)
{
    return panel::visibleText(QString::fromUtf8(bytes));
}

} // namespace

ResponseView::ResponseView(QWidget *parent)
    : QWidget(parent)
    , m_status(new QLabel(tr("Nothing sent yet: press Send.")))
    , m_summary(new QLabel)
    , m_tabs(new QTabWidget)
    , m_answer(new QPlainTextEdit)
    , m_events(new QTreeWidget)
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins({});
    for (QLabel *label : {m_status, m_summary}) {
        label->setTextFormat(Qt::PlainText); // it may quote what a server sent
        label->setWordWrap(true);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    }
    m_summary->hide();
    m_answer->setReadOnly(true);
    m_answer->setFont(theme::monospaceFont(font()));
    m_answer->setPlaceholderText(tr("Status, headers and body of the answer, as they arrive"));
    m_answer->setAccessibleName(tr("Answer"));
    m_answer->setMaximumBlockCount(20'000);
    m_events->setColumnCount(3);
    m_events->setHeaderLabels({tr("Time"), tr("Event"), tr("Size")});
    m_events->setRootIsDecorated(false);
    m_events->setUniformRowHeights(true);
    m_events->setFont(theme::tabularFont(font()));
    m_events->setAccessibleName(tr("Events"));
    m_events->header()->setStretchLastSection(false);
    m_events->header()->setSectionResizeMode(0, QHeaderView::ResizeToContents);
    m_events->header()->setSectionResizeMode(1, QHeaderView::Stretch);
    m_events->header()->setSectionResizeMode(2, QHeaderView::ResizeToContents);
    m_events->headerItem()->setTextAlignment(0, Qt::AlignRight | Qt::AlignVCenter);
    m_events->headerItem()->setTextAlignment(2, Qt::AlignRight | Qt::AlignVCenter);
    m_tabs->setDocumentMode(true);
    m_tabs->addTab(m_answer, tr("A&nswer"));
    m_tabs->addTab(m_events, tr("&Times"));
    layout->addWidget(m_status);
    layout->addWidget(m_summary);
    layout->addWidget(m_tabs, 1);
}

void ResponseView::follow(PacedRequest *request)
{
    if (m_request)
        m_request->disconnect(this);
    m_request = request;
    m_answer->clear();
    m_events->clear();
    m_unlisted = 0;
    m_bodyBytes = 0;
    m_decoder = QStringDecoder(QStringDecoder::Utf8);
    m_status->setText(tr("Connecting …"));
    setSummary({});
    connect(request, &QObject::destroyed, this, [this, request] {
        if (m_request == request)
            m_request = nullptr;
    });
    connect(request, &PacedRequest::connected, this, [this](std::chrono::nanoseconds at) {
        m_status->setText(tr("Sending …"));
        addEvent(at, tr("→ connected"));
    });
    connect(request, &PacedRequest::pieceSent, this,
            [this](int piece, int pieces, qint64 bytes, std::chrono::nanoseconds at) {
                if (m_bodyBytes == 0)
                    m_status->setText(piece < pieces ? tr("Sent piece %1 of %2").arg(piece).arg(pieces)
                                                     : tr("Sent; waiting for the answer …"));
                addEvent(at, pieces == 1 ? tr("→ request") : tr("→ piece %1 of %2").arg(piece).arg(pieces),
                         model::formatSize(bytes));
            });
    connect(request, &PacedRequest::headReceived, this, &ResponseView::showHead);
    connect(request, &PacedRequest::bodyReceived, this, &ResponseView::showBody);
    connect(request, &PacedRequest::redirected, this,
            [this](const QByteArray &method, const QByteArray &target, std::chrono::nanoseconds at) {
                const QString next = shown(method + ' ' + target);
                append(u"\n\n"_s + tr("⇢ redirected to %1").arg(next) + u"\n\n"_s);
                addEvent(at, tr("⇢ %1").arg(next));
                m_bodyBytes = 0;
                m_decoder = QStringDecoder(QStringDecoder::Utf8);
            });
    connect(request, &PacedRequest::finished, this, [this, request](std::chrono::nanoseconds at) {
        const ResponseHead &head = request->responseHead();
        showEnd(tr("%1 %2 · %3 · %4")
                    .arg(head.status)
                    .arg(shown(head.reason), model::formatSize(request->bodyBytes()), model::formatDuration(at.count())),
                at);
    });
    connect(request, &PacedRequest::failed, this,
            [this](const QString &sentence, std::chrono::nanoseconds at) { showEnd(sentence, at); });
    connect(request, &PacedRequest::cancelled, this, [this](std::chrono::nanoseconds at) {
        showEnd(tr("Cancelled after %1").arg(model::formatDuration(at.count())), at);
    });
}

void ResponseView::setSummary(const QString &text)
{
    m_summary->setText(text);
    m_summary->setVisible(!text.isEmpty());
}

QString ResponseView::statusText() const
{
    return m_status->text();
}

QString ResponseView::answerText() const
{
    return m_answer->toPlainText();
}

int ResponseView::eventCount() const
{
    return m_events->topLevelItemCount();
}

void ResponseView::addEvent(std::chrono::nanoseconds at, const QString &what, const QString &size)
{
    const QScrollBar *bar = m_events->verticalScrollBar();
    const bool atEnd = bar->value() >= bar->maximum() - 1;
    const QStringList columns{model::formatDuration(at.count()), what, size};
    QTreeWidgetItem *item = nullptr;
    if (m_events->topLevelItemCount() < maximumEvents) {
        item = new QTreeWidgetItem(columns);
        item->setTextAlignment(0, Qt::AlignRight | Qt::AlignVCenter);
        item->setTextAlignment(2, Qt::AlignRight | Qt::AlignVCenter);
        m_events->addTopLevelItem(item);
    } else {
        item = m_events->topLevelItem(maximumEvents - 1);
        item->setText(0, columns.at(0));
        item->setText(1, tr("… %n more event(s); the latest: %1", nullptr, ++m_unlisted).arg(what));
        item->setText(2, columns.at(2));
    }
    item->setToolTip(1, panel::plainToolTip(item->text(1)));
    if (atEnd)
        m_events->scrollToItem(item);
}

void ResponseView::append(const QString &text)
{
    QScrollBar *bar = m_answer->verticalScrollBar();
    const int position = bar->value();
    // The status and the headers stay in view, unless a person has gone to the end to see what comes.
    const bool follows = position > 0 && position >= bar->maximum();
    QTextCursor cursor(m_answer->document());
    cursor.movePosition(QTextCursor::End);
    cursor.insertText(text);
    bar->setValue(follows ? bar->maximum() : position);
}

void ResponseView::showHead(const ResponseHead &head, std::chrono::nanoseconds at)
{
    QString text = shown(head.statusLine()) + u'\n';
    for (const HeaderField &field : head.headers)
        text += shown(field.name) + u": "_s + shown(field.value) + u'\n';
    append(text + u'\n');
    m_status->setText(shown(head.statusLine()));
    addEvent(at, u"← "_s + shown(head.statusLine()));
}

void ResponseView::showBody(const QByteArray &bytes, std::chrono::nanoseconds at)
{
    const qint64 room = maximumShownBytes - m_bodyBytes;
    m_bodyBytes += bytes.size();
    addEvent(at, tr("← body"), model::formatSize(bytes.size()));
    if (m_request)
        m_status->setText(tr("%1 · %2 so far")
                              .arg(shown(m_request->responseHead().statusLine()), model::formatSize(m_bodyBytes)));
    if (room <= 0)
        return;
    const QString text = m_decoder.decode(QByteArrayView(bytes).first(std::min<qint64>(room, bytes.size())));
    append(panel::visibleText(text, true));
    if (bytes.size() > room)
        append(u"\n"_s + tr("… (the first %1 are shown)").arg(model::formatSize(maximumShownBytes)) + u'\n');
}

void ResponseView::showEnd(const QString &status, std::chrono::nanoseconds at)
{
    m_status->setText(status);
    addEvent(at, u"■ "_s + status);
}

} // namespace loopscope::app
