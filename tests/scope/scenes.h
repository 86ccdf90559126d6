// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "inspector/model/session.h"
#include "tests/support/recordbuilder.h"

#include <random>

namespace loopscope::test {

// Synthetic sessions for the timeline's tests and pictures; the program itself never sees any.

// A server under load, `slices` of them on the loop and two workers: turns of a wait and one to three callbacks for
// requests on 16 connections, with two layers each. Returns the end of the last, ns.
inline qint64 feedBusyLoop(model::Session &session, quint64 slices)
{
    using trace::Kind;
    std::mt19937 random(1);
    qint64 now = 1'000'000;
    quint64 written = 0;
    quint64 request = 0;
    quint64 turn = 0;
    const auto add = [&](int lane, Kind kind, qint64 start, qint64 duration, const char *name, quint64 number, quint64 connection,
                         quint64 id = 0, trace::Phase phase = trace::Phase::None, QByteArrayView text = {}) {
        trace::TraceRecord r = Transcript::make(kind, start, duration, number, connection);
        r.name = name;
        r.id = id;
        r.phase = phase;
        session.add(lane, r, text);
    };
    while (written < slices) {
        session.beginBatch();
        for (int i = 0; i < 1000; ++i) {
            const qint64 begin = now;
            now += random() % 4 == 0 ? random() % 60'000 : 2'000;
            add(0, Kind::Wait, begin, now - begin, nullptr, 0, 0);
            for (unsigned callbacks = 1 + random() % 3; callbacks > 0; --callbacks) {
                const quint64 connection = ++request % 16 + 1;
                const qint64 start = now;
                const qint64 took = 5'000 + random() % 20'000;
                add(0, Kind::RequestBegin, start, 500, nullptr, request, connection, 0, {}, "GET /users HTTP/1.1\r\n\r\n");
                add(0, Kind::ResponseEnd, start, took - 200, nullptr, request, connection, 200);
                add(0, Kind::Layer, start + took / 4, took / 2, "users", request, connection, 2);
                add(0, Kind::Layer, start + took / 8, took * 3 / 4, "logger", request, connection, 1);
                add(0, Kind::Callback, start, took, "readable", request, connection, 0, trace::Phase::Poll);
                now += took + 300;
                written += 3;
                if (request % 40 == 0) {
                    add(1 + int(request / 40 % 2), Kind::JobFinished, start + 1000, took, "writeFile", request, connection, request);
                    ++written;
                }
            }
            add(0, Kind::PhaseRun, begin, now - begin, nullptr, 0, 0, ++turn, trace::Phase::Poll);
            add(0, Kind::Turn, begin, now - begin + 200, nullptr, 0, 0, turn);
            now += 400;
            written += 3;
        }
        session.endBatch();
    }
    return now;
}

// 130 ms in which everything there is to draw happens: forms in pieces, jobs on four workers, timers, immediates, a
// streamed download, an error, an idle and a closed connection.
inline Transcript richTranscript()
{
    using namespace trace;
    constexpr qint64 us = 1'000;
    constexpr qint64 ms = 1'000'000;
    Transcript t;
    quint64 turn = 0;
    qint64 lastEnd = 1 * ms;
    // One turn: sleeps until `at`, then runs one callback for `took` with its layers.
    const auto run = [&](qint64 at, qint64 took, const char *name, quint64 request, quint64 connection, quint64 id = 0,
                         Phase phase = Phase::Poll, const char *layer = nullptr, const char *span = nullptr) {
        t.on(0).wait(lastEnd, at - lastEnd);
        if (span)
            t.span(span, at + took / 3, took / 3, request, 4096);
        if (layer) {
            t.layer(request, 2, layer, at + took / 5, took * 3 / 5, -1, LayerKind::Route);
            t.layer(request, 1, "logger", at + took / 10, took * 4 / 5, 10 * us);
        }
        if (phase != Phase::Poll)
            t.phase(Phase::Poll, lastEnd, at - lastEnd, ++turn, 0);
        t.callback(name, at, took, id, request, connection, phase);
        t.phase(phase, phase == Phase::Poll ? lastEnd : at, phase == Phase::Poll ? at + took - lastEnd + 20 * us : took + 20 * us, ++turn);
        lastEnd = at + took + 60 * us;
    };
    t.listening(1 * ms, 3000, "127.0.0.1:3000").poolResized(4, 1 * ms);
    for (quint64 c = 1; c <= 6; ++c)
        t.opened(c, qint64(1 + c) * ms, QByteArray("127.0.0.1:5000").append(QByteArray::number(c)));
    const auto visit = [&](quint64 request, quint64 connection, qint64 at, qint64 took, const char *line, int status,
                           const char *layer, const char *span = nullptr) {
        t.begin(request, connection, at, 30 * us, QByteArray(line).append(" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"));
        t.responseHead(request, connection, at + took * 2 / 3, status, "HTTP/1.1 200 OK\r\n\r\n");
        t.responseChunk(request, connection, at + took * 2 / 3, 0, "<html>");
        t.end(request, connection, at, took * 4 / 5, status, 512).idle(connection, at + took * 4 / 5);
        run(at, took, "readable", request, connection, 0, Phase::Poll, layer, span);
    };
    visit(1, 1, 8 * ms, 2 * ms, "GET /", 200, "greeting");
    visit(2, 2, 12 * ms, 3 * ms, "GET /users", 200, "listUsers", "render");
    // 3: a form in four pieces, a job, a redirect
    t.begin(3, 3, 18 * ms, 40 * us, "POST /message HTTP/1.1\r\nContent-Length: 64\r\n\r\n", BodyFraming::ContentLength);
    t.bodyChunk(3, 3, 18 * ms + 60 * us, 0, "name=Ann&text=He");
    run(18 * ms, 900 * us, "readable", 3, 3, 0, Phase::Poll, "saveMessage");
    t.registered(70, "setTimeout", 19 * ms, 0);
    for (int piece = 1; piece < 4; ++piece) {
        const qint64 at = (18 + 5 * piece) * ms;
        t.bodyChunk(3, 3, at, quint64(16 * piece), "xxxxxxxxxxxxxxxx");
        run(at, 400 * us, "readable", 3, 3, 0, Phase::Poll);
        if (piece == 1)
            visit(4, 4, at + 2 * ms, 1 * ms, "GET /healthz", 200, "healthz");
    }
    t.complete(3, 3, 33 * ms, 64).registered(21, "writeFile", 33 * ms + 100 * us, 3).jobQueued(21, "writeFile", 33 * ms + 100 * us, 1, 3);
    t.on(1).jobStarted(21, "writeFile", 33 * ms + 300 * us, 3).jobFinished(21, "writeFile", 33 * ms + 300 * us, 40 * ms, 3).on(0);
    run(35 * ms, 300 * us, "setTimeout", 0, 0, 70, Phase::Timers);
    run(36 * ms, 250 * us, "setImmediate", 4, 4, 71, Phase::Check);
    visit(5, 1, 40 * ms, 6 * ms, "GET /users?page=2", 200, "listUsers", "render");
    visit(6, 4, 50 * ms, 1 * ms, "GET /nope", 404, "notFound");
    for (int worker = 2; worker <= 4; ++worker) {
        const qint64 start = (52 + 3 * worker) * ms;
        t.on(0).jobQueued(quint64(20 + worker), worker == 3 ? "gzip" : "pbkdf2", start - 200 * us, 1, quint64(5 + worker));
        t.on(worker).jobFinished(quint64(20 + worker), worker == 3 ? "gzip" : "pbkdf2", start, (10 + 8 * worker) * ms, quint64(5 + worker)).on(0);
    }
    // 7: a download that streams
    t.begin(7, 2, 56 * ms, 20 * us, "GET /download?mb=4 HTTP/1.1\r\n\r\n").responseHead(7, 2, 57 * ms, 200, "HTTP/1.1 200 OK\r\n\r\n", BodyFraming::Chunked);
    for (int i = 0; i < 24; ++i) {
        const qint64 at = 57 * ms + i * 2'500 * us;
        t.responseChunk(7, 2, at, quint64(i) * 65'536, "aaaa", 65'536, BodyFraming::Chunked);
        if (at > lastEnd)
            run(at, 350 * us, "writable", 7, 2);
        if (i == 6) {
            run(73'400 * us, 500 * us, "writeFile", 3, 3, 21);
            t.responseHead(3, 3, 73'600 * us, 302, "HTTP/1.1 302 Found\r\n\r\n").end(3, 3, 18 * ms, 55'700 * us, 302, 0).idle(3, 73'700 * us);
        }
    }
    t.end(7, 2, 56 * ms, 61 * ms, 200, 24 * 65'536).idle(2, 117 * ms);
    visit(8, 5, 119 * ms, 1 * ms, "GET /users", 500, "listUsers");
    t.closed(5, 6 * ms, 115 * ms, CloseReason::ByServer, 1);
    // 9: in flight, its form still arriving
    t.begin(9, 6, 123 * ms, 30 * us, "POST /message?mode=sync HTTP/1.1\r\nContent-Length: 900\r\n\r\n", BodyFraming::ContentLength);
    t.bodyChunk(9, 6, 124 * ms, 0, "name=Bob");
    run(124 * ms, 200 * us, "readable", 9, 6);
    return t;
}

} // namespace loopscope::test
