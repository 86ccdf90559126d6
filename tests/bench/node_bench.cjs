// SPDX-License-Identifier: GPL-3.0-or-later
//
// Node's own http server with the same answers as the others of the load benchmark.
//
//   node node_bench.cjs [--port N] [--files FOLDER] [--uploads FOLDER]
//
// Prints "Listening on http://127.0.0.1:N" first; ends by signal.
'use strict';
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');

const backlog = 1024;                    // as the other servers; Node's own default is 511
const idleTimeoutMs = 10 * 60 * 1000;    // the idle connections of the benchmark stay; Node's own default is 5 s

function option(name, fallback) {
    const at = process.argv.indexOf(name) + 1;
    return at > 0 ? process.argv[at] : fallback;
}
const files = option('--files', '');
const uploads = option('--uploads', '');

// Five small middleware and a route, as in loopscope_bench.cpp, without a framework around them.
let count = 0;
const middleware = [
    (request, response, next) => {
        response.setHeader('X-Content-Type-Options', 'nosniff');
        next();
    },
    (request, response, next) => {
        response.setHeader('Cache-Control', 'no-store');
        next();
    },
    (request, response, next) => {
        response.locals = { role: 'reader' };
        next();
    },
    (request, response, next) => {
        ++count;
        next();
    },
    (request, response, next) => {
        if (request.headers.authorization === 'none')
            response.writeHead(403).end();
        else
            next();
    },
    (request, response) => {
        const id = decodeURIComponent(request.url.slice('/users/'.length));
        const body = JSON.stringify({ id, name: `User ${id}`, roles: [response.locals.role] });
        response.setHeader('Content-Type', 'application/json; charset=utf-8');
        response.setHeader('Content-Length', Buffer.byteLength(body));
        response.end(body);
    },
];

function answerUser(request, response) {
    let at = 0;
    const next = () => middleware[at++](request, response, next);
    next();
}

function sendFile(request, response) {
    const file = path.join(files, path.basename(request.url));
    response.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Length': fs.statSync(file).size });
    fs.createReadStream(file).pipe(response);
}

function saveUpload(request, response) {
    request.pipe(fs.createWriteStream(path.join(uploads, path.basename(request.url))))
        .on('finish', () => response.end('saved'));
}

const server = http.createServer((request, response) => {
    if (request.url.startsWith('/users/')) {
        answerUser(request, response);
    } else if (request.url.startsWith('/static/')) {
        sendFile(request, response);
    } else if (request.url.startsWith('/upload/')) {
        saveUpload(request, response);
    } else {
        response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': 13 });
        response.end('Hello, world!');
    }
});
server.keepAliveTimeout = idleTimeoutMs;
server.listen({ port: Number(option('--port', 0)), host: '127.0.0.1', backlog }, () => {
    console.log(`Listening on http://127.0.0.1:${server.address().port}`);
});
