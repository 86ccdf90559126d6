// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/work/workerchannel_p.h"

#include <uv.h>

#include <utility>

namespace loopscope::work {

void LoopWaker::open(uv_loop_s *loop, void (*woken)(void *data), void *data)
{
    m_woken = woken;
    m_data = data;
    m_handle = new uv_async_t;
    m_handle->data = this;
    uv_async_init(loop, m_handle, [](uv_async_t *handle) {
        auto *waker = static_cast<LoopWaker *>(handle->data);
        waker->m_woken(waker->m_data);
    });
}

void LoopWaker::close()
{
    if (uv_async_t *handle = std::exchange(m_handle, nullptr))
        uv_close(reinterpret_cast<uv_handle_t *>(handle),
                 [](uv_handle_t *closed) { delete reinterpret_cast<uv_async_t *>(closed); });
}

void LoopWaker::send()
{
    if (m_handle)
        uv_async_send(m_handle);
}

bool WorkerChannel::postToWorker(QVariant &&message)
{
    const std::lock_guard lock(mutex);
    if (ended || toWorker.size() >= std::size_t(maximumMessages))
        return false;
    toWorker.push_back(std::move(message));
    worker.send();
    return true;
}

bool WorkerChannel::postToParent(QVariant &&message)
{
    const std::lock_guard lock(mutex);
    if (ended || toParent.size() >= std::size_t(maximumMessages))
        return false;
    toParent.push_back(std::move(message));
    parent.send();
    return true;
}

void WorkerChannel::terminate()
{
    terminating = true;
    std::shared_ptr<SharedBuffer::Memory> waited;
    {
        const std::lock_guard lock(mutex);
        waited = waitsFor;
        worker.send();
    }
    if (!waited)
        return;
    const std::lock_guard lock(waited->mutex); // or it would miss it between its look at `terminating` and its sleep
    waited->changed.notify_all();
}

} // namespace loopscope::work
