// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QString>
#include <QtCore/QStringList>

#include <utility>
#include <vector>

namespace loopscope::web {

// The fields of a form, decoded, in the order in which they came; a name may come more than once. A plain value with
// the names of the browsers' FormData. https://xhr.spec.whatwg.org/#interface-formdata
//
// It is bounded by what fills it: the limits of the middleware urlencoded() and multipart().
class FormData {
public:
    using Entry = std::pair<QString, QString>;

    void append(const QString &name, const QString &value) { m_entries.emplace_back(name, value); }
    // The first value of that name; null if there is none.
    [[nodiscard]] QString get(const QString &name) const
    {
        for (const Entry &entry : m_entries) {
            if (entry.first == name)
                return entry.second;
        }
        return {};
    }
    [[nodiscard]] QStringList getAll(const QString &name) const
    {
        QStringList values;
        for (const Entry &entry : m_entries) {
            if (entry.first == name)
                values.append(entry.second);
        }
        return values;
    }
    [[nodiscard]] bool has(const QString &name) const { return !get(name).isNull(); }
    [[nodiscard]] const std::vector<Entry> &entries() const noexcept { return m_entries; }
    [[nodiscard]] bool isEmpty() const noexcept { return m_entries.empty(); }
    void clear() noexcept { m_entries.clear(); }

    friend bool operator==(const FormData &, const FormData &) = default;

private:
    std::vector<Entry> m_entries; // values are never null, though maybe empty
};

} // namespace loopscope::web
