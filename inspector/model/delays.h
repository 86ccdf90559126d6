// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/flatslices.h"
#include "inspector/model/session.h"

#include <QtCore/QHash>
#include <QtCore/QList>
#include <QtCore/QSet>

#include <array>
#include <map>
#include <tuple>
#include <vector>

namespace loopscope::model {

// What a request's time went to. At each instant of its life a request is in exactly one of these states.
enum class DelayPart : quint8 {
    Loop, // a callback, layer or span of its own ran on the loop
    PoolRunning, // nothing of its own on the loop; a worker ran a job of it
    PoolQueued, // a job of it waited for a worker; `who`: the job that kept the worker which took it in the end
    WorkerThread, // a WorkerThread that it had started had not told yet what comes next; `who`: the callback that was told, if one was
    ClientSend, // the client had not sent what comes next: of the head, or of the body
    ClientTake, // the client had not taken what was written
    OwnTimer, // a timer that it had started was not due
    OtherEvent, // it waited for something that another callback did at last; `who`: that callback
    EarlierRequest, // an earlier request on its connection was not answered yet (pipelining); `who`: that request
    BehindOthers, // it could have gone on, but the loop ran something else; `who`: that
    LoopItself, // it could have gone on, and no callback ran: the turn's bookkeeping, or the system woke the loop up
    Unaccounted, // no record tells
};
inline constexpr int delayPartCount = 12;

// A part, or what one other thing has of it.
struct DelayShare {
    DelayPart part = DelayPart::Unaccounted;
    qint64 ns = 0; // in all
    int stretches = 0; // in so many pieces
    // Who: a request, or if that is 0 the name of a callback or job; neither: nobody in particular, or (`others`) the
    // sum of those that came when maximumShares were known.
    quint64 request = 0;
    StringId name = 0; // the innermost slice that had the longest stretch, with its site
    StringId file = 0;
    quint32 line = 0;
    bool others = false;
    SliceKey slice; // that slice; invalid: none, or it has not ended yet
};

// The time of one request, from when its first bytes came to its end (or `now` while it runs), by what it went to.
struct DelayAccount {
    quint64 request = 0; // 0: it is not known
    qint64 from = 0; // ns on the clock
    qint64 to = 0;
    bool ended = false;
    // From bytes that waited in the system's buffer until they were read, ns; 0: they were read when they came, or the
    // system did not tell, and then the time begins with the reading.
    qint64 readLate = 0;
    bool arrivalNotTold = false;
    bool evicted = false; // records of its time were dropped by the session's limits
    quint64 dropped = 0; // records that the server has dropped: any of them may be missing here
    QList<DelayShare> shares; // by part, in each the largest first; their sum is total()

    [[nodiscard]] qint64 total() const noexcept { return to - from; }
    [[nodiscard]] qint64 of(DelayPart part) const noexcept;
    // Of the total, what records tell: 0 … 1; 1 of no time at all.
    [[nodiscard]] double accountedShare() const noexcept;
};

// Makes a DelayAccount, in steps, so that a request of millions of slices does not hold up a window.
//
// Made for one account, on the session's thread; the session must outlive it and may take in records between steps.
// Every figure is the time between two records. What it does where no record decides is said at DelayPart.
// Between two stretches of its own the request waited: for what, the callback that ended the wait tells (its timer, its
// job, bytes of the client); since when it could have gone on, the record of that (due, finished, arrived, registered).
class DelayAnalysis {
public:
    // Kept apart by name, of one part; what comes beyond is added up as `others`.
    static constexpr std::size_t maximumShares = 4'096;
    // Jobs of one request that are told from one another; time of more is not seen as the pool's.
    static constexpr std::size_t maximumJobs = 65'536;

    // `now`: the end of what is looked at while it runs, ns.
    DelayAnalysis(const Session &session, quint64 request, qint64 now);

