/* What C programs do with sockets, written by hand: blocking descriptors whose
 * budget is told to the system once, one system call where one is enough, and
 * poll(2) only where a cancel has to be able to end the wait. Built as a shared
 * object by ../peers.sh; ../src/net/plain.rs calls it, a turn at a time.
 *
 * Functions that make something return 0, all others 0 as well when everything
 * was done; -1 is a failure, and errno says which. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { ROOM = 1 << 18 };

static const struct timeval budget = {10, 0};
static const int budget_ms = 10000;

/* One of each for either end: in a turn they run on two threads. */
static char front_room[ROOM] __attribute__((aligned(4096)));
static char back_room[ROOM] __attribute__((aligned(4096)));

static int set(int fd, int level, int option, int value)
{
    return setsockopt(fd, level, option, &value, sizeof value);
}

/* Ten seconds for every call, and no waiting for more bytes to send. */
static int prepare(int fd, int is_tcp)
{
    if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &budget, sizeof budget) != 0 ||
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &budget, sizeof budget) != 0)
        return -1;
    return is_tcp ? set(fd, IPPROTO_TCP, TCP_NODELAY, 1) : 0;
}

static struct sockaddr_in loopback(uint16_t port)
{
    struct sockaddr_in name;

    memset(&name, 0, sizeof name);
    name.sin_family = AF_INET;
    name.sin_port = htons(port);
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return name;
}

static int local_port(int fd, uint16_t *port)
{
    struct sockaddr_in name;
    socklen_t len = sizeof name;

    if (getsockname(fd, (struct sockaddr *)&name, &len) != 0)
        return -1;
    *port = ntohs(name.sin_port);
    return 0;
}

/* A listener whose connections inherit TCP_NODELAY. */
int net_tcp_listen(int *listener, uint16_t *port)
{
    struct sockaddr_in name = loopback(0);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -1;
    if (set(fd, SOL_SOCKET, SO_REUSEADDR, 1) != 0 ||
        bind(fd, (struct sockaddr *)&name, sizeof name) != 0 ||
        prepare(fd, 1) != 0 || listen(fd, SOMAXCONN) != 0 ||
        local_port(fd, port) != 0) {
        close(fd);
        return -1;
    }
    *listener = fd;
    return 0;
}

static int tcp_connect(uint16_t port)
{
    struct sockaddr_in name = loopback(port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -1;
    if (set(fd, IPPROTO_TCP, TCP_NODELAY, 1) != 0 ||
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &budget, sizeof budget) != 0 ||
        connect(fd, (struct sockaddr *)&name, sizeof name) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/* Accepts what was connected, and makes both ends ready. */
static int complete(int pair[2], int listener, int is_tcp)
{
    pair[1] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    close(listener);
    if (pair[1] < 0) {
        close(pair[0]);
        return -1;
    }
    return prepare(pair[0], is_tcp) | prepare(pair[1], is_tcp);
}

int net_tcp_pair(int pair[2])
{
    uint16_t port;
    int listener;

    if (net_tcp_listen(&listener, &port) != 0)
        return -1;
    pair[0] = tcp_connect(port);
    if (pair[0] < 0) {
        close(listener);
        return -1;
    }
    return complete(pair, listener, 1);
}

/* Over an abstract name. */
int net_unix_pair(int pair[2])
{
    struct sockaddr_un name;
    socklen_t len;
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    memset(&name, 0, sizeof name);
    name.sun_family = AF_UNIX;
    len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
                      (size_t)snprintf(name.sun_path + 1, 64,
                                       "bojagi-bench-c-%ld", (long)getpid()));
    pair[0] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 || pair[0] < 0 ||
        bind(listener, (struct sockaddr *)&name, len) != 0 ||
        listen(listener, 1) != 0 ||
        connect(pair[0], (struct sockaddr *)&name, len) != 0)
        return -1;
    return complete(pair, listener, 0);
}

