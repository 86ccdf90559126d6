// SPDX-License-Identifier: GPL-3.0-or-later
#include "load/duetimer.h"

#include <uv.h>

#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>

namespace loopscope::load {

struct DueTimer::Handle {
    uv_poll_t poll{};
    int descriptor = -1;
    bool armed = false;
    std::function<void()> due;

    void set(qint64 atNs)
    {
        constexpr qint64 nsPerSecond = 1'000'000'000;
        itimerspec when{};
        when.it_value = {.tv_sec = atNs / nsPerSecond, .tv_nsec = atNs % nsPerSecond};
        ::timerfd_settime(descriptor, TFD_TIMER_ABSTIME, &when, nullptr);
    }

    static void onReadable(uv_poll_t *poll, int, int)
    {
        auto *self = static_cast<Handle *>(poll->data);
        quint64 expirations = 0;
        if (::read(self->descriptor, &expirations, sizeof expirations) <= 0 || !self->armed)
            return;
        self->armed = false;
        self->due();
    }
};

DueTimer::DueTimer(uv_loop_s *loop, std::function<void()> due)
    : m_handle(new Handle)
{
    m_handle->due = std::move(due);
    // CLOCK_MONOTONIC is the clock of LoadLoop::nowNs().
    m_handle->descriptor = ::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (m_handle->descriptor < 0 || uv_poll_init(loop, &m_handle->poll, m_handle->descriptor) != 0)
        qFatal("No timer could be made for the load generator");
    m_handle->poll.data = m_handle;
    uv_poll_start(&m_handle->poll, UV_READABLE, &Handle::onReadable);
}

DueTimer::~DueTimer()
{
    m_handle->armed = false;
    uv_poll_stop(&m_handle->poll);
    uv_close(reinterpret_cast<uv_handle_t *>(&m_handle->poll), [](uv_handle_t *handle) {
        auto *closed = static_cast<Handle *>(handle->data);
        ::close(closed->descriptor);
        delete closed;
    });
}

void DueTimer::start(qint64 atNs)
{
    m_handle->armed = true;
    m_handle->set(std::max<qint64>(1, atNs)); // 0 would disarm it
}

void DueTimer::stop()
{
    m_handle->armed = false;
    m_handle->set(0);
}

} // namespace loopscope::load
