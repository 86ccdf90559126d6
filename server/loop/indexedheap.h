// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace loopscope::loop {

// A binary heap of T *, smallest first by operator<, whose elements know their place (a member
// `std::size_t heapPosition`, notInHeap at first), so that any of them is removed or moved in O(log n).
// Owns nothing; it belongs to one thread.
template<typename T>
class IndexedHeap {
public:
    static constexpr std::size_t notInHeap = std::size_t(-1);

    [[nodiscard]] bool isEmpty() const noexcept { return m_elements.empty(); }
    // Null if the heap is empty.
    [[nodiscard]] T *top() const noexcept { return m_elements.empty() ? nullptr : m_elements.front(); }

    void insert(T *element)
    {
        element->heapPosition = m_elements.size();
        m_elements.push_back(element);
        siftUp(element->heapPosition);
    }

    void remove(T *element)
    {
        const std::size_t hole = std::exchange(element->heapPosition, notInHeap);
        T *last = m_elements.back();
        m_elements.pop_back();
        if (last == element)
            return;
        m_elements[hole] = last;
        last->heapPosition = hole;
        update(last);
    }

    // To be called after the order of `element` has changed.
    void update(T *element)
    {
        siftUp(element->heapPosition);
        siftDown(element->heapPosition);
    }

private:
    void exchange(std::size_t a, std::size_t b) noexcept
    {
        std::swap(m_elements[a], m_elements[b]);
        m_elements[a]->heapPosition = a;
        m_elements[b]->heapPosition = b;
    }
    void siftUp(std::size_t at) noexcept
    {
        while (at > 0 && *m_elements[at] < *m_elements[(at - 1) / 2]) {
            exchange(at, (at - 1) / 2);
            at = (at - 1) / 2;
        }
    }
    void siftDown(std::size_t at) noexcept
    {
        for (;;) {
            std::size_t least = at;
            for (std::size_t child = 2 * at + 1; child <= 2 * at + 2 && child < m_elements.size(); ++child) {
                if (*m_elements[child] < *m_elements[least])
                    least = child;
            }
            if (least == at)
                return;
            exchange(at, least);
            at = least;
        }
    }

    std::vector<T *> m_elements;
};

} // namespace loopscope::loop
