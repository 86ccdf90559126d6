// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/playground/requestform.h"

#include "app/playground/fieldtable.h"

#include <QtWidgets/QCheckBox>
#include <QtWidgets/QComboBox>
#include <QtWidgets/QCompleter>
#include <QtWidgets/QFormLayout>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QPlainTextEdit>
#include <QtWidgets/QSpinBox>
#include <QtWidgets/QStackedWidget>
#include <QtWidgets/QTabWidget>

using namespace Qt::StringLiterals;

namespace loopscope::app {

RequestForm::RequestForm(QWidget *parent)
    : QWidget(parent)
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins({});
    layout->addWidget(makeTarget());
    m_tabs = new QTabWidget;
    m_tabs->setDocumentMode(true);
    m_tabs->addTab(makeBody(), QString());
    m_headers = new FieldTable(tr("Headers"));
    m_tabs->addTab(m_headers, QString());
    layout->addWidget(m_tabs, 1);
    layout->addWidget(makePacing());
    connect(m_headers, &FieldTable::edited, this, &RequestForm::updateHints);
    connect(m_fields, &FieldTable::edited, this, &RequestForm::updateHints);
    connect(m_method, &QComboBox::currentTextChanged, this, &RequestForm::updateHints);
    connect(m_bodyKind, &QComboBox::currentIndexChanged, this, &RequestForm::updateHints);
    setDraft({});
}

QWidget *RequestForm::makeTarget()
{
    auto *row = new QWidget;
    auto *layout = new QHBoxLayout(row);
    layout->setContentsMargins({});
    m_method = new QComboBox;
    m_method->addItems({u"GET"_s, u"POST"_s, u"PUT"_s, u"PATCH"_s, u"DELETE"_s, u"HEAD"_s, u"OPTIONS"_s});
    m_method->setEditable(true); // any method is worth a try: the server answers 405 or 400
    m_method->setInsertPolicy(QComboBox::NoInsert);
    m_method->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_method->setToolTip(tr("Method; any other may be typed"));
    m_method->setAccessibleName(tr("Method"));
    m_target = new QLineEdit;
    m_target->setPlaceholderText(tr("/path?query"));
    m_target->setToolTip(tr("Path and query; the practice site's own are offered while you type"));
    m_target->setAccessibleName(tr("Path"));
    auto *completer = new QCompleter(practicePaths(), this);
    completer->setFilterMode(Qt::MatchContains);
    m_target->setCompleter(completer);
    connect(m_target, &QLineEdit::returnPressed, this, &RequestForm::sendRequested);
    layout->addWidget(m_method);
    layout->addWidget(m_target, 1);
    return row;
}

QWidget *RequestForm::makeBody()
{
    auto *page = new QWidget;
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 4, 0, 0);
    m_bodyKind = new QComboBox;
    m_bodyKind->addItems({tr("Form fields (urlencoded)"), tr("Fields as JSON"), tr("Text"), tr("Filler of a given size")});
    m_bodyKind->setAccessibleName(tr("Kind of body"));
    m_bodyKind->setToolTip(tr("How the body is made"));
    m_bodies = new QStackedWidget;
    m_fields = new FieldTable(tr("Form fields"));
    m_raw = new QPlainTextEdit;
    m_raw->setTabChangesFocus(true);
    m_raw->setPlaceholderText(tr("The body, as it is sent"));
    m_raw->setAccessibleName(tr("Body"));
    m_raw->setMinimumHeight(fontMetrics().height() * 4);
    m_raw->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Ignored); // as high as the fields' table
    auto *fillerPage = new QWidget;
    auto *fillerLayout = new QFormLayout(fillerPage);
    m_filler = new QSpinBox;
    m_filler->setRange(0, RequestDraft::maximumFillerKiB);
    m_filler->setSuffix(tr(" KiB"));
    m_filler->setGroupSeparatorShown(true);
    m_filler->setSingleStep(64);
    fillerLayout->addRow(tr("Si&ze"), m_filler);
    m_bodies->addWidget(m_fields);
    m_bodies->addWidget(m_raw);
    m_bodies->addWidget(fillerPage);
    connect(m_bodyKind, &QComboBox::currentIndexChanged, this, [this](int kind) {
        constexpr int fieldsPage = 0, rawPage = 1, fillerPageIndex = 2;
        m_bodies->setCurrentIndex(kind == int(RequestDraft::Body::Filler) ? fillerPageIndex
                                      : kind == int(RequestDraft::Body::Raw) ? rawPage
                                                                             : fieldsPage);
    });
    layout->addWidget(m_bodyKind);
    layout->addWidget(m_bodies, 1);
    return page;
}

