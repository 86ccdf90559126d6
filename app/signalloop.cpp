// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/signalloop.h"

#include <QtCore/QSocketNotifier>

#include <uv.h>

#include <optional>

namespace loopscope::app {

struct SignalLoop::Private {
    uv_loop_t loop{};
    uv_check_t alive{}; // a loop with nothing but signals to come would not look for them
    std::optional<ShutdownSignals> systemSignals;
    std::optional<QSocketNotifier> readable;

    void run() { uv_run(&loop, UV_RUN_NOWAIT); }
};

SignalLoop::SignalLoop()
    : d(std::make_unique<Private>())
{
    uv_loop_init(&d->loop);
    uv_check_init(&d->loop, &d->alive);
    uv_check_start(&d->alive, [](uv_check_t *) { });
    d->systemSignals.emplace(&d->loop);
    d->run(); // from now on its descriptor tells of signals
    d->readable.emplace(uv_backend_fd(&d->loop), QSocketNotifier::Read);
    QObject::connect(&*d->readable, &QSocketNotifier::activated, &*d->readable, [this] { d->run(); });
}

SignalLoop::~SignalLoop()
{
    d->readable.reset();
    d->systemSignals.reset();
    uv_close(reinterpret_cast<uv_handle_t *>(&d->alive), nullptr);
    uv_run(&d->loop, UV_RUN_DEFAULT); // the close callbacks
    uv_loop_close(&d->loop);
}

const ShutdownSignals *SignalLoop::signalsOfTheSystem() const noexcept
{
    return &*d->systemSignals;
}

} // namespace loopscope::app
