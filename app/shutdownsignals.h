// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QObject>

#include <vector>

struct uv_loop_s;

namespace loopscope::app {

// SIGTERM, SIGINT and, unless the program was started with it ignored (nohup), SIGHUP as a Qt signal, through uv_signal_t, on whatever system libuv knows.
//
// Lives on the thread of the loop it is given, which must outlive it. While it lives these signals do not end the
// process. received() comes as a posted event, so that a slot runs like any other callback of the loop.
class ShutdownSignals final : public QObject {
    Q_OBJECT

public:
    explicit ShutdownSignals(uv_loop_s *loop, QObject *parent = nullptr);
    ~ShutdownSignals() override;

Q_SIGNALS:
    // `count`: how many have come so far, this one included.
    void received(int signalNumber, int count);

private:
    struct Handle;
    std::vector<Handle *> m_handles; // libuv's until their close callback, which deletes them
    int m_count = 0;
};

} // namespace loopscope::app
