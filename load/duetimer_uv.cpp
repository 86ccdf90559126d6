// SPDX-License-Identifier: GPL-3.0-or-later
#include "load/duetimer.h"

#include "load/loadloop.h"

#include <uv.h>

#include <algorithm>

namespace loopscope::load {

struct DueTimer::Handle {
    uv_timer_t timer{};
    qint64 atNs = 0;
    std::function<void()> due;

    // Whole milliseconds, rounded down; below one the loop turns until it is time.
    void set()
    {
        uv_update_time(timer.loop);
        const qint64 leftMs = std::max<qint64>(0, atNs - LoadLoop::nowNs()) / 1'000'000;
        uv_timer_start(&timer, &Handle::onTimer, quint64(leftMs), 0);
    }

    static void onTimer(uv_timer_t *timer)
    {
        auto *self = static_cast<Handle *>(timer->data);
        if (LoadLoop::nowNs() < self->atNs)
            self->set();
        else
            self->due();
    }
};

DueTimer::DueTimer(uv_loop_s *loop, std::function<void()> due)
    : m_handle(new Handle)
{
    m_handle->due = std::move(due);
    uv_timer_init(loop, &m_handle->timer);
    m_handle->timer.data = m_handle;
}

DueTimer::~DueTimer()
{
    uv_close(reinterpret_cast<uv_handle_t *>(&m_handle->timer),
             [](uv_handle_t *handle) { delete static_cast<Handle *>(handle->data); });
}

void DueTimer::start(qint64 atNs)
{
    m_handle->atNs = atNs;
    m_handle->set();
}

void DueTimer::stop()
{
    uv_timer_stop(&m_handle->timer);
}

} // namespace loopscope::load
