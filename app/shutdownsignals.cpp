// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shutdownsignals.h"

#include <uv.h>

#include <csignal>

namespace loopscope::app {

struct ShutdownSignals::Handle {
    uv_signal_t uv{};
};

namespace {

bool isIgnored([[maybe_unused]] int number)
{
#ifdef Q_OS_UNIX
    struct sigaction now {
    };
    return ::sigaction(number, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
#else
    return false;
#endif
}

} // namespace

ShutdownSignals::ShutdownSignals(uv_loop_s *loop, QObject *parent)
    : QObject(parent)
{
    const auto onSignal = [](uv_signal_t *handle, int number) {
        auto *self = static_cast<ShutdownSignals *>(handle->data);
        const int count = ++self->m_count;
        QMetaObject::invokeMethod(
            self, [self, number, count] { Q_EMIT self->received(number, count); }, Qt::QueuedConnection);
    };
    for (const int number : {SIGTERM, SIGINT, SIGHUP}) {
        if (number == SIGHUP && isIgnored(number))
            continue;
        auto *handle = new Handle;
        m_handles.push_back(handle);
        uv_signal_init(loop, &handle->uv);
        handle->uv.data = this;
        if (const int error = uv_signal_start(&handle->uv, onSignal, number))
            qWarning("Signal %d cannot be watched: %s", number, uv_strerror(error));
        uv_unref(reinterpret_cast<uv_handle_t *>(&handle->uv)); // a signal to come keeps no loop alive
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
