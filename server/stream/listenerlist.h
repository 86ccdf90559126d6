// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/loop/uniquefunction.h"

#include <QtCore/QVarLengthArray>
#include <QtCore/QtGlobal>

#include <algorithm>
#include <memory>
#include <vector>

namespace loopscope::stream {

// A listener of one stream, for off(). Never reused; 0 is none.
enum class ListenerId : quint64 { None = 0 };
// EventEmitter's on() and once().
enum class Times { Always, Once };

// The listeners of one event, called in the order in which they were added.
//
// A member of a Stream, on its loop's thread. A listener may add and remove any, itself too, and may throw: the
// exception goes to whoever emitted, and those after it are not called, as in Node. Whoever calls keeps the list alive.
// Deviation: a listener that another one removes during the call is not called any more (Node calls a copy of the list):
// what it refers to may be gone.
template<typename... Args>
class ListenerList {
public:
    using Listener = loop::UniqueFunction<void(Args...)>;

    void add(ListenerId id, Listener &&listener, Times times)
    {
        m_entries.push_back(std::make_unique<Entry>(Entry{id, times, false, std::move(listener)}));
    }

    bool remove(ListenerId id)
    {
        const auto it = std::find_if(m_entries.begin(), m_entries.end(),
                                     [id](const std::unique_ptr<Entry> &entry) { return entry->id == id; });
        if (it == m_entries.end())
            return false;
        const auto kept = take(it); // what it captures may call here while it is destroyed
        return true;
    }

    void clear()
    {
        auto entries = std::move(m_entries);
        m_entries.clear();
        for (std::unique_ptr<Entry> &entry : entries) {
            entry->removed = true;
            if (m_calls > 0)
                m_removed.push_back(std::move(entry));
        }
    }

    [[nodiscard]] bool isEmpty() const noexcept { return m_entries.empty(); }

    [[nodiscard]] bool hasOnce() const noexcept
    {
        return std::any_of(m_entries.begin(), m_entries.end(),
                           [](const std::unique_ptr<Entry> &entry) { return entry->times == Times::Once; });
    }

    // A listener for one time is removed before it is called.
    void call(Args... args)
    {
        if (m_entries.empty())
            return;
        const Calling calling(*this);
        QVarLengthArray<Entry *, 8> entries;
        for (const std::unique_ptr<Entry> &entry : m_entries)
            entries.append(entry.get());
        for (Entry *entry : entries) {
            if (entry->removed)
                continue;
            if (entry->times == Times::Once)
                remove(entry->id);
            entry->listener(args...);
        }
    }

private:
    struct Entry {
        ListenerId id;
        Times times;
        bool removed;
        Listener listener;
    };
    // What is removed during a call may be running: it is destroyed after the outermost.
    struct Calling {
        ListenerList &list;
        explicit Calling(ListenerList &of)
            : list(of)
        {
            ++list.m_calls;
        }
        Calling(const Calling &) = delete;
        Calling &operator=(const Calling &) = delete;
        ~Calling()
        {
            if (--list.m_calls == 0)
                const auto dropped = std::exchange(list.m_removed, {});
        }
    };

    std::unique_ptr<Entry> take(typename std::vector<std::unique_ptr<Entry>>::iterator it)
    {
        std::unique_ptr<Entry> entry = std::move(*it);
        m_entries.erase(it);
        entry->removed = true;
        if (m_calls > 0) {
            m_removed.push_back(std::move(entry));
            return nullptr;
        }
        return entry;
    }

    std::vector<std::unique_ptr<Entry>> m_entries;
    std::vector<std::unique_ptr<Entry>> m_removed;
    int m_calls = 0;
};

} // namespace loopscope::stream
