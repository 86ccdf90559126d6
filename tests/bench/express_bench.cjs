// SPDX-License-Identifier: GPL-3.0-or-later
//
// Express with the same answers as the others of the load benchmark.
//
//   node express_bench.cjs --modules FOLDER [--port N]      FOLDER holds node_modules/express
//
// Prints "Listening on http://127.0.0.1:N" first; ends by signal.
'use strict';
const http = require('node:http');
const { createRequire } = require('node:module');
const path = require('node:path');

function option(name, fallback) {
    const at = process.argv.indexOf(name) + 1;
    return at > 0 ? process.argv[at] : fallback;
}

const backlog = 1024;                    // as the other servers; Node's own default is 511
const idleTimeoutMs = 10 * 60 * 1000;    // the idle connections of the benchmark stay; Node's own default is 5 s
const express = createRequire(path.resolve(option('--modules', '.'), 'package.json'))('express');

const app = express();
app.disable('etag');                     // the others do not make one for it either
app.disable('x-powered-by');
app.get('/', (request, response) => {
    response.type('text/plain').send('Hello, world!');
});

// Five small middleware, as in loopscope_bench.cpp: headers, a note for what follows, a count, a look at the request.
let count = 0;
app.use((request, response, next) => {
    response.set('X-Content-Type-Options', 'nosniff');
    next();
});
app.use((request, response, next) => {
    response.set('Cache-Control', 'no-store');
    next();
});
app.use((request, response, next) => {
    response.locals.role = 'reader';
    next();
});
app.use((request, response, next) => {
    ++count;
    next();
});
app.use((request, response, next) => {
    if (request.get('Authorization') === 'none')
        response.sendStatus(403);
    else
        next();
});
app.get('/users/:id', (request, response) => {
    const { id } = request.params;
    response.json({ id, name: `User ${id}`, roles: [response.locals.role] });
});
const server = http.createServer(app);
server.keepAliveTimeout = idleTimeoutMs;
server.listen({ port: Number(option('--port', 0)), host: '127.0.0.1', backlog }, () => {
    console.log(`Listening on http://127.0.0.1:${server.address().port}`);
});
