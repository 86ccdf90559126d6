// SPDX-License-Identifier: GPL-3.0-or-later
#include "load/loadloop.h"

#include <uv.h>

#include <chrono>

namespace loopscope::load {

struct LoadLoop::Private {
    uv_loop_t loop{};
    uv_async_t wake{};
};

LoadLoop::LoadLoop()
    : d(std::make_unique<Private>())
{
    // They fail only where the process has no descriptor left for a loop.
    if (uv_loop_init(&d->loop) != 0 || uv_async_init(&d->loop, &d->wake, [](uv_async_t *) {}) != 0)
        qFatal("No loop could be made for the load generator");
}

LoadLoop::~LoadLoop()
{
    uv_close(reinterpret_cast<uv_handle_t *>(&d->wake), nullptr);
    uv_run(&d->loop, UV_RUN_DEFAULT); // the close callbacks
    [[maybe_unused]] const int error = uv_loop_close(&d->loop);
    Q_ASSERT(error == 0);
}

uv_loop_s *LoadLoop::uv() const noexcept
{
    return &d->loop;
}

bool LoadLoop::runUntil(const std::function<bool()> &done)
{
    while (!isStopped()) {
        if (done())
            return true;
        uv_run(&d->loop, UV_RUN_ONCE);
    }
    return false;
}

void LoadLoop::stop() noexcept
{
    m_stopped.store(true, std::memory_order_release);
    uv_async_send(&d->wake);
}

qint64 LoadLoop::nowNs() noexcept
{
    return std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count();
}

} // namespace loopscope::load
