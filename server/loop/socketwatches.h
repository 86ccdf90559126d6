// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/loop/eventloop_p.h"

#include <QtCore/QPointer>
#include <QtCore/QSocketNotifier>

#include <uv.h>

#include <array>
#include <memory>
#include <vector>

namespace loopscope::loop {

// The socket notifiers of one thread, on one uv_poll_t for each descriptor.
//
// What notifiers ask for is only noted; apply(), just before the loop polls, tells the kernel what is different then.
// QTcpSocket disables and enables its read notifier at each readiness: that costs no system call.
// A descriptor that was closed, and its number used again within a turn, is no longer in the kernel's set although
// nothing seems to have changed: it is watched anew because its notifier is a new object.
// Limit: an object of QSocketNotifier that is moved to a new descriptor of the same number within one turn is not seen.
//
// Owned by the UvEventDispatcher, for its thread. As libuv does, it makes what it watches non-blocking.
class SocketWatches {
public:
    explicit SocketWatches(EventLoop &loop);
    // Closes all handles; they are freed when the libuv loop has run once more.
    ~SocketWatches();
    SocketWatches(const SocketWatches &) = delete;
    SocketWatches &operator=(const SocketWatches &) = delete;

    void add(QSocketNotifier *notifier);
    void remove(QSocketNotifier *notifier);
    void apply();
    // Notifiers of regular files: Qt has always called them ready. Delivers to those that are enabled.
    void deliverAlwaysReady();
    [[nodiscard]] bool hasAlwaysReady() const noexcept;
    [[nodiscard]] bool peerHasClosed(qintptr descriptor) const noexcept;

    // Notifiers are not activated while this is set (QEventLoop::ExcludeSocketNotifiers).
    void setExcluded(bool excluded) noexcept { m_excluded = excluded; }
    // How often a watch was started, changed or stopped in the kernel.
    [[nodiscard]] quint64 kernelChanges() const noexcept { return m_kernelChanges; }
    // Descriptors that the kernel watches now.
    [[nodiscard]] quint32 watched() const noexcept { return quint32(m_watched); }

private:
    static constexpr int types = 3; // QSocketNotifier::Read, Write, Exception

    struct Watch {
        SocketWatches *owner = nullptr;
        uv_poll_t handle;
        int descriptor = -1;
        std::array<QSocketNotifier *, types> enabled{}; // who wants to be told
        std::array<QPointer<QSocketNotifier>, types> lastObject; // who asked last; null when that object is gone
        std::array<quint64, types> number{}; // of lastObject's registration
        int armedEvents = 0; // of libuv; 0: not watched
        bool initialized = false; // handle belongs to the loop
        bool dirty = false; // is in m_dirty
        bool renewed = false; // a new object asked: the kernel may know nothing of this descriptor
        bool alwaysReady = false;
        bool peerClosed = false;
    };
    enum class Pollable { Yes, AlwaysReady, Closed };

    static void onPoll(uv_poll_t *handle, int status, int events);
    [[nodiscard]] Watch *watchOf(qintptr descriptor, bool create);
    void markDirty(Watch &watch);
    void noteObject(Watch &watch, QSocketNotifier *notifier, int type);
    void forgetDead(Watch &watch);
    void applyTo(Watch &watch);
    void refuse(Watch &watch);
    // Sets armedEvents and returns what it was.
    int setArmed(Watch &watch, int events) noexcept;
    [[nodiscard]] Pollable pollable(int descriptor) const;
    [[nodiscard]] bool initialize(Watch &watch);
    void deliver(Watch &watch, int typeMask);

    EventLoop &m_loop;
    std::vector<std::unique_ptr<Watch>> m_watches; // by descriptor; kept when it is closed, for its next use
    std::vector<Watch *> m_dirty;
    std::vector<Watch *> m_applying; // reused storage
    std::vector<Watch *> m_alwaysReady;
    quint64 m_kernelChanges = 0;
    int m_watched = 0; // those with armedEvents
    bool m_excluded = false;
};

} // namespace loopscope::loop
