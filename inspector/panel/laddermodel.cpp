// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/panel/laddermodel.h"

#include "inspector/model/formatting.h"
#include "inspector/panel/plaintext.h"
#include "inspector/panel/requestwords.h"

using namespace Qt::StringLiterals;

namespace loopscope::panel {

using model::LayerModel;

namespace {
constexpr int maximumIndent = 8; // levels; deeper ones stay at this one
constexpr int blanksALevel = 3;
} // namespace

LadderModel::LadderModel(const model::Session &session, LayerModel &layers, QObject *parent)
    : QIdentityProxyModel(parent)
    , m_session(session)
    , m_layers(layers)
{
    setSourceModel(&layers);
    connect(&layers, &QAbstractItemModel::modelReset, this, &LadderModel::read);
    connect(&layers, &QAbstractItemModel::rowsInserted, this, &LadderModel::read);
    connect(&layers, &QAbstractItemModel::dataChanged, this, &LadderModel::read);
    read();
}

void LadderModel::read()
{
    m_calls.clear();
    const QList<model::LayerCall> calls = m_session.layers(m_layers.request());
    for (const model::LayerCall &call : calls)
        m_calls.insert(call.id, call);
}

const model::LayerCall *LadderModel::callAt(int row) const
{
    const auto found = m_calls.constFind(m_layers.index(row, 0).data(LayerModel::LayerRole).toULongLong());
    return found == m_calls.constEnd() ? nullptr : &*found;
}

QString LadderModel::nextWords(int row) const
{
    const model::LayerCall *call = callAt(row);
    if (!call || index(row, 0).data(LayerModel::UpRole).toBool())
        return {};
    if (call->next == model::LayerCall::unknown)
        return tr("not called");
    return tr("after %1").arg(model::formatDuration(call->next - call->entered));
}

QVariant LadderModel::data(const QModelIndex &index, int role) const
{
    const model::LayerCall *call = index.isValid() ? callAt(index.row()) : nullptr;
    if (!call)
        return QIdentityProxyModel::data(index, role);
    if (role == Qt::DisplayRole && index.column() == LayerModel::Name) {
        const bool up = index.data(LayerModel::UpRole).toBool();
        return QString(QString(qMin(call->depth, maximumIndent) * blanksALevel, u' ') + (up ? u"↑ "_s : u"↓ "_s)
                       + model::printable(m_session.string(call->name)));
    }
    if (role == Qt::DisplayRole && index.column() == LayerModel::Direction)
        return nextWords(index.row());
    if (role == Qt::DisplayRole && index.column() == LayerModel::Site)
        return siteWords(m_session.string(call->file), call->line);
    if (role == Qt::ToolTipRole && index.column() == LayerModel::Site && call->file != 0)
        return tr("Registered at %1:%2").arg(model::printable(m_session.string(call->file))).arg(call->line);
    if (role == Qt::ToolTipRole && index.column() == LayerModel::OwnTime) {
        return tr("Own time, without what it called with next(): %1 before next(), %2 after; ran on %3 times after an await")
            .arg(model::formatDuration(call->downNs), model::formatDuration(call->upNs), QString::number(call->resumed));
    }
    return QIdentityProxyModel::data(index, role);
}

QVariant LadderModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation == Qt::Horizontal && role == Qt::DisplayRole) {
        switch (section) {
        case LayerModel::Direction: return tr("next()");
        case LayerModel::Name: return tr("Step");
        case LayerModel::OwnTime: return tr("Own time");
        case LayerModel::Site: return tr("Registered");
        default: break;
        }
    }
    return QIdentityProxyModel::headerData(section, orientation, role);
}

} // namespace loopscope::panel
