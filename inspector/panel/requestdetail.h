// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/session.h"
#include "inspector/model/viewstate.h"

#include <QtWidgets/QWidget>

QT_BEGIN_NAMESPACE
class QLabel;
class QStackedWidget;
class QTabWidget;
QT_END_NAMESPACE

namespace loopscope::panel {

class BodyPage;
class ChunksPage;
class DelaysPage;
class DetailPage;
class ElidedLabel;
class HeadersPage;
class LadderPage;
class SlicesPage;
class TimingPage;

// The dock of the selected request: a line that names it, and a tab for each way to look at it.
//
// Made by app/; GUI thread; session and view state must outlive it. It shows the request of the shared selection. Only
// the tab in view reads the session, from tick(now), when the request has changed or runs. All that came from the
// network is plain text.
class RequestDetail final : public QWidget {
    Q_OBJECT

public:
    enum class Tab { Headers, Body, Chunks, Middleware, Timing, Delays, Slices };

    RequestDetail(const model::Session &session, model::ViewState &view, QWidget *parent = nullptr);
    ~RequestDetail() override;

    // At most 60 times a second, with the time on the clock.
    void tick(qint64 nowNs);
    void showTab(Tab tab);

    [[nodiscard]] quint64 request() const noexcept { return m_request; }
    // "POST /message  302  41 ms", or what to do to fill the view.
    [[nodiscard]] QString title() const;

    [[nodiscard]] HeadersPage &headers() const { return *m_headers; }
    [[nodiscard]] BodyPage &body() const { return *m_body; }
    [[nodiscard]] ChunksPage &chunks() const { return *m_chunks; }
    [[nodiscard]] LadderPage &middleware() const { return *m_ladder; }
    [[nodiscard]] TimingPage &timing() const { return *m_timing; }
    [[nodiscard]] DelaysPage &delays() const { return *m_delays; }
    [[nodiscard]] SlicesPage &slices() const { return *m_slices; }

protected:
    void changeEvent(QEvent *event) override;

private:
    // The slice in which a request ended is written after the request's own end; for so long it is still looked at.
    static constexpr qint64 settleNs = 1'000'000'000;

    void layOut();
    void onSelectionChanged(const model::Selection &selection);
    void onChanged(const model::Session::Change &change);
    void refreshPage();
    void paintNumber();

    const model::Session &m_session;
    model::ViewState &m_view;
    QStackedWidget *const m_stack;
    QLabel *const m_empty;
    QLabel *const m_number; // on the request's colour
    ElidedLabel *const m_title;
    QTabWidget *const m_tabs;
    HeadersPage *const m_headers;
    BodyPage *const m_body;
    ChunksPage *const m_chunks;
    LadderPage *const m_ladder;
    TimingPage *const m_timing;
    DelaysPage *const m_delays;
    SlicesPage *const m_slices;
    QList<DetailPage *> m_pages;
    quint64 m_request = 0;
    qint64 m_now = 0; // ns
    bool m_dirty = true;
};

} // namespace loopscope::panel
