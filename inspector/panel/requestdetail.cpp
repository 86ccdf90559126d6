// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/panel/requestdetail.h"

#include "inspector/model/requestcolor.h"
#include "inspector/panel/bodypage.h"
#include "inspector/panel/chunkspage.h"
#include "inspector/panel/delayspage.h"
#include "inspector/panel/elidedlabel.h"
#include "inspector/panel/headerspage.h"
#include "inspector/panel/ladderpage.h"
#include "inspector/panel/requestwords.h"
#include "inspector/panel/slicespage.h"
#include "inspector/panel/timingpage.h"
#include "inspector/theme/colors.h"

#include <QtCore/QEvent>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QProxyStyle>
#include <QtWidgets/QStackedWidget>
#include <QtWidgets/QTabBar>
#include <QtWidgets/QTabWidget>
#include <QtWidgets/QVBoxLayout>

using namespace Qt::StringLiterals;

namespace loopscope::panel {

namespace {
// Less room beside the titles of tabs: all seven are in view in a dock of 360 px.
class NarrowTabs final : public QProxyStyle {
public:
    int pixelMetric(PixelMetric metric, const QStyleOption *option, const QWidget *widget) const override
    {
        return metric == PM_TabBarTabHSpace ? 4 : QProxyStyle::pixelMetric(metric, option, widget);
    }
};
} // namespace

RequestDetail::RequestDetail(const model::Session &session, model::ViewState &view, QWidget *parent)
    : QWidget(parent)
    , m_session(session)
    , m_view(view)
    , m_stack(new QStackedWidget(this))
    , m_empty(new QLabel(tr("No request is selected.\nSelect one in the table or in the scope to see its headers, "
                            "bodies, chunks, middleware, times and what it waited for."), this))
    , m_number(new QLabel(this))
    , m_title(new ElidedLabel(this))
    , m_tabs(new QTabWidget(this))
    , m_headers(new HeadersPage(session))
    , m_body(new BodyPage(session))
    , m_chunks(new ChunksPage(session))
    , m_ladder(new LadderPage(session))
    , m_timing(new TimingPage(session))
    , m_delays(new DelaysPage(session, view))
    , m_slices(new SlicesPage(session, view))
    , m_pages{m_headers, m_body, m_chunks, m_ladder, m_timing, m_delays, m_slices}
{
    const QStringList titles{tr("Headers"), tr("Body"),   tr("Chunks"), tr("Middleware"),
                             tr("Timing"),  tr("Delays"), tr("Slices")};
    for (int i = 0; i < m_pages.size(); ++i)
        m_tabs->addTab(m_pages[i], titles[i]);
    m_tabs->setDocumentMode(true);
    m_tabs->setUsesScrollButtons(true);
    auto *narrow = new NarrowTabs;
    narrow->setParent(this);
    m_tabs->tabBar()->setStyle(narrow);
    m_tabs->tabBar()->setExpanding(false);
    m_tabs->tabBar()->setAccessibleName(tr("Ways to look at the request"));

    m_empty->setTextFormat(Qt::PlainText);
    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->setWordWrap(true);
    m_empty->setMargin(16);
    m_empty->setForegroundRole(QPalette::PlaceholderText);
    m_number->setTextFormat(Qt::PlainText);
    m_number->setAutoFillBackground(true);
    m_number->setContentsMargins(5, 1, 5, 1);
    m_number->setAccessibleName(tr("Number of the request"));
    QFont bold = m_title->font();
    bold.setBold(true);
    m_title->setFont(bold);

    layOut();
    connect(&view, &model::ViewState::selectionChanged, this, &RequestDetail::onSelectionChanged);
    connect(&session, &model::Session::changed, this, &RequestDetail::onChanged);
    connect(&session, &model::Session::cleared, this, [this] { onSelectionChanged({}); });
    connect(m_tabs, &QTabWidget::currentChanged, this, &RequestDetail::refreshPage);
    onSelectionChanged(view.selection());
}

RequestDetail::~RequestDetail() = default;

void RequestDetail::layOut()
{
    auto *detail = new QWidget(this);
    auto *top = new QHBoxLayout;
    top->setContentsMargins(6, 6, 6, 0);
    top->addWidget(m_number);
    top->addWidget(m_title, 1);
    auto *inner = new QVBoxLayout(detail);
    inner->setContentsMargins(0, 0, 0, 0);
    inner->addLayout(top);
    inner->addWidget(m_tabs);
    m_stack->addWidget(m_empty);
    m_stack->addWidget(detail);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_stack);
}

void RequestDetail::tick(qint64 nowNs)
{
    m_now = nowNs;
    const model::Request *request = m_session.request(m_request);
    const bool live = request && (request->isRunning() || nowNs - request->end < settleNs);
    const DetailPage *page = m_pages.value(m_tabs->currentIndex());
    if (!m_dirty && !live && !(page && page->isBusy()))
        return;
    m_dirty = false;
    refreshPage();
}

void RequestDetail::showTab(Tab tab)
{
    m_tabs->setCurrentIndex(int(tab));
}

QString RequestDetail::title() const
{
    return m_request == 0 ? m_empty->text() : m_title->text();
}

void RequestDetail::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) {
        paintNumber();
        m_timing->setRequest(m_request); // its bars, and those of the delays, hold colours of the old palette until it looks again
        m_delays->setRequest(m_request);
        m_dirty = true;
    }
}

void RequestDetail::onSelectionChanged(const model::Selection &selection)
{
    if (selection.request == m_request && m_stack->currentIndex() == (m_request != 0 ? 1 : 0))
        return;
    m_request = selection.request;
    m_stack->setCurrentIndex(m_request != 0 ? 1 : 0);
    for (DetailPage *page : std::as_const(m_pages))
        page->setRequest(m_request);
    m_title->setText(m_request ? tr("Request %1 is no longer in memory").arg(m_request) : QString());
    paintNumber();
    m_now = std::max(m_now, m_session.lastTime());
    refreshPage();
}

void RequestDetail::onChanged(const model::Session::Change &change)
{
    m_dirty = m_dirty || change.requestsUpdated.contains(m_request);
}

void RequestDetail::refreshPage()
{
    if (const model::Request *request = m_session.request(m_request))
        m_title->setText(requestLine(m_session, *request, m_now), statusWords(*request));
    if (auto *page = m_pages.value(m_tabs->currentIndex()))
        page->refresh(m_now);
}

void RequestDetail::paintNumber()
{
    const QColor fill = theme::requestColor(model::requestColorIndex(m_request), palette());
    QPalette colors = m_number->palette();
    if (colors.color(QPalette::Window) == fill && m_number->text() == u"#%1"_s.arg(m_request))
        return;
    colors.setColor(QPalette::Window, fill);
    colors.setColor(QPalette::WindowText, theme::textOn(fill));
    m_number->setPalette(colors);
    m_number->setText(u"#%1"_s.arg(m_request));
}

} // namespace loopscope::panel
