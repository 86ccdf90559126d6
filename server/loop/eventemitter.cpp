// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/loop/eventemitter.h"

#include "server/trace/trace.h"

#include <QtCore/QScopedValueRollback>
#include <QtCore/QVarLengthArray>

#include <algorithm>
#include <stdexcept>
#include <vector>

namespace loopscope::loop {

using namespace Qt::StringLiterals;

struct EventEmitter::Private {
    struct Entry {
        ListenerId id = ListenerId::None;
        bool once = false;
        bool fired = false; // once, and called
        Site site;
        Erased listener;
    };
    struct Listeners {
        QByteArray name;
        const void *type = nullptr; // typeOf()
        std::vector<std::shared_ptr<Entry>> entries; // never empty; those that run are shared by their emit()
        const char *traced = nullptr; // the name, interned
        bool warned = false;
    };

    explicit Private(EventEmitter *emitter)
        : owner(emitter)
    {
    }
    [[nodiscard]] Listeners *find(const QByteArray &name)
    {
        const auto found = std::find_if(events.begin(), events.end(),
                                        [&](const Listeners &listeners) { return listeners.name == name; });
        return found == events.end() ? nullptr : &*found;
    }
    [[nodiscard]] bool has(const QByteArray &name) { return find(name) != nullptr; }
    Listeners &findOrMake(const QByteArray &name, const void *type);
    // Out of its list; null if it is in none. `name` is that of its event.
    [[nodiscard]] std::shared_ptr<Entry> take(ListenerId id, QByteArray &name);

