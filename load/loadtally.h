// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QString>

#include <array>

namespace loopscope::load {

// Why a request of the load has failed.
enum class LoadError {
    Connect, // no connection could be made
    Timeout, // no answer by its deadline, which is counted from when it was due
    Closed, // the connection ended before the answer did
    Protocol, // what came is no HTTP/1.1 answer
    Status, // it was answered, with 400 or above
};
inline constexpr int loadErrorCount = 5;
[[nodiscard]] const char *toString(LoadError error) noexcept; // "connect", …

// What became of the requests of a load. due = answered + failed once all have ended; those answered with an error's
// status are both answered and counted as errors of kind Status.
struct LoadTally {
    quint64 due = 0; // that were to be sent by now
    quint64 answered = 0;
    std::array<quint64, loadErrorCount> errors{};
    quint64 connections = 0; // opened
    quint64 mostConnections = 0; // open at once

    [[nodiscard]] quint64 &of(LoadError error) noexcept { return errors[std::size_t(error)]; }
    [[nodiscard]] quint64 of(LoadError error) const noexcept { return errors[std::size_t(error)]; }
    // Of all kinds.
    [[nodiscard]] quint64 errorCount() const noexcept;
    // Those that have ended without an answer.
    [[nodiscard]] quint64 failed() const noexcept { return errorCount() - of(LoadError::Status); }
    void add(const LoadTally &other) noexcept;
    // "2 timeout, 1 closed"; empty without errors.
    [[nodiscard]] QString errorWords() const;
    friend bool operator==(const LoadTally &, const LoadTally &) = default;
};

} // namespace loopscope::load