/* The first is connected to the second, which answers whoever asks. */
int net_udp_pair(int pair[2])
{
    struct sockaddr_in name = loopback(0);
    uint16_t port;

    pair[0] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    pair[1] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (pair[0] < 0 || pair[1] < 0 ||
        bind(pair[1], (struct sockaddr *)&name, sizeof name) != 0 ||
        local_port(pair[1], &port) != 0)
        return -1;
    name = loopback(port);
    if (connect(pair[0], (struct sockaddr *)&name, sizeof name) != 0)
        return -1;
    return prepare(pair[0], 0) | prepare(pair[1], 0);
}

/* Sends all of it; a signal only interrupts. */
static int send_all(int fd, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t sent = send(fd, data, len, MSG_NOSIGNAL);

        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return -1;
        data += sent;
        len -= (size_t)sent;
    }
    return 0;
}

/* Receives all of it; the end is a failure. */
static int recv_exact(int fd, char *room, size_t len)
{
    while (len > 0) {
        ssize_t got = recv(fd, room, len, MSG_WAITALL);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return -1;
        room += got;
        len -= (size_t)got;
    }
    return 0;
}

static ssize_t send_once(int fd, const char *data, size_t len)
{
    ssize_t sent;

    do
        sent = send(fd, data, len, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent;
}

static ssize_t recv_once(int fd, char *room, size_t len)
{
    ssize_t got;

    do
        got = recv(fd, room, len, 0);
    while (got < 0 && errno == EINTR);
    return got;
}

int net_ping(int fd, size_t size, size_t count)
{
    for (; count > 0; count--)
        if (send_once(fd, front_room, size) != (ssize_t)size ||
            recv_once(fd, front_room, size) != (ssize_t)size)
            return -1;
    return 0;
}

int net_pong(int fd, size_t size, size_t count)
{
    for (; count > 0; count--)
        if (recv_once(fd, back_room, size) != (ssize_t)size ||
            send_once(fd, back_room, size) != (ssize_t)size)
            return -1;
    return 0;
}

/* The answering side of UDP. */
int net_udp_pong(int fd, size_t size, size_t count)
{
    struct sockaddr_storage from;

    for (; count > 0; count--) {
        socklen_t len = sizeof from;
        ssize_t got;

        do
            got = recvfrom(fd, back_room, ROOM, 0, (struct sockaddr *)&from, &len);
        while (got < 0 && errno == EINTR);
        if (got != (ssize_t)size)
            return -1;
        do
            got = sendto(fd, back_room, size, MSG_NOSIGNAL,
                         (struct sockaddr *)&from, len);
        while (got < 0 && errno == EINTR);
        if (got != (ssize_t)size)
            return -1;
    }
    return 0;
}

int net_event(void)
{
    return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

int net_fire(int event)
{
    const uint64_t one = 1;

    return write(event, &one, sizeof one) == sizeof one ? 0 : -1;
}

int net_reset(int event)
{
    uint64_t count;

    return read(event, &count, sizeof count) == sizeof count ? 0 : -1;
}

/* Waits until the descriptor is ready; ECANCELED when the event comes first. */
static int await(int fd, short events, int event)
{
    struct pollfd list[2];
    int ready;

    list[0].fd = fd;
    list[0].events = events;
    list[1].fd = event;
    list[1].events = POLLIN;
    do
        ready = poll(list, 2, budget_ms);
    while (ready < 0 && errno == EINTR);
    if (ready > 0 && list[1].revents == 0)
        return 0;
    if (ready >= 0)
        errno = ready == 0 ? ETIMEDOUT : ECANCELED;
    return -1;
}

/* recv(2) that an event can end. */
static ssize_t recv_until(int fd, char *room, size_t len, int event)
{
    for (;;) {
        ssize_t got = recv(fd, room, len, MSG_DONTWAIT);

        if (got >= 0 || (errno != EAGAIN && errno != EINTR))
            return got;
        if (errno == EAGAIN && await(fd, POLLIN, event) != 0)
            return -1;
    }
}

/* send(2) that an event can end. */
static ssize_t send_until(int fd, const char *data, size_t len, int event)
{
    for (;;) {
        ssize_t sent = send(fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (sent >= 0 || (errno != EAGAIN && errno != EINTR))
            return sent;
        if (errno == EAGAIN && await(fd, POLLOUT, event) != 0)
            return -1;
    }
}

int net_cancel_ping(int fd, int event, size_t size, size_t count)
{
    for (; count > 0; count--)
        if (send_until(fd, front_room, size, event) != (ssize_t)size ||
            recv_until(fd, front_room, size, event) != (ssize_t)size)
            return -1;
    return 0;
}

int net_cancel_pong(int fd, int event, size_t size, size_t count)
{
    for (; count > 0; count--)
        if (recv_until(fd, back_room, size, event) != (ssize_t)size ||
            send_until(fd, back_room, size, event) != (ssize_t)size)
            return -1;
    return 0;
}

/* 0 when the event ended the wait. */
int net_cancelled(int fd, int event)
{
    return recv_until(fd, front_room, 1, event) < 0 && errno == ECANCELED ? 0 : -1;
}

/* The receiving side says in one byte when it has everything. */
int net_stream_send(int fd, size_t size, size_t count)
{
    for (; count > 0; count--)
        if (send_all(fd, front_room, size) != 0)
            return -1;
    return recv_exact(fd, front_room, 1);
}

int net_stream_recv(int fd, size_t size, size_t count)
{
    for (; count > 0; count--)
        if (recv_exact(fd, back_room, size) != 0)
            return -1;
    return send_all(fd, back_room, 1);
}

/* The whole file, so many times. */
int net_sendfile(int fd, int file, size_t size, size_t count)
{
    for (; count > 0; count--) {
        off_t offset = 0;

        while ((size_t)offset < size) {
            ssize_t sent = sendfile(fd, file, &offset, size - (size_t)offset);

            if (sent == 0 || (sent < 0 && errno != EINTR))
                return -1;
        }
    }
    return recv_exact(fd, front_room, 1);
}

int net_connect(uint16_t port, size_t count)
{
    for (; count > 0; count--) {
        int fd = tcp_connect(port);

        if (fd < 0)
            return -1;
        close(fd);
    }
    return 0;
}

int net_accept(int listener, size_t count)
{
    for (; count > 0; count--) {
        int fd;

        do
            fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
        if (fd < 0)
            return -1;
        close(fd);
    }
    return 0;
}

static int64_t now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

/* recv(2) that tries for 50 us before it waits. */
static ssize_t recv_spin(int fd, char *room, size_t len)
{
    int64_t end = 0;

    for (;;) {
        ssize_t got = recv(fd, room, len, MSG_DONTWAIT);

        if (got >= 0 || (errno != EAGAIN && errno != EINTR))
            return got;
        if (end == 0)
            end = now() + 50000;
        else if (now() >= end)
            return recv_once(fd, room, len);
    }
}

int net_spin_ping(int fd, size_t size, size_t count)
{
    for (; count > 0; count--)
        if (send_once(fd, front_room, size) != (ssize_t)size ||
            recv_spin(fd, front_room, size) != (ssize_t)size)
            return -1;
    return 0;
}

int net_spin_pong(int fd, size_t size, size_t count)
{
    for (; count > 0; count--)
        if (recv_spin(fd, back_room, size) != (ssize_t)size ||
            send_once(fd, back_room, size) != (ssize_t)size)
            return -1;
    return 0;
}

/* The next calls wait so long at most. */
int net_set_timeout(int fd, int timeout_ms)
{
    struct timeval wait;

    wait.tv_sec = timeout_ms / 1000;
    wait.tv_usec = timeout_ms % 1000 * 1000;
    return setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
}

/* 0 when nobody sends anything in time. */
int net_silence(int fd, size_t count)
{
    for (; count > 0; count--)
        if (recv(fd, front_room, 1, 0) >= 0 || errno != EAGAIN)
            return -1;
    return 0;
}
