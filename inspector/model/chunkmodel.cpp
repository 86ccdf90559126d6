// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/model/chunkmodel.h"

#include "inspector/model/formatting.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace loopscope::model {

ChunkModel::ChunkModel(const Session &session, QObject *parent)
    : QAbstractTableModel(parent)
    , m_session(session)
{
    connect(&session, &Session::changed, this, [this](const Session::Change &change) {
        if (m_request != 0 && change.requestsUpdated.contains(m_request))
            follow();
    });
    connect(&session, &Session::cleared, this, &ChunkModel::reload);
}

void ChunkModel::setRequest(quint64 number)
{
    m_request = number;
    reload();
}

static qint64 knownChunks(const Request *request)
{
    return request ? qint64(request->chunks) + request->responseChunks : 0;
}

void ChunkModel::reload()
{
    beginResetModel();
    const Request *request = m_session.request(m_request);
    m_start = request ? request->start : 0;
    m_total = knownChunks(request);
    m_rows = m_session.chunks(m_request);
    if (m_rows.size() > maximumRows)
        m_rows.remove(0, m_rows.size() - maximumRows);
    m_missing = std::max<qint64>(0, m_total - m_rows.size());
    endResetModel();
}

// Appends what came since. Rows stay when the session has dropped their chunks meanwhile.
void ChunkModel::follow()
{
    const qint64 total = knownChunks(m_session.request(m_request));
    const qint64 added = total - m_total;
    if (added == 0)
        return;
    const QList<Chunk> all = added > 0 ? m_session.newestChunks(m_request, added) : QList<Chunk>();
    if (added < 0 || all.size() != added || m_rows.size() + added > maximumRows)
        return reload();
    beginInsertRows({}, int(m_rows.size()), int(m_rows.size() + added) - 1);
    m_rows += all;
    m_total = total;
    endInsertRows();
}

int ChunkModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

int ChunkModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

QVariant ChunkModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= m_rows.size())
        return {};
    const Chunk &chunk = m_rows[index.row()];
    switch (role) {
    case Qt::DisplayRole: return display(chunk, index.row(), index.column());
    case Qt::ToolTipRole: return index.column() == Bytes ? QVariant(printable(chunk.firstBytes, 1'000)) : QVariant();
    case Qt::TextAlignmentRole: {
        const int column = index.column();
        const bool right = column == Number || column == Time || column == Size || column == Offset;
        return int((right ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    }
    case SortRole: return sortValue(chunk, index.row(), index.column());
    case BytesRole: return chunk.firstBytes;
    case ToClientRole: return chunk.toClient;
    case TimeRole: return qlonglong(chunk.time);
    default: return {};
    }
}

static QString framingText(trace::BodyFraming framing)
{
    switch (framing) {
    case trace::BodyFraming::None: return ChunkModel::tr("no body");
    case trace::BodyFraming::ContentLength: return ChunkModel::tr("content-length");
    case trace::BodyFraming::Chunked: return ChunkModel::tr("chunked");
    case trace::BodyFraming::UntilClose: return ChunkModel::tr("until close");
    }
    return {};
}

QVariant ChunkModel::display(const Chunk &chunk, int row, int column) const
{
    switch (column) {
    case Number: return QString::number(m_missing + row + 1);
    case Direction: return chunk.toClient ? tr("← response") : tr("→ request");
    case Time: return formatDuration(chunk.time - m_start);
    case Size: return formatSize(chunk.bytes);
    case Offset: return formatCount(chunk.offset);
    case Framing: return framingText(chunk.framing);
    case Bytes: return printable(chunk.firstBytes, 200);
    default: return {};
    }
}

QVariant ChunkModel::sortValue(const Chunk &chunk, int row, int column) const
{
    switch (column) {
    case Number: return qlonglong(m_missing + row + 1);
    case Direction: return chunk.toClient;
    case Time: return qlonglong(chunk.time - m_start);
    case Size: return qlonglong(chunk.bytes);
    case Offset: return qlonglong(chunk.offset);
    case Framing: return int(chunk.framing);
    default: return display(chunk, row, column);
    }
}

QVariant ChunkModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Number: return tr("#");
    case Direction: return tr("Direction");
    case Time: return tr("After");
    case Size: return tr("Size");
    case Offset: return tr("Offset");
    case Framing: return tr("Framing");
    case Bytes: return tr("First bytes");
    default: return {};
    }
}

} // namespace loopscope::model
