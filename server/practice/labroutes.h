// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/practice/gate.h"
#include "server/practice/labrun.h"
#include "server/web/application.h"

#include <functional>

namespace loopscope::practice {

// The experiments under /lab: each does the same work in two ways or more, one of which harms.
//
// | path                       | what it answers                                                              |
// | GET /lab                   | all experiments, described (experiment.h), with their routes and bounds       |
// | METHOD /lab/NAME?variant=… | runs one; JSON with experiment, variant, milliseconds, and what it found      |
// | GET /lab/pool              | the worker pool's threads, running and queued jobs                            |
// | POST /lab/pool?threads=N   | the same, after the pool has got N threads                                    |
//
// What is out of range is 400 with one sentence; 503 if too much is under way. Added to an application before its
// first request; it outlives that. The server's thread.
class LabRoutes {
public:
    // Runs under way at most; beyond it 503.
    static constexpr int maximumRuns = 256;
    // Bytes that they say they need, in memory or on the disk, at most; beyond it 503. One run alone always fits.
    static constexpr qint64 maximumBytes = qint64(1) << 30;

    // `directory`: files of experiments live there in a folder "lab" for as long as they run.
    explicit LabRoutes(const QString &directory);
    ~LabRoutes(); // removes the folder if it is empty
    LabRoutes(const LabRoutes &) = delete;
    LabRoutes &operator=(const LabRoutes &) = delete;

    void addTo(web::Application &application);

private:
    struct Handler {
        std::function<loop::Task<QJsonObject>(LabRun)> run;
        // What a run takes, in memory and on the disk.
        std::function<qint64(const LabRun &)> bytes;
    };
    void add(web::Application &application, QByteArrayView name, Handler handler, loop::Site site = loop::Site::here());
    void addFileExperiments(web::Application &application);
    void addCpuExperiments(web::Application &application);
    void addOrderExperiments(web::Application &application);
    // Of this only the gate, and that before it waits: the work of a request may outlive the site.
    loop::Task<> answer(const Experiment &experiment, const Handler &handler, web::Request &req, web::Response &res);
    static void addPoolRoutes(web::Application &application);

    const QString m_folder;
    Gate m_gate;
};

} // namespace loopscope::practice