    EventEmitter *owner; // null: it is destroyed
    std::vector<Listeners> events; // few; in the order in which they got their first listener
    quint64 lastId = 0;
    int maxListeners = defaultMaxListeners;
    bool captureRejections = false;
};

EventEmitter::EventEmitter()
    : d(std::make_shared<Private>(this))
{
}

EventEmitter::~EventEmitter()
{
    d->owner = nullptr;
}

static void requireSame(const QByteArray &name, bool same)
{
    if (!same)
        throw std::logic_error("event '" + name.toStdString() + "' is used with different types");
}

// --- adding ---

EventEmitter::Private::Listeners &EventEmitter::Private::findOrMake(const QByteArray &name, const void *type)
{
    Listeners *listeners = find(name);
    if (!listeners) {
        listeners = &events.emplace_back();
        listeners->name = name;
        listeners->type = type;
    }
    requireSame(name, listeners->type == type);
    return *listeners;
}

EventEmitter::ListenerId EventEmitter::add(const QByteArray &name, const void *type, Erased listener, Place place,
                                           bool once, Site site)
{
    const ListenerId id{++d->lastId};
    if (d->has(newListenerEvent.name()))
        emit(newListenerEvent, name, id);
    Private::Listeners &listeners = d->findOrMake(name, type);
    const auto at = place == Place::Last ? listeners.entries.end() : listeners.entries.begin();
    listeners.entries.insert(at, std::make_shared<Private::Entry>(
                                     Private::Entry{id, once, false, site, std::move(listener)}));
    const std::size_t count = listeners.entries.size();
    if (d->maxListeners > 0 && count > std::size_t(d->maxListeners) && !std::exchange(listeners.warned, true))
        warnOfMany(name, count);
    return id;
}

void EventEmitter::warnOfMany(const QByteArray &name, std::size_t listeners)
{
    const QString words = u"Possible EventEmitter memory leak detected. %1 %2 listeners added to [EventEmitter]. "
                          "MaxListeners is %3. Use emitter.setMaxListeners() to increase limit"_s.arg(listeners)
                              .arg(QString::fromUtf8(name))
                              .arg(d->maxListeners);
    if (EventLoop *loop = EventLoop::current())
        loop->emitWarning({QByteArrayLiteral("MaxListenersExceededWarning"), words});
    else
        qWarning("MaxListenersExceededWarning: %s", qUtf8Printable(words));
}

// --- removing ---

std::shared_ptr<EventEmitter::Private::Entry> EventEmitter::Private::take(ListenerId id, QByteArray &name)
{
    for (auto listeners = events.begin(); listeners != events.end(); ++listeners) {
        auto &entries = listeners->entries;
        const auto found = std::find_if(entries.begin(), entries.end(),
                                        [id](const std::shared_ptr<Entry> &entry) { return entry->id == id; });
        if (found == entries.end())
            continue;
        std::shared_ptr<Entry> taken = std::move(*found);
        name = listeners->name;
        entries.erase(found);
        if (entries.empty())
            events.erase(listeners);
        return taken;
    }
    return nullptr;
}

bool EventEmitter::off(ListenerId id)
{
    QByteArray name;
    const auto taken = d->take(id, name); // what it captures may call here when it is destroyed: last
    if (!taken)
        return false;
    if (d->has(removeListenerEvent.name()))
        emit(removeListenerEvent, name, id);
    return true;
}

void EventEmitter::removeAll(const QByteArray &name)
{
    const auto kept = d; // a listener of 'removeListener' may destroy the emitter
    while (const Private::Listeners *listeners = kept->owner ? kept->find(name) : nullptr)
        off(listeners->entries.back()->id);
}

// 'removeListener' says what went to its listeners, and so goes last.
void EventEmitter::removeAllListeners()
{
    const auto kept = d;
    for (const QByteArray &name : eventNames()) {
        if (kept->owner && name != removeListenerEvent.name())
            removeAll(name);
    }
    if (kept->owner)
        removeAll(removeListenerEvent.name());
}

// --- emitting ---

// Throws it, if there is no listener.
void EventEmitter::callError(const std::exception_ptr *error)
{
    if (error && d->has(errorMonitorEvent.name()))
        emit(errorMonitorEvent, *error);
    if (d->has(errorEvent.name()))
        return;
    if (error && *error)
        std::rethrow_exception(*error);
    throw UnhandledError();
}

// How the calls are named in the trace; any name where nothing is traced.
static const char *tracedName(const QByteArray &name, const char *&interned)
{
    const EventLoop *loop = EventLoop::current();
    if (!loop || !loop->tracing())
        return "listener";
    if (!interned)
        interned = loop->trace()->intern(name);
    return interned;
}

bool EventEmitter::call(const QByteArray &name, const void *type, const void *arguments, const std::exception_ptr *error)
{
    const auto kept = d; // a listener may destroy the emitter
    if (name == errorEvent.name())
        callError(error);
    Private::Listeners *listeners = kept->owner ? kept->find(name) : nullptr;
    if (!listeners)
        return false;
    requireSame(name, listeners->type == type);
    const char *traced = tracedName(name, listeners->traced);
    // Those that are there now, whatever becomes of the list.
    const QVarLengthArray<std::shared_ptr<Private::Entry>, 8> called(listeners->entries.begin(), listeners->entries.end());
    for (const std::shared_ptr<Private::Entry> &entry : called) {
        if (!kept->owner)
            break;
        if (entry->once) {
            if (entry->fired)
                continue;
            entry->fired = true;
            off(entry->id);
        }
        const Span span(traced, entry->site);
        Task<> task = entry->listener(arguments);
        if (task.isValid() && kept->captureRejections)
            captureRejection(kept, std::move(task)).detach();
    }
    return true;
}

// As Node's addCatch() and emitUnhandledRejectionOrErr(): a listener of 'error' that fails is not captured itself.
Task<> EventEmitter::captureRejection(std::weak_ptr<Private> emitter, Task<> listener)
{
    std::exception_ptr failed;
    try {
        co_await listener;
    } catch (...) {
        failed = std::current_exception();
    }
    if (!failed)
        co_return;
    EventLoop::current()->nextTick([emitter, failed] {
        const auto kept = emitter.lock();
        if (!kept || !kept->owner)
            return;
        const QScopedValueRollback off(kept->captureRejections, false);
        kept->owner->emit(errorEvent, failed);
    });
}

// --- looking ---

QList<EventEmitter::Listener> EventEmitter::listenersOf(const QByteArray &name) const
{
    QList<Listener> result;
    if (const Private::Listeners *listeners = d->find(name)) {
        for (const std::shared_ptr<Private::Entry> &entry : listeners->entries)
            result.append({entry->id, entry->once, entry->site});
    }
    return result;
}

QByteArrayList EventEmitter::eventNames() const
{
    QByteArrayList names;
    for (const Private::Listeners &listeners : d->events)
        names.append(listeners.name);
    return names;
}

void EventEmitter::setMaxListeners(int listeners) noexcept
{
    d->maxListeners = listeners;
}

int EventEmitter::maxListeners() const noexcept
{
    return d->maxListeners;
}

void EventEmitter::setCaptureRejections(bool on) noexcept
{
    d->captureRejections = on;
}

} // namespace loopscope::loop