QWidget *RequestForm::makePacing()
{
    auto *box = new QWidget;
    auto *layout = new QGridLayout(box);
    layout->setContentsMargins({});
    m_pieces = new QSpinBox;
    m_pieces->setRange(1, PacedRequest::maximumPieces);
    m_pieces->setToolTip(tr("Into how many pieces the body is cut (without a body: the head)"));
    m_pause = new QSpinBox;
    m_pause->setRange(0, int(PacedRequest::maximumPause.count()));
    m_pause->setSingleStep(50);
    m_pause->setSuffix(tr(" ms"));
    m_pause->setToolTip(tr("Pause between one piece and the next"));
    m_repeat = new QComboBox;
    for (const int times : {1, 10, RequestDraft::maximumRepeat})
        m_repeat->addItem(tr("×%1 at once").arg(times), times);
    m_repeat->setToolTip(tr("How many of this request are sent at the same time, each on its own connection"));
    m_repeat->setAccessibleName(tr("Repeat"));
    m_follow = new QCheckBox(tr("Fo&llow redirects"));
    m_follow->setToolTip(tr("Send the request that a redirect asks for, as a browser does"));
    auto *piecesLabel = new QLabel(tr("&Pieces"));
    piecesLabel->setBuddy(m_pieces);
    auto *pauseLabel = new QLabel(tr("pa&use"));
    pauseLabel->setBuddy(m_pause);
    layout->addWidget(piecesLabel, 0, 0);
    layout->addWidget(m_pieces, 0, 1);
    layout->addWidget(pauseLabel, 0, 2);
    layout->addWidget(m_pause, 0, 3);
    layout->addWidget(m_follow, 1, 0, 1, 3);
    layout->addWidget(m_repeat, 1, 3);
    layout->setColumnStretch(1, 1);
    layout->setColumnStretch(3, 1);
    return box;
}

void RequestForm::updateHints()
{
    const auto count = m_headers->fields().size();
    m_tabs->setTabText(1, count ? tr("&Headers (%1)").arg(count) : tr("&Headers"));
    const QString method = m_method->currentText();
    const bool query = m_bodyKind->currentIndex() == int(RequestDraft::Body::UrlEncoded)
        && (method == "GET"_L1 || method == "HEAD"_L1);
    m_tabs->setTabText(0, query ? tr("Quer&y") : tr("Bod&y"));
}

RequestDraft RequestForm::draft() const
{
    RequestDraft draft;
    draft.method = m_method->currentText().trimmed();
    draft.target = m_target->text();
    draft.body = RequestDraft::Body(m_bodyKind->currentIndex());
    draft.fields = m_fields->fields();
    draft.headers = m_headers->fields();
    draft.raw = m_raw->toPlainText();
    draft.fillerKiB = m_filler->value();
    draft.pieces = m_pieces->value();
    draft.pauseMs = m_pause->value();
    draft.repeat = m_repeat->currentData().toInt();
    draft.followRedirects = m_follow->isChecked();
    return draft;
}

void RequestForm::setDraft(const RequestDraft &draft)
{
    m_method->setCurrentText(draft.method);
    m_target->setText(draft.target);
    m_target->setCursorPosition(0);
    m_bodyKind->setCurrentIndex(int(draft.body));
    m_fields->setFields(draft.fields);
    m_headers->setFields(draft.headers);
    m_raw->setPlainText(draft.raw);
    m_filler->setValue(draft.fillerKiB);
    m_pieces->setValue(draft.pieces);
    m_pause->setValue(draft.pauseMs);
    m_repeat->setCurrentIndex(std::max(0, m_repeat->findData(draft.repeat)));
    m_follow->setChecked(draft.followRedirects);
    m_tabs->setCurrentIndex(0);
    updateHints();
}

void RequestForm::focusPath()
{
    m_target->setFocus();
    m_target->selectAll();
}

} // namespace loopscope::app
