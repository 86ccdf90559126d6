// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/model/blockmemory.h"

#include <new>

#ifdef __linux__
#include <cstdint>
#include <sys/mman.h>
#include <unistd.h>
#endif

namespace loopscope::model {

// The whole pages within it. (Not huge ones: a virtual machine whose host has yet to find 2 MiB takes ten times as long.)
static void populate(void *block, std::size_t bytes) noexcept
{
#ifdef MADV_POPULATE_WRITE // Linux 5.14; an older one refuses, and gives a page when it is touched
    static const std::uintptr_t pageBytes = std::uintptr_t(::sysconf(_SC_PAGESIZE));
    const auto address = reinterpret_cast<std::uintptr_t>(block);
    const std::uintptr_t begin = (address + pageBytes - 1) & ~(pageBytes - 1);
    const std::uintptr_t end = (address + bytes) & ~(pageBytes - 1);
    if (begin < end)
        (void)::madvise(reinterpret_cast<void *>(begin), end - begin, MADV_POPULATE_WRITE);
#else
    (void)block;
    (void)bytes;
#endif
}

Block takeBlock(std::size_t bytes)
{
    Block block(::operator new(bytes));
    populate(block.get(), bytes);
    return block;
}

void BlockDeleter::operator()(void *block) const noexcept
{
    ::operator delete(block);
}

} // namespace loopscope::model
