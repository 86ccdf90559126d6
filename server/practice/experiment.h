// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QString>

namespace loopscope::practice {

// A number that an experiment takes from its query; out of its range is 400.
struct ExperimentParameter {
    QByteArray name; // "mib"
    QString description;
    qint64 minimum = 0;
    qint64 maximum = 0;
    qint64 standard = 0; // without it in the query
    QByteArray unit; // "MiB", "ms", or empty for a count
};

// One way of doing the same work: ?variant=NAME.
struct ExperimentVariant {
    QByteArray name; // "blocking", "pool"
    QString description;
    bool right = true; // false: the one whose harm the experiment shows
};

// What one experiment under /lab/… is: said by itself at GET /lab, and read by whoever runs it (`loopscope lab`, the
// window's comparison). Values only; any thread.
//
// Every answer is JSON with "experiment", "variant" and "milliseconds": how long its work took until it was done, on the
// loop's monotonic clock, without what was prepared before it (a file to read, bytes to write). An Order experiment adds "order", an array of strings.
// Where the figures do not speak for themselves it adds "summary": what became of it, as a part of a sentence.
struct Experiment {
    enum class Kind {
        Latency, // the harm is done to others: run it beside a probe and compare the probe's latencies
        Duration, // the variants differ in how long they take themselves
        Order, // the variants differ in the order in which things ran
        Report, // it answers figures of its own
    };

    QByteArray name; // "write": of its path /lab/write, and of `loopscope lab run write`
    QString title;
    QString description; // what it does, what to expect and why, in a few sentences
    QList<QByteArray> concepts; // rows of the curriculum: "B1"
    Kind kind = Kind::Report;
    QByteArray method = "POST"; // GET only where nothing is done but to look
    QList<ExperimentParameter> parameters;
    QList<ExperimentVariant> variants; // two or more; the wrong or blocking one first

    [[nodiscard]] QByteArray path() const { return "/lab/" + name; }
    // The variant of that name, or null.
    [[nodiscard]] const ExperimentVariant *variant(QByteArrayView variantName) const;
    // As GET /lab says it.
    [[nodiscard]] QJsonObject toJson() const;
};

// All of them, in the order of the curriculum. Made once, never changed.
[[nodiscard]] const QList<Experiment> &experiments();
// The one of that name, or null.
[[nodiscard]] const Experiment *findExperiment(QByteArrayView name);

} // namespace loopscope::practice
