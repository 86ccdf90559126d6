// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "load/loadgenerator.h"
#include "load/target.h"

#include <QtCore/QList>

#include <chrono>

namespace loopscope::load {

// One way of doing an experiment's work: what to ask the server for.
struct LabVariant {
    QByteArray name; // "blocking"
    QString description;
    bool right = true; // false: the one whose harm the experiment shows
    QByteArray target; // "/lab/write?variant=blocking&mib=64"
};

// An experiment to run: its variants against one live server, beside a probe. Values only: who composes it knows what
// the experiment is, whoever runs it knows only HTTP.
struct LabPlan {
    // What of the answers is compared.
    enum class Kind {
        Latency, // the probe's latencies while the work runs: others are harmed, or not
        Duration, // how long the work takes
        Order, // the order in which things ran
        Report, // whatever the answer says
    };
    static constexpr int maximumRuns = 100;
    // Seconds that the probe lasts in each run, at least.
    static constexpr int maximumSeconds = 300;
    // For the first answer, connecting included: as long as a probe is given (LoadOptions::defaultTimeout). A server that
    // is there answers the list of its experiments at once.
    static constexpr std::chrono::milliseconds defaultFirstAnswerTimeout{10'000};
    // What is asked first: who runs experiments lists them there. Any answer will do, also one that knows no such page.
    static constexpr const char *firstPath = "/lab";

    QByteArray name; // "write"
    QString title;
    Kind kind = Kind::Latency;
    QByteArray method = "POST";
    QList<LabVariant> variants; // at least one; the wrong one first
    QList<std::pair<QByteArray, qint64>> parameters; // as they stand in the targets; for who reads the report
    Target server;
    QByteArray probePath = "/healthz";
    int rate = 100; // of the probe, a second: LoadOptions' bounds
    int seconds = 1; // 1 … maximumSeconds
    int runs = 1; // of each variant: 1 … maximumRuns
    std::chrono::milliseconds firstAnswerTimeout = defaultFirstAnswerTimeout;

    // Others wait only in these kinds: in the rest there is no probe, and seconds and rate mean nothing.
    [[nodiscard]] bool hasProbe() const noexcept { return kind == Kind::Latency || kind == Kind::Duration; }
};

// As a report names it: "latency", …
[[nodiscard]] const char *toString(LabPlan::Kind kind) noexcept;
// The bytes of a request without a body.
[[nodiscard]] QByteArray requestBytes(const QByteArray &method, const QByteArray &target, const Target &server);

} // namespace loopscope::load
