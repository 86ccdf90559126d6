// SPDX-License-Identifier: GPL-3.0-or-later
//
// Opens keep-alive connections and holds them idle while something else is measured. Each connection sends one request
// and reads its whole answer (it must be the benchmark's 13-byte body), so that the server knows it as one that waits
// for its next request. One at a time: the time that this takes is the server's accept and first answer, in turn.
//
//   idle_holder --port N --connections M
//
// Prints "Holding M connections, opened in T ms", holds until its standard input ends, then prints "Still open: K":
// a measure counts only if K is M. Exit status 0, or 2 with a line on standard error when it could not open them.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr std::string_view request = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
constexpr std::string_view endOfAnswer = "\r\n\r\nHello, world!";
constexpr rlim_t descriptorsBesides = 16; // standard streams and what the C library opens
constexpr int answerTimeoutSeconds = 10;

[[noreturn]] void fail(const std::string &what)
{
    std::fprintf(stderr, "idle_holder: %s: %s\n", what.c_str(), std::strerror(errno));
    std::exit(2);
}

void raiseDescriptorLimit(rlim_t connections)
{
    rlimit limit = {};
    getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur >= connections + descriptorsBesides)
        return;
    limit.rlim_cur = connections + descriptorsBesides;
    if (limit.rlim_max < limit.rlim_cur || setrlimit(RLIMIT_NOFILE, &limit) != 0)
        fail("the limit of open files (RLIMIT_NOFILE) is too low");
}

// A connected socket that has had one whole answer.
int openIdle(unsigned short port)
{
    const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0)
        fail("socket");
    const timeval timeout = {answerTimeoutSeconds, 0};
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(descriptor, reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0)
        fail("connect");
    if (send(descriptor, request.data(), request.size(), MSG_NOSIGNAL) != ssize_t(request.size()))
        fail("send");
    std::string answer;
    std::array<char, 4'096> bytes;
    while (std::string_view(answer).find(endOfAnswer) == std::string_view::npos) {
        const ssize_t got = recv(descriptor, bytes.data(), bytes.size(), 0);
        if (got <= 0)
            fail("no whole answer");
        answer.append(bytes.data(), std::size_t(got));
    }
    return descriptor;
}

// Those that the server has neither closed nor written to.
std::size_t stillIdle(const std::vector<int> &descriptors)
{
    std::size_t count = 0;
    for (const int descriptor : descriptors) {
        char byte = 0;
        if (recv(descriptor, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN)
            ++count;
    }
    return count;
}

} // namespace

int main(int argc, char **argv)
{
    if (argc != 5 || std::string_view(argv[1]) != "--port" || std::string_view(argv[3]) != "--connections") {
        std::fputs("Usage: idle_holder --port N --connections M\n", stderr);
        return 2;
    }
    const auto port = static_cast<unsigned short>(std::atoi(argv[2]));
    const auto connections = static_cast<std::size_t>(std::strtoul(argv[4], nullptr, 10));
    raiseDescriptorLimit(connections);

    const auto began = std::chrono::steady_clock::now();
    std::vector<int> descriptors;
    descriptors.reserve(connections);
    while (descriptors.size() < connections)
        descriptors.push_back(openIdle(port));
    const auto took = std::chrono::steady_clock::now() - began;
    std::printf("Holding %zu connections, opened in %lld ms\n", connections,
                static_cast<long long>(std::chrono::duration_cast<std::chrono::milliseconds>(took).count()));
    std::fflush(stdout);

    std::array<char, 256> ignored;
    while (read(STDIN_FILENO, ignored.data(), ignored.size()) > 0) { }
    std::printf("Still open: %zu\n", stillIdle(descriptors));
    return 0;
}
