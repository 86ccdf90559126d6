// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/panel/requestdelegate.h"

#include "inspector/model/requesttablemodel.h"
#include "inspector/panel/plaintext.h"
#include "inspector/theme/colors.h"
#include "inspector/theme/fonts.h"

#include <QtGui/QHelpEvent>
#include <QtGui/QPainter>
#include <QtWidgets/QApplication>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace loopscope::panel {

using model::RequestTableModel;

namespace {
constexpr int swatchWidth = 8; // px
constexpr qreal minimumBar = 2; // px

bool isNumeric(int column)
{
    return column == RequestTableModel::Number || column == RequestTableModel::Size || column == RequestTableModel::Time;
}

int statusOf(const QModelIndex &index)
{
    return index.siblingAtColumn(RequestTableModel::Status).data(RequestTableModel::SortRole).toInt();
}
} // namespace

RequestDelegate::RequestDelegate(const model::Session &session, const model::ViewState &view, QObject *parent)
    : QStyledItemDelegate(parent)
    , m_session(session)
    , m_view(view)
{
}

QString RequestDelegate::statusText(const QModelIndex &index)
{
    const int status = statusOf(index);
    const QString text = visibleText(index.siblingAtColumn(RequestTableModel::Status).data().toString());
    if (status == 0)
        return index.data(RequestTableModel::RunningRole).toBool() ? u"… "_s + tr("running") : u"✕ "_s + text;
    // A status with a response that did not arrive whole is no success.
    if (status >= 500 || (status < 400 && index.data(RequestTableModel::FailedRole).toBool()))
        return u"✕ "_s + text;
    if (status >= 400)
        return u"▲ "_s + text;
    return (status >= 300 ? u"→ "_s : u"● "_s) + text;
}

QRectF RequestDelegate::barRect(qint64 from, qint64 to, model::TimeRange range, const QRectF &cell)
{
    if (range.length() <= 0 || to < range.from || from > range.to)
        return {};
    const qreal scale = cell.width() / qreal(range.length());
    const qreal left = qreal(std::max(from, range.from) - range.from) * scale;
    const qreal right = qreal(std::min(to, range.to) - range.from) * scale;
    const qreal width = std::max(minimumBar, right - left);
    return {cell.left() + std::min(left, cell.width() - width), cell.top(), width, cell.height()};
}

void RequestDelegate::initStyleOption(QStyleOptionViewItem *option, const QModelIndex &index) const
{
    QStyledItemDelegate::initStyleOption(option, index);
    option->features.setFlag(QStyleOptionViewItem::HasDecoration, false);
    option->text = index.column() == RequestTableModel::Status ? statusText(index) : visibleText(option->text);
    if (isNumeric(index.column())) {
        option->font = theme::tabularFont(option->font);
        option->fontMetrics = QFontMetrics(option->font);
        option->displayAlignment = Qt::AlignRight | Qt::AlignVCenter;
    }
    if (index.column() == RequestTableModel::Path)
        option->textElideMode = Qt::ElideMiddle;
    if (index.column() == RequestTableModel::Status)
        option->palette.setColor(QPalette::Text, theme::statusColor(statusOf(index), option->palette));
    if (index.column() == RequestTableModel::Waterfall)
        option->text.clear();
}

void RequestDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    QStyledItemDelegate::paint(painter, option, index);
    if (index.column() == RequestTableModel::Number)
        paintSwatch(painter, option, index.data(RequestTableModel::ColorIndexRole).toInt());
    else if (index.column() == RequestTableModel::Waterfall)
        paintWaterfall(painter, option, index);
}

void RequestDelegate::paintSwatch(QPainter *painter, const QStyleOptionViewItem &option, int colorIndex) const
{
    const QRect swatch(option.rect.left() + 4, option.rect.top() + 3, swatchWidth, option.rect.height() - 6);
    const QColor color = theme::requestColor(colorIndex, option.palette);
    painter->fillRect(swatch, color);
    if (option.state & QStyle::State_Selected) { // stands out from the highlight, whatever the two colours are
        painter->setPen(option.palette.color(QPalette::HighlightedText));
        painter->drawRect(swatch.adjusted(0, 0, -1, -1));
    }
}

void RequestDelegate::paintWaterfall(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const model::Request *request = m_session.request(index.data(RequestTableModel::RequestRole).toULongLong());
    if (!request)
        return;
    const QRectF cell = QRectF(option.rect).adjusted(3, option.rect.height() * 0.25, -3, -option.rect.height() * 0.25);
    const model::TimeRange range = m_view.timeRange();
    const qint64 end = request->start + request->durationAt(m_now);
    const bool selected = option.state & QStyle::State_Selected;
    const QColor ground = option.palette.color(QPalette::Base);
    const QColor color = theme::requestColor(index.data(RequestTableModel::ColorIndexRole).toInt(), option.palette);
    if (end < range.from || request->start > range.to) { // which way to scroll the time range to see it
        painter->setPen(option.palette.color(selected ? QPalette::HighlightedText : QPalette::PlaceholderText));
        const bool before = end < range.from;
        painter->drawText(option.rect.adjusted(3, 0, -3, 0), Qt::AlignVCenter | (before ? Qt::AlignLeft : Qt::AlignRight),
                          before ? u"◂"_s : u"▸"_s);
        return;
    }
    const auto known = [](qint64 time, qint64 otherwise) { return time == model::Request::unknown ? otherwise : time; };
    const qint64 head = std::min(known(request->responseHead, end), end);
    const qint64 read = std::min(known(request->bodyComplete, known(request->headComplete, head)), head);
    // reading: pale; until the answer's head: full; sending: half
    // On its own ground, selected too: every request's colour stands out from that, and blue does not from the highlight.
    const QRectF bar = barRect(request->start, end, range, cell);
    painter->fillRect(selected ? bar.adjusted(-2, -2, 2, 2) : bar, ground);
    painter->fillRect(barRect(request->start, read, range, cell), theme::blend(color, ground, 0.65));
    if (request->responseHead != model::Request::unknown)
        painter->fillRect(barRect(head, end, range, cell), theme::blend(color, ground, 0.4));
    painter->fillRect(barRect(read, head, range, cell), color);
}

} // namespace loopscope::panel
