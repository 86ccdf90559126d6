// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/stream/duplex.h"

namespace loopscope::stream {

Duplex::Duplex(DuplexOptions options)
    : Readable({options.readableHighWaterMark, options.autoDestroy})
    , Writable({options.writableHighWaterMark, options.autoDestroy})
    , m_allowHalfOpen(options.allowHalfOpen)
{
    if (!options.readable)
        removeReadableSide();
    if (!options.writable)
        removeWritableSide();
}

Duplex::~Duplex() = default;

void Duplex::readableHasEnded()
{
    if (isWritable() && !m_allowHalfOpen)
        nextTick(this, &Duplex::endAfterOtherSide);
    else
        Readable::readableHasEnded();
}

void Duplex::endAfterOtherSide()
{
    if (isWritable())
        end();
}

bool Duplex::removeListener(Event event, ListenerId id)
{
    return event < Event::Drain ? Readable::removeListener(event, id) : Writable::removeListener(event, id);
}

void Duplex::dropListeners()
{
    Readable::dropListeners();
    Writable::dropListeners();
}

void Duplex::constructed()
{
    Readable::constructed();
    Writable::constructed();
}

} // namespace loopscope::stream