    // Looks at about `most` records more; true: account() is complete.
    bool advance(quint64 most);
    [[nodiscard]] bool isDone() const noexcept { return m_stage == Stage::Done; }
    // Complete once advance() said so.
    [[nodiscard]] const DelayAccount &account() const noexcept { return m_account; }

private:
    enum class Stage : quint8 { Events, Workers, Loop, Done };
    // A wait's end: when the request could have gone on, and what it had waited for until then.
    struct Cause {
        qint64 ready = 0;
        bool known = false; // else the part follows from what was outstanding
        DelayPart part = DelayPart::Unaccounted;
        const Slice *who = nullptr; // of OtherEvent, WorkerThread
        SliceKey whoKey;
    };
    struct Job {
        quint64 id = 0;
        qint64 queued = 0;
        qint64 started = Request::unknown;
        qint64 finished = Request::unknown;
        int lane = -1; // of the worker
        StringId name = 0;
        StringId file = 0;
        quint32 line = 0;
        SliceKey slice;
    };
    struct Interval {
        qint64 from = 0;
        qint64 to = 0;
    };
    struct Timer {
        qint64 registered = 0;
        quint64 id = 0;
        qint64 due = 0;
        qint64 latestDue = 0; // of this one and those registered before
    };
    // Something of its own that can run from `at` on: a timer that is due, a job that is done, an immediate, a tick.
    struct Ready {
        qint64 at = 0;
        quint64 id = 0; // of the registration, or the job
    };
    using ShareKey = std::tuple<DelayPart, quint64, StringId, StringId, quint32>;

    // reading
    void readEvents(quint64 &budget);
    void takeEvent(const Event &event);
    void sortEvents();
    void readWorkers(quint64 &budget);
    void readRunningJobs();
    [[nodiscard]] Job *job(quint64 id);
    void readLoop(quint64 &budget);
    void takeStretch(qint64 from, qint64 to, const SliceStack &stack);
    void finish();

    // judging
    [[nodiscard]] bool isOwn(const SliceStack &stack, qint64 at) const;
    [[nodiscard]] Cause causeOf(const SliceStack &stack, qint64 gapFrom, qint64 at);
    [[nodiscard]] Cause causeInPoll(const Slice &slice, qint64 at);
    [[nodiscard]] qint64 pollReturned(qint64 at) const;
    [[nodiscard]] bool owesBytes(qint64 at) const noexcept;
    [[nodiscard]] DelayPart outstanding(qint64 from, qint64 to) const;
    [[nodiscard]] qint64 pendingSince(qint64 before);
    void collectReady();

    // adding up
    void addGap(qint64 from, qint64 to, const Cause &cause);
    void addWait(qint64 from, qint64 to, const Cause &cause);
    void addJob(const Job &job, qint64 from, qint64 to);
    void addHeldUp(qint64 from, qint64 to);
    void addIdle(qint64 from, qint64 to);
    void addTail();
    void add(DelayPart part, qint64 from, qint64 to);
    void add(DelayPart part, qint64 from, qint64 to, const Slice &who, const SliceKey &key, quint64 request);
    DelayShare &share(const ShareKey &key);
    void noteLongest(DelayShare &share, const ShareKey &key, qint64 ns, const Slice &who, const SliceKey &slice);
    [[nodiscard]] const SliceStore &run() const { return m_session.slices(m_lane, Track::Run); }

    const Session &m_session;
    const quint64 m_number;
    DelayAccount m_account;
    Stage m_stage = Stage::Events;

    // of the request, as it was when this was made
    Request m_request;
    quint64 m_earlier = 0; // the request before it on the connection
    qint64 m_earlierEnd = 0; // ns; 0: there is none that was not answered

    quint64 m_nextEvent = Event::none;
    int m_lane = -1; // the loop's
    int m_nextLane = 0;
    qint64 m_at = 0; // ns: up to here the lane has been read
    qint64 m_ownEnd = 0; // ns: up to here everything is added up

    std::vector<Job> m_jobs; // by the time of queuing
    QHash<quint64, std::size_t> m_jobById;
    std::size_t m_firstJob = 0; // those before it were finished at m_ownEnd
    std::vector<Interval> m_backpressure; // above the mark; an open one ends with the account
    std::vector<Timer> m_timers; // by the time of registering
    std::vector<Ready> m_threads; // WorkerThreads, by when they were started; `id`: of their 'exit'
    std::vector<Ready> m_ready; // by time
    std::size_t m_nextReady = 0; // the first of them that is not in m_pending
    std::vector<Ready> m_pending; // that could have run, and had not when last looked at
    QSet<quint64> m_notRun; // ids of m_ready and m_threads of which no callback was seen yet
    QHash<quint64, qint64> m_cleared; // when registrations were cleared
    std::vector<Interval> m_arrivals; // of bytes, until they were read
    std::map<ShareKey, DelayShare> m_shares;
    std::array<std::size_t, delayPartCount> m_sharesOf{}; // how many
    std::map<ShareKey, qint64> m_longest; // ns: the stretch that a share's name is of
};

// The whole account at once. O(slices in the request's time).
[[nodiscard]] DelayAccount accountFor(const Session &session, quint64 request, qint64 now);

} // namespace loopscope::model
