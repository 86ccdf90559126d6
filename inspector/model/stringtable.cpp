// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/model/stringtable.h"

namespace loopscope::model {

StringTable::StringTable()
{
    m_texts.emplace_back();
}

StringId StringTable::lookUp(const char *text)
{
    if (!text)
        return 0;
    const QByteArray key = QByteArray::fromRawData(text, qsizetype(qstrlen(text)));
    StringId id = m_ids.value(key, 0);
    if (id == 0) {
        const bool full = m_texts.size() > maximumStrings;
        const QByteArray copy = full ? QByteArrayLiteral("…") : QByteArray(key.constData(), key.size());
        id = full ? m_ids.value(copy, 0) : 0;
        if (id == 0) {
            id = StringId(m_texts.size());
            m_texts.push_back(copy);
            m_ids.insert(copy, id);
        }
    }
    m_cache[slot(text)] = {text, id};
    return id;
}

void StringTable::forgetPointers()
{
    m_cache.fill({});
}

void StringTable::clear()
{
    forgetPointers();
    m_ids.clear();
    m_texts.assign(1, {});
}

} // namespace loopscope::model
