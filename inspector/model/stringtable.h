// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QHash>
#include <QtCore/QtGlobal>

#include <array>
#include <vector>

namespace loopscope::model {

// Number of a string in a StringTable; 0: none (a null pointer).
using StringId = quint32;

// Copies of the names and file names that records point to, so that a session outlives the trace it came from.
// Owned by a Session; one thread. A pointer seen before costs a look into a small cache, no hashing of the text.
class StringTable {
public:
    // Different strings at most; what comes beyond reads "…". (Trace::maximumStrings, its own limit.)
    static constexpr std::size_t maximumStrings = 65'536;

    StringTable();
    // `text` is zero-terminated, or null (gives 0). The same pointer must mean the same text until forgetPointers().
    [[nodiscard]] StringId id(const char *text)
    {
        const Cached &cached = m_cache[slot(text)];
        return cached.pointer == text ? cached.id : lookUp(text);
    }
    // Empty for 0. Null-terminated, valid as long as the table is not cleared.
    [[nodiscard]] const QByteArray &text(StringId id) const noexcept { return m_texts[id < m_texts.size() ? id : 0]; }
    // To be called before the trace whose strings were seen is destroyed and another is read.
    void forgetPointers();
    void clear();

private:
    struct Cached {
        const char *pointer = nullptr;
        StringId id = 0;
    };
    static constexpr std::size_t cacheSize = 2048;
    static std::size_t slot(const char *text) noexcept
    {
        const auto bits = reinterpret_cast<quintptr>(text);
        return std::size_t((bits ^ (bits >> 11)) & (cacheSize - 1));
    }
    StringId lookUp(const char *text);

    std::array<Cached, cacheSize> m_cache; // direct-mapped: a clash costs a hash, nothing else
    QHash<QByteArray, StringId> m_ids;
    std::vector<QByteArray> m_texts; // [0] is empty
};

} // namespace loopscope::model
