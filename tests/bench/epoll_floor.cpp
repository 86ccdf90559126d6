// SPDX-License-Identifier: GPL-3.0-or-later
//
// The floor of the load benchmark: what a server on one core costs at least. One thread, one epoll, no parsing: each
// blank line that ends a head is answered with the same 13-byte body. It is no HTTP server: it neither reads a body nor
// checks a byte, and a client that does not read its answers is closed instead of waited for.
//
//   epoll_floor [--port N]      prints "Listening on http://127.0.0.1:N" first; ends by signal

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr std::string_view answer =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, world!";
constexpr std::string_view endOfHead = "\r\n\r\n";
constexpr int backlog = 1'024; // as the other servers of the benchmark
constexpr int eventsPerTurn = 1'024; // as libuv
constexpr std::size_t readBytes = 65'536; // as libuv

[[noreturn]] void fail(const char *what)
{
    std::fprintf(stderr, "epoll_floor: %s: %s\n", what, std::strerror(errno));
    std::exit(2);
}

int listenOn(unsigned short port)
{
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    if (bind(listener, reinterpret_cast<sockaddr *>(&address), length) != 0 || listen(listener, backlog) != 0
        || getsockname(listener, reinterpret_cast<sockaddr *>(&address), &length) != 0)
        fail("listen");
    std::printf("Listening on http://127.0.0.1:%u\n", unsigned(ntohs(address.sin_port)));
    std::fflush(stdout);
    return listener;
}

// How many heads end in `bytes`; `matched` is how much of an end was seen before, and after.
std::size_t headsEndedIn(std::string_view bytes, unsigned char &matched)
{
    std::size_t heads = 0;
    for (const char byte : bytes) {
        if (byte == endOfHead[matched])
            ++matched;
        else
            matched = byte == '\r' ? 1 : 0;
        if (matched == endOfHead.size()) {
            ++heads;
            matched = 0;
        }
    }
    return heads;
}

class Server {
public:
    explicit Server(int listener)
        : m_listener(listener)
        , m_epoll(epoll_create1(EPOLL_CLOEXEC))
    {
        watch(listener);
    }

    [[noreturn]] void run()
    {
        std::array<epoll_event, eventsPerTurn> events;
        for (;;) {
            const int count = epoll_wait(m_epoll, events.data(), eventsPerTurn, -1);
            if (count < 0 && errno != EINTR)
                fail("epoll_wait");
            for (int i = 0; i < count; ++i) {
                const int descriptor = events[std::size_t(i)].data.fd;
                if (descriptor == m_listener)
                    acceptAll();
                else if (!serve(descriptor))
                    close(descriptor);
            }
        }
    }

private:
    void watch(int descriptor)
    {
        epoll_event event = {};
        event.events = EPOLLIN; // level-triggered, as libuv
        event.data.fd = descriptor;
        if (epoll_ctl(m_epoll, EPOLL_CTL_ADD, descriptor, &event) != 0)
            fail("epoll_ctl");
    }

    void acceptAll()
    {
        for (;;) {
            const int descriptor = accept4(m_listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
            if (descriptor < 0) {
                if (errno != EAGAIN && errno != ECONNABORTED && errno != EINTR)
                    fail("accept4");
                return;
            }
            const int on = 1;
            setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            if (m_matched.size() <= std::size_t(descriptor))
                m_matched.resize(std::size_t(descriptor) + 1);
            m_matched[std::size_t(descriptor)] = 0;
            watch(descriptor);
        }
    }

    // False when the connection is over.
    bool serve(int descriptor)
    {
        const ssize_t got = read(descriptor, m_input.data(), m_input.size());
        if (got < 0)
            return errno == EAGAIN || errno == EINTR;
        if (got == 0)
            return false;
        const std::string_view bytes(m_input.data(), std::size_t(got));
        const std::size_t heads = headsEndedIn(bytes, m_matched[std::size_t(descriptor)]);
        if (heads == 0)
            return true;
        m_output.clear();
        for (std::size_t i = 0; i < heads; ++i)
            m_output += answer;
        return send(descriptor, m_output.data(), m_output.size(), MSG_NOSIGNAL) == ssize_t(m_output.size());
    }

    int m_listener;
    int m_epoll;
    std::vector<unsigned char> m_matched; // by descriptor: bytes of endOfHead seen
    std::array<char, readBytes> m_input;
    std::string m_output;
};

} // namespace

int main(int argc, char **argv)
{
    unsigned short port = 0;
    if (argc == 3 && std::string_view(argv[1]) == "--port") {
        port = static_cast<unsigned short>(std::atoi(argv[2]));
    } else if (argc != 1) {
        std::fputs("Usage: epoll_floor [--port N]\n", stderr);
        return 2;
    }
    static Server server(listenOn(port));
    server.run();
}
