// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/playground/pacedrequest.h"

#include <QtCore/QStringDecoder>
#include <QtWidgets/QWidget>

QT_BEGIN_NAMESPACE
class QLabel;
class QPlainTextEdit;
class QTabWidget;
class QTreeWidget;
QT_END_NAMESPACE

namespace loopscope::app {

// What one request sent and got, as it happens: status, headers and body in one page, each event with its time in
// the other. GUI thread; owned by the PlaygroundPanel, which tells it what to show.
class ResponseView final : public QWidget {
    Q_OBJECT

public:
    // Of a body this many bytes are shown; the true size stands beside.
    static constexpr qint64 maximumShownBytes = 64 * 1024;
    // Rows of the event list at most; what is beyond is counted in its last row.
    static constexpr int maximumEvents = 1'000;

    explicit ResponseView(QWidget *parent = nullptr);

    // Empties the view and follows this request to its end. The request may die at any time.
    void follow(PacedRequest *request);
    // A line under the status: how many of several were answered, and how.
    void setSummary(const QString &text);

    [[nodiscard]] QString statusText() const;
    [[nodiscard]] QString answerText() const;
    [[nodiscard]] int eventCount() const;

private:
    void addEvent(std::chrono::nanoseconds at, const QString &what, const QString &size = {});
    void showHead(const ResponseHead &head, std::chrono::nanoseconds at);
    void showBody(const QByteArray &bytes, std::chrono::nanoseconds at);
    void showEnd(const QString &status, std::chrono::nanoseconds at);
    void append(const QString &text);

    QLabel *m_status;
    QLabel *m_summary;
    QTabWidget *m_tabs;
    QPlainTextEdit *m_answer;
    QTreeWidget *m_events;
    PacedRequest *m_request = nullptr; // never followed beyond its own signals
    QStringDecoder m_decoder;
    qint64 m_bodyBytes = 0;
    int m_unlisted = 0;
};

} // namespace loopscope::app
