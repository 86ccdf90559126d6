// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/panel/bodypage.h"

#include "inspector/model/formatting.h"

#include <QtWidgets/QComboBox>
#include <QtWidgets/QLabel>
#include <QtWidgets/QSplitter>
#include <QtWidgets/QStackedWidget>
#include <QtWidgets/QVBoxLayout>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace loopscope::panel {

using Style = TextPane::Line::Style;

BodyPage::BodyPage(const model::Session &session, QWidget *parent)
    : DetailPage(parent)
    , m_session(session)
    , m_as(new QComboBox(this))
    , m_requestHalf(makeHalf(tr("Request body")))
    , m_responseHalf(makeHalf(tr("Response body")))
{
    m_as->addItems({tr("Hex and text"), tr("Text")});
    m_as->setAccessibleName(tr("How bodies are shown"));
    m_as->setToolTip(tr("Show bodies as bytes, hex and text side by side, or as UTF-8 text"));
    connect(m_as, &QComboBox::currentIndexChanged, this, [this](int index) {
        m_requestHalf.stack->setCurrentIndex(index);
        m_responseHalf.stack->setCurrentIndex(index);
    });
    auto *splitter = new QSplitter(Qt::Vertical, this);
    splitter->setChildrenCollapsible(false);
    splitter->addWidget(m_requestHalf.widget);
    splitter->addWidget(m_responseHalf.widget);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(4, 4, 4, 4);
    layout->addWidget(m_as, 0, Qt::AlignLeft);
    layout->addWidget(splitter);
}

BodyPage::Half BodyPage::makeHalf(const QString &name)
{
    Half half;
    half.widget = new QWidget(this);
    half.caption = new QLabel(half.widget);
    half.caption->setTextFormat(Qt::PlainText);
    half.caption->setWordWrap(true);
    half.stack = new QStackedWidget(half.widget);
    half.bytes = new BytesView(half.stack);
    half.bytes->setAccessibleName(tr("%1 as hex and text").arg(name));
    half.text = new TextPane(half.stack);
    half.text->setAccessibleName(tr("%1 as text").arg(name));
    half.stack->addWidget(half.bytes);
    half.stack->addWidget(half.text);
    auto *layout = new QVBoxLayout(half.widget);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(half.caption);
    layout->addWidget(half.stack, 1);
    return half;
}

void BodyPage::setRequest(quint64 request)
{
    m_request = request;
    m_shownChunks = {~0u, ~0u};
}

void BodyPage::refresh(qint64)
{
    const model::Request *request = m_session.request(m_request);
    if (!request) {
        if (m_request == 0) {
            fill(m_requestHalf, tr("Request body"), {}, 0, true);
            fill(m_responseHalf, tr("Response body"), {}, 0, true);
        }
        return; // an evicted one stays as it was
    }
    const std::pair counts{request->chunks, request->responseChunks};
    if (counts == m_shownChunks && m_shownEnded == !request->isRunning())
        return;
    m_shownChunks = counts;
    m_shownEnded = !request->isRunning();
    QList<BytePiece> received;
    QList<BytePiece> sent;
    const QList<model::Chunk> chunks = m_session.chunks(m_request);
    for (const model::Chunk &chunk : chunks)
        (chunk.toClient ? sent : received).append({chunk.offset, chunk.firstBytes});
    fill(m_requestHalf, tr("Request body"), received, request->bodyBytes,
         !request->isRunning() || request->bodyComplete != model::Request::unknown);
    fill(m_responseHalf, tr("Response body"), sent, request->responseBytes, !request->isRunning());
}

void BodyPage::showAs(As as)
{
    m_as->setCurrentIndex(int(as));
}

QString BodyPage::caption(Side side) const
{
    return half(side).caption->text();
}

void BodyPage::fill(Half &half, const QString &name, const QList<BytePiece> &pieces, qint64 totalBytes, bool isEnded)
{
    qint64 kept = 0;
    for (const BytePiece &piece : pieces)
        kept += piece.bytes.size();
    QString caption;
    if (totalBytes == 0)
        caption = isEnded ? tr("%1: none").arg(name) : tr("%1: nothing yet").arg(name);
    else if (kept == totalBytes)
        caption = (isEnded ? tr("%1: %2, whole") : tr("%1: %2 so far")).arg(name, model::formatSize(totalBytes));
    else
        caption = tr("%1: %2; %3 of it kept, %4 not (only the first bytes of each chunk are recorded)")
                      .arg(name, model::formatSize(totalBytes), model::formatSize(kept), model::formatSize(totalBytes - kept));
    half.caption->setText(caption);
    half.bytes->setEmptyText(caption);
    half.bytes->setBytes(pieces, totalBytes);

    QList<TextPane::Line> lines;
    const ByteLines stretches(pieces, totalBytes, int(maximumTextBytes));
    for (int i = 0; i < std::min(stretches.count(), maximumTextStretches); ++i) {
        const ByteLines::Line stretch = stretches.at(i);
        if (stretch.bytes.isEmpty())
            lines.append({Style::Note, {}, tr("… %1 not kept …").arg(model::formatSize(stretch.missingBytes))});
        else
            lines.append({Style::Text, {}, QString::fromUtf8(stretch.bytes)});
    }
    if (const int rest = stretches.count() - maximumTextStretches; rest > 0)
        lines.append({Style::Note, {}, tr("… %1 more pieces: see them as hex and text …").arg(model::formatCount(rest))});
    half.text->fill(lines);
}

} // namespace loopscope::panel
