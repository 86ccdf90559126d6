// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shutdownsignals.h"

#include <uv.h>

#include <csignal>

namespace loopscope::app {

struct ShutdownSignals::Handle {
    uv_signal_t uv{};
};

ShutdownSignals::ShutdownSignals(uv_loop_s *loop, QObject *parent)
    : QObject(parent)
{
    const auto onSignal = [](uv_signal_t *handle, int number) {
        auto *self = static_cast<ShutdownSignals *>(handle->data);
        const int count = ++self->m_count;
        QMetaObject::invokeMethod(
            self, [self, number, count] { Q_EMIT self->received(number, count); }, Qt::QueuedConnection);
    };
    const int numbers[] = {SIGTERM, SIGINT};
    for (int i = 0; i < 2; ++i) {
        m_handles[i] = new Handle;
        uv_signal_init(loop, &m_handles[i]->uv);
        m_handles[i]->uv.data = this;
        if (const int error = uv_signal_start(&m_handles[i]->uv, onSignal, numbers[i]))
            qWarning("Signal %d cannot be watched: %s", numbers[i], uv_strerror(error));
        uv_unref(reinterpret_cast<uv_handle_t *>(&m_handles[i]->uv)); // a signal to come keeps no loop alive
    }
}

ShutdownSignals::~ShutdownSignals()
{
    for (Handle *handle : m_handles) {
        uv_close(reinterpret_cast<uv_handle_t *>(&handle->uv), [](uv_handle_t *closed) {
            delete reinterpret_cast<Handle *>(reinterpret_cast<uv_signal_t *>(closed));
        });
    }
}

} // namespace loopscope::app
