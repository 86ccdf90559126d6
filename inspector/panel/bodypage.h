// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/session.h"
#include "inspector/panel/bytesview.h"
#include "inspector/panel/detailpage.h"
#include "inspector/panel/textpane.h"

QT_BEGIN_NAMESPACE
class QLabel;
class QStackedWidget;
class QComboBox;
QT_END_NAMESPACE

namespace loopscope::panel {

// The captured bytes of both bodies, above each other, as hex and text side by side or as text alone. What was not
// kept is said in words with its size, never passed over. GUI thread.
class BodyPage final : public DetailPage {
    Q_OBJECT

public:
    // Characters of a body shown as text at most; the dump shows all that was kept.
    static constexpr qsizetype maximumTextBytes = 1 << 20;
    // Pieces of a body between which something was not kept, that the text shows; then it says how many follow.
    static constexpr int maximumTextStretches = 1'000;

    enum class Side { Request, Response };
    enum class As { HexAndText, Text };

    explicit BodyPage(const model::Session &session, QWidget *parent = nullptr);

    void setRequest(quint64 request) override;
    void refresh(qint64 nowNs) override;
    void showAs(As as);

    // "Request body: 19 B, whole", "Response body: 12 MB; 4.1 kB kept, 11.9 MB not".
    [[nodiscard]] QString caption(Side side) const;
    [[nodiscard]] const BytesView &bytes(Side side) const { return *half(side).bytes; }
    [[nodiscard]] const TextPane &text(Side side) const { return *half(side).text; }

private:
    struct Half {
        QWidget *widget = nullptr;
        QLabel *caption = nullptr;
        QStackedWidget *stack = nullptr;
        BytesView *bytes = nullptr;
        TextPane *text = nullptr;
    };
    [[nodiscard]] Half makeHalf(const QString &name);
    void fill(Half &half, const QString &name, const QList<BytePiece> &pieces, qint64 totalBytes, bool isEnded);
    [[nodiscard]] const Half &half(Side side) const { return side == Side::Request ? m_requestHalf : m_responseHalf; }

    const model::Session &m_session;
    QComboBox *const m_as;
    Half m_requestHalf;
    Half m_responseHalf;
    quint64 m_request = 0;
    std::pair<quint32, quint32> m_shownChunks{~0u, ~0u};
    bool m_shownEnded = false;
};

} // namespace loopscope::panel
