// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/panel/ladderpage.h"

#include "inspector/panel/emptytext.h"
#include "inspector/panel/listview.h"
#include "inspector/panel/plaintext.h"
#include "inspector/theme/colors.h"

#include <QtCore/QEvent>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QLabel>
#include <QtWidgets/QVBoxLayout>

using namespace Qt::StringLiterals;

namespace loopscope::panel {

using model::LayerModel;

LadderPage::LadderPage(const model::Session &session, QWidget *parent)
    : DetailPage(parent)
    , m_layers(session)
    , m_ladder(session, m_layers)
    , m_stuck(new QLabel(this))
    , m_list(new ListView(tr("Middleware"), this))
{
    m_list->setModel(&m_ladder);
    m_list->setNumericColumns({LayerModel::OwnTime, LayerModel::Start});
    // Step, own time, whether it passed on, where: what matters is in view at the dock's width
    QHeaderView *header = m_list->horizontalHeader();
    header->moveSection(header->visualIndex(LayerModel::Name), 0);
    header->moveSection(header->visualIndex(LayerModel::OwnTime), 1);
    header->moveSection(header->visualIndex(LayerModel::Direction), 2);
    header->moveSection(header->visualIndex(LayerModel::Site), 3);
    m_list->setColumnSample(LayerModel::Name, u"  ↓ POST /message"_s);
    m_list->setColumnSample(LayerModel::OwnTime, u"Own time"_s);
    m_list->setColumnSample(LayerModel::Direction, u"after 99 ms"_s);
    m_list->setColumnSample(LayerModel::Site, u"practicesite.cpp:99"_s);
    new EmptyText(m_list, tr("No middleware or handler ran for this request."));
    m_stuck->setTextFormat(Qt::PlainText);
    m_stuck->setWordWrap(true);
    m_stuck->setContentsMargins(6, 4, 6, 4);
    m_stuck->setAccessibleName(tr("Where the request hangs"));
    m_stuck->hide();
    colorMessage();
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_stuck);
    layout->addWidget(m_list);
    setFocusProxy(m_list);
}

void LadderPage::setRequest(quint64 request)
{
    m_layers.setRequest(request);
}

void LadderPage::refresh(qint64 nowNs)
{
    const QString stuck = m_layers.stuckMessage(nowNs);
    m_stuck->setText(stuck.isEmpty() ? QString() : QString(u"▲ "_s + visibleText(stuck)));
    m_stuck->setVisible(!stuck.isEmpty());
}

void LadderPage::changeEvent(QEvent *event)
{
    DetailPage::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        colorMessage();
}

void LadderPage::colorMessage()
{
    QPalette words; // only what is set here does not follow the window's palette
    words.setColor(QPalette::WindowText, theme::alarmColor(palette()));
    m_stuck->setPalette(words);
}

QString LadderPage::stuckMessage() const
{
    return m_stuck->isHidden() ? QString() : m_stuck->text();
}

} // namespace loopscope::panel
