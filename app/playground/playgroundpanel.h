// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/playground/requestdraft.h"

#include <QtWidgets/QWidget>

#include <map>

QT_BEGIN_NAMESPACE
class QPushButton;
class QSplitter;
QT_END_NAMESPACE

namespace loopscope::app {

class RequestForm;
class ResponseView;

// The playground: compose a request, send it in paced pieces over real sockets, watch the answer arrive.
//
// GUI thread; owned by the main window. It knows the server by its address alone, as any client does.
class PlaygroundPanel final : public QWidget {
    Q_OBJECT

public:
    explicit PlaygroundPanel(QWidget *parent = nullptr);

    // Where requests go.
    void setServer(const QString &host, quint16 port);

    [[nodiscard]] RequestDraft draft() const;
    void setDraft(const RequestDraft &draft);
    // Fills the form and sends at once.
    void resend(const RequestDraft &draft);

    // Does nothing while one is running.
    void send();
    // Ends all that run.
    void cancel();
    [[nodiscard]] bool isRunning() const { return m_running > 0; }
    [[nodiscard]] ResponseView *responseView() const { return m_response; }
    void focusPath();

Q_SIGNALS:
    void runningChanged(bool running);

private:
    struct Tally {
        int answered = 0;
        int failed = 0;
        std::map<int, int> statuses;
        std::chrono::nanoseconds fastest{std::chrono::nanoseconds::max()};
        std::chrono::nanoseconds slowest{0};
        QString lastFailure;
    };

    QWidget *makePresets();
    QWidget *makeButtons();
    void launch(const PacedRequest::Request &request, bool shown);
    void ended(PacedRequest *request);
    void updateSummary();

    QString m_host = QStringLiteral("127.0.0.1");
    quint16 m_port = 0;
    RequestForm *m_form;
    ResponseView *m_response;
    QPushButton *m_send = nullptr;
    QPushButton *m_cancel = nullptr;
    QList<PacedRequest *> m_requests; // children of this; those of the latest Send that still run
    int m_running = 0;
    int m_sent = 0;
    Tally m_tally;
};

} // namespace loopscope::app
