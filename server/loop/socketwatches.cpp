// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/loop/socketwatches.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QEvent>

#include <sys/epoll.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

namespace loopscope::loop {

static constexpr std::array typeNames{"Read", "Write", "Exception"}; // as Qt's warnings say them
static constexpr std::array sliceNames{"readable", "writable", "exception"};
static constexpr std::array typeEvents{UV_READABLE | UV_DISCONNECT, int(UV_WRITABLE), int(UV_PRIORITIZED)};
static constexpr int allTypes = 0b111;

SocketWatches::SocketWatches(EventLoop &loop)
    : m_loop(loop)
{
}

SocketWatches::~SocketWatches()
{
    for (auto &watch : m_watches) {
        if (watch && watch->initialized) {
            watch->handle.data = watch.get();
            uv_close(reinterpret_cast<uv_handle_t *>(&watch->handle),
                     [](uv_handle_t *handle) { delete static_cast<Watch *>(handle->data); });
            (void)watch.release(); // freed by the close callback
        }
    }
}

SocketWatches::Watch *SocketWatches::watchOf(qintptr descriptor, bool create)
{
    if (descriptor < 0)
        return nullptr;
    const auto index = std::size_t(descriptor);
    if (index >= m_watches.size()) {
        if (!create)
            return nullptr;
        m_watches.resize(std::max(index + 1, 2 * m_watches.size()));
    }
    auto &place = m_watches[index];
    if (!place && create) {
        place = std::make_unique<Watch>();
        place->owner = this;
        place->descriptor = int(descriptor);
    }
    return place.get();
}

void SocketWatches::markDirty(Watch &watch)
{
    if (!std::exchange(watch.dirty, true))
        m_dirty.push_back(&watch);
}

void SocketWatches::add(QSocketNotifier *notifier)
{
    const int type = int(notifier->type());
    Watch *watch = watchOf(notifier->socket(), true);
    if (!watch) {
        qWarning("UvEventDispatcher: a socket notifier of descriptor %lld cannot be registered.",
                 qlonglong(notifier->socket()));
        return;
    }
    QSocketNotifier *&place = watch->enabled[std::size_t(type)];
    if (place && place != notifier) {
        qWarning("QSocketNotifier: Multiple socket notifiers for same socket %d and type %s", watch->descriptor,
                 typeNames[std::size_t(type)]);
    }
    place = notifier;
    if (watch->lastObject[std::size_t(type)] != notifier)
        noteObject(*watch, notifier, type);
    markDirty(*watch);
}

// Here for the first time, or the descriptor is another one than before.
void SocketWatches::noteObject(Watch &watch, QSocketNotifier *notifier, int type)
{
    forgetDead(watch);
    const auto isSet = [](const auto &object) { return !object.isNull(); };
    if (std::none_of(watch.lastObject.begin(), watch.lastObject.end(), isSet))
        watch.peerClosed = false;
    const auto index = std::size_t(type);
    watch.lastObject[index] = notifier;
    watch.number[index] = m_loop.nextId();
    watch.renewed = true;
    m_loop.d->recordRegistered(watch.number[index], sliceNames[index], {});
}

// The registrations of objects that have been destroyed will not run any more.
void SocketWatches::forgetDead(Watch &watch)
{
    for (std::size_t type = 0; type < types; ++type) {
        if (watch.number[type] && watch.lastObject[type].isNull())
            m_loop.d->recordCleared(std::exchange(watch.number[type], 0));
    }
}

void SocketWatches::remove(QSocketNotifier *notifier)
{
    Watch *watch = watchOf(notifier->socket(), false);
    if (!watch)
        return;
    QSocketNotifier *&place = watch->enabled[std::size_t(notifier->type())];
    if (!place)
        return;
    if (place != notifier) {
        qWarning("QSocketNotifier: Multiple socket notifiers for same socket %d and type %s", watch->descriptor,
                 typeNames[std::size_t(notifier->type())]);
        return;
    }
    place = nullptr;
    markDirty(*watch);
}

void SocketWatches::apply()
{
    while (!m_dirty.empty()) { // refuse() may add to it
        m_applying.swap(m_dirty);
        for (Watch *watch : m_applying) {
            watch->dirty = false;
            applyTo(*watch);
        }
        m_applying.clear();
    }
}

void SocketWatches::applyTo(Watch &watch)
{
    forgetDead(watch);
    int events = 0;
    for (std::size_t type = 0; type < types; ++type) {
        if (watch.enabled[type])
            events |= typeEvents[type];
    }
    if (events == 0) {
        if (watch.armedEvents != 0) {
            uv_poll_stop(&watch.handle);
            ++m_kernelChanges;
            setArmed(watch, 0);
        }
        return; // renewed stays: whoever asks next is watched anew
    }
    if (watch.renewed) {
        const Pollable answer = pollable(watch.descriptor);
        if (answer == Pollable::Closed) {
            refuse(watch);
            return;
        }
        if (std::exchange(watch.alwaysReady, answer == Pollable::AlwaysReady) != watch.alwaysReady) {
            if (watch.alwaysReady)
                m_alwaysReady.push_back(&watch);
            else
                m_alwaysReady.erase(std::find(m_alwaysReady.begin(), m_alwaysReady.end(), &watch));
        }
    }
    if (watch.alwaysReady) {
        watch.renewed = false;
        if (setArmed(watch, 0) != 0) // the number was a socket's before
            uv_poll_stop(&watch.handle);
        return;
    }
    if (!watch.renewed && events == watch.armedEvents)
        return;
    if (!initialize(watch)) {
        refuse(watch);
        return;
    }
    uv_poll_start(&watch.handle, events, &SocketWatches::onPoll); // stops it first, in the kernel too
    ++m_kernelChanges;
    setArmed(watch, events);
    watch.renewed = false;
}

int SocketWatches::setArmed(Watch &watch, int events) noexcept
{
    m_watched += int(events != 0) - int(watch.armedEvents != 0);
    return std::exchange(watch.armedEvents, events);
}

// As Qt does for a descriptor that is not open (POLLNVAL).
void SocketWatches::refuse(Watch &watch)
{
    if (setArmed(watch, 0) != 0)
        uv_poll_stop(&watch.handle);
    watch.renewed = true;
    for (std::size_t type = 0; type < types; ++type) {
        if (QSocketNotifier *notifier = watch.enabled[type]) {
            qWarning("QSocketNotifier: Invalid socket %d with type %s, disabling...", watch.descriptor,
                     typeNames[type]);
            notifier->setEnabled(false);
        }
    }
}

// libuv aborts the process when epoll refuses a descriptor that it watched before under the same number, so each new
// one is looked at. One cheap call tells sockets and pipes, which are always accepted; only for others epoll is asked.
SocketWatches::Pollable SocketWatches::pollable(int descriptor) const
{
    struct stat status;
    if (::fstat(descriptor, &status) != 0)
        return Pollable::Closed;
    if (S_ISSOCK(status.st_mode) || S_ISFIFO(status.st_mode))
        return Pollable::Yes;
    if (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode))
        return Pollable::AlwaysReady;
    const int epoll = uv_backend_fd(m_loop.uvLoop());
    epoll_event none{};
    none.data.fd = descriptor;
    if (::epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &none) == 0) {
        ::epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, &none);
        return Pollable::Yes;
    }
    if (errno == EPERM)
        return Pollable::AlwaysReady;
    return errno == EBADF ? Pollable::Closed : Pollable::Yes;
}

