// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/panel/requestslices.h"

#include "inspector/model/formatting.h"
#include "inspector/panel/requestwords.h"

using namespace Qt::StringLiterals;

namespace loopscope::panel {

RequestSlices::RequestSlices(const model::Session &session, QObject *parent)
    : QAbstractTableModel(parent)
    , m_session(session)
{
}

void RequestSlices::load(quint64 request)
{
    const model::Request *known = m_session.request(request);
    QList<model::SliceKey> keys = known ? m_session.slicesOfRequest(request) : QList<model::SliceKey>();
    if (request == m_request && !known)
        return; // evicted: the rows stay
    keys.resize(std::min(keys.size(), maximumRows));
    const bool same = request == m_request
        && std::equal(keys.cbegin(), keys.cend(), m_rows.cbegin(), m_rows.cend(),
                      [](const model::SliceKey &key, const Row &row) { return key == row.key; });
    if (same)
        return;
    beginResetModel();
    m_request = request;
    m_start = known ? known->start : 0;
    m_rows.clear();
    for (const model::SliceKey &key : std::as_const(keys)) {
        if (const model::Slice *slice = m_session.slice(key))
            m_rows.append({key, *slice});
    }
    endResetModel();
}

model::SliceKey RequestSlices::keyAt(int row) const
{
    return row >= 0 && row < m_rows.size() ? m_rows[row].key : model::SliceKey();
}

int RequestSlices::rowOf(const model::SliceKey &key) const
{
    for (int row = 0; row < m_rows.size(); ++row) {
        if (m_rows[row].key == key)
            return row;
    }
    return -1;
}

int RequestSlices::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

int RequestSlices::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QString RequestSlices::nameOf(const model::Slice &slice) const
{
    const QString name = model::printable(m_session.string(slice.name));
    switch (slice.kind) {
    case trace::Kind::JobFinished: return tr("job %1").arg(name);
    case trace::Kind::Span: return tr("span %1").arg(name);
    case trace::Kind::Layer: return tr("layer %1").arg(name);
    case trace::Kind::LayerResumed: return tr("layer %1, resumed").arg(name);
    default: return name.isEmpty() ? QString::fromLatin1(trace::toString(slice.kind)) : name;
    }
}

QVariant RequestSlices::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= m_rows.size())
        return {};
    const model::Slice &slice = m_rows[index.row()].slice;
    if (role == Qt::ToolTipRole && index.column() == Site && slice.file != 0)
        return tr("Registered at %1:%2").arg(model::printable(m_session.string(slice.file))).arg(slice.line);
    if (role != Qt::DisplayRole)
        return {};
    switch (index.column()) {
    case Start: { // a callback may have begun before the first byte was read in it
        const qint64 since = slice.start - m_start;
        return QString((since < 0 ? u"\u2212"_s : u"+"_s) + model::formatDuration(qAbs(since)));
    }
    case Duration: return model::formatDuration(slice.duration);
    case Name: {
        const QString phase = QString::fromLatin1(trace::toString(slice.phase));
        const QString name = QString(qMin<int>(slice.depth, 8) * 2, u' ') + nameOf(slice);
        return slice.kind == trace::Kind::Callback ? tr("%1 (%2)").arg(name, phase) : name;
    }
    case LaneName: return QString::fromUtf8(m_session.lane(m_rows[index.row()].key.lane).name);
    case Site: return siteWords(m_session.string(slice.file), slice.line);
    default: return {};
    }
}

QVariant RequestSlices::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || (role != Qt::DisplayRole && role != Qt::ToolTipRole))
        return {};
    const bool tip = role == Qt::ToolTipRole;
    switch (section) {
    case Start: return tip ? tr("Since the request's first byte; before it for what was registered earlier") : tr("Start");
    case Duration: return tip ? tr("How long it ran, with what is nested in it") : tr("Ran");
    case Name: return tip ? tr("What ran, and in which phase of the loop") : tr("Slice");
    case LaneName: return tip ? tr("The thread that it ran on") : tr("On");
    case Site: return tip ? tr("Where it was registered") : tr("Registered");
    default: return {};
    }
}

} // namespace loopscope::panel
