// SPDX-License-Identifier: GPL-3.0-or-later
//
// Node's own http server with the same answer as the others of the load benchmark.
//
//   node node_bench.cjs [--port N]      prints "Listening on http://127.0.0.1:N" first; ends by signal
'use strict';
const http = require('node:http');

const backlog = 1024;                    // as the other servers; Node's own default is 511
const idleTimeoutMs = 10 * 60 * 1000;    // the idle connections of the benchmark stay; Node's own default is 5 s
const portAt = process.argv.indexOf('--port') + 1;
const port = portAt > 0 ? Number(process.argv[portAt]) : 0;

const server = http.createServer((request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': 13 });
    response.end('Hello, world!');
});
server.keepAliveTimeout = idleTimeoutMs;
server.listen({ port, host: '127.0.0.1', backlog }, () => {
    console.log(`Listening on http://127.0.0.1:${server.address().port}`);
});