bool SocketWatches::initialize(Watch &watch)
{
    if (watch.initialized)
        return true;
    const int error = uv_poll_init(m_loop.uvLoop(), &watch.handle, watch.descriptor);
    if (error != 0) {
        qWarning("UvEventDispatcher: descriptor %d cannot be watched: %s.", watch.descriptor, uv_strerror(error));
        return false;
    }
    watch.handle.data = &watch;
    watch.initialized = true;
    return true;
}

void SocketWatches::onPoll(uv_poll_t *handle, int status, int events)
{
    Watch &watch = *static_cast<Watch *>(handle->data);
    SocketWatches &self = *watch.owner;
    int mask = 0;
    if (status < 0) {
        // POLLERR: libuv has stopped the watch. Everyone is told, as by Qt's own dispatcher, and will be watched again.
        mask = allTypes;
        self.setArmed(watch, 0);
        watch.peerClosed = true;
        self.markDirty(watch);
    } else {
        for (std::size_t type = 0; type < types; ++type)
            mask |= events & typeEvents[type] ? 1 << type : 0;
        if (events & UV_DISCONNECT)
            watch.peerClosed = true;
    }
    // A renewed watch is another socket's than the one that the kernel reported in this batch.
    if (!self.m_excluded && !watch.renewed)
        self.deliver(watch, mask);
}

void SocketWatches::deliver(Watch &watch, int typeMask)
{
    EventLoop::Private &loop = *m_loop.d;
    loop.pollReturned(true);
    for (std::size_t type = 0; type < types; ++type) {
        QSocketNotifier *notifier = watch.enabled[type]; // an earlier type's may have disabled or destroyed it
        if (!(typeMask & 1 << type) || !notifier || watch.renewed)
            continue;
        loop.run({watch.number[type], sliceNames[type], {}, {}, trace::Phase::Poll, 0}, [notifier] {
            QEvent event(QEvent::SockAct);
            QCoreApplication::sendEvent(notifier, &event);
        });
    }
}

bool SocketWatches::hasAlwaysReady() const noexcept
{
    if (m_excluded)
        return false;
    return std::any_of(m_alwaysReady.begin(), m_alwaysReady.end(), [](const Watch *watch) {
        return std::any_of(watch->enabled.begin(), watch->enabled.end(), [](auto *notifier) { return notifier; });
    });
}

void SocketWatches::deliverAlwaysReady()
{
    if (m_excluded)
        return;
    for (std::size_t i = 0; i < m_alwaysReady.size(); ++i) // changes only in apply()
        deliver(*m_alwaysReady[i], allTypes);
}

bool SocketWatches::peerHasClosed(qintptr descriptor) const noexcept
{
    const auto index = std::size_t(descriptor);
    return descriptor >= 0 && index < m_watches.size() && m_watches[index] && m_watches[index]->peerClosed;
}

} // namespace loopscope::loop
