// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/slicestore.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace loopscope::model {

// The slices that contain an instant, from the outermost to the innermost: indexes of a SliceStore.
using SliceStack = std::vector<quint64>;

// Calls visit(qint64 from, qint64 to, const SliceStack &) for each stretch of [from, to) in which the same slices run,
// in order of time and without a gap: where none runs, the stack is empty. So every instant is seen once, however
// slices are nested. The store must not change meanwhile. O(log n + slices in it).
template<typename Visit>
void visitFlat(const SliceStore &store, qint64 from, qint64 to, Visit &&visit)
{
    SliceStack stack;
    qint64 at = from;
    const auto reach = [&](qint64 until) {
        if (until > at) {
            visit(at, until, std::as_const(stack));
            at = until;
        }
    };
    store.visit(from, to, [&](quint64 index, const Slice &slice) {
        while (!stack.empty() && store.at(stack.back()).end() <= slice.start) {
            reach(std::min(store.at(stack.back()).end(), to));
            stack.pop_back();
        }
        reach(std::min(slice.start, to));
        stack.push_back(index);
    });
    while (!stack.empty()) {
        reach(std::min(store.at(stack.back()).end(), to));
        stack.pop_back();
    }
    reach(to);
}

} // namespace loopscope::model
