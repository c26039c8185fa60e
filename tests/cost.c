/* Ping-pong of 64 bytes between two sockets of one thread, over TCP on
 * loopback: cost WHO COUNT TIMEOUT_MS, where WHO is `ours` (send and recv of
 * the library), `all` (send_all and recv_exact), `c` (send and recv of the
 * system). tests/cost.sh counts its instructions and its system calls. */
#define _POSIX_C_SOURCE 200809L
#include <arpa/inet.h>
#include <bojagi.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { SIZE = 64 };

static char ping[SIZE], pong[SIZE];

/* Two descriptors that are connected to each other; 0, or -1. */
static int connect_pair(int pair[2])
{
    struct sockaddr_in name;
    socklen_t len = sizeof name;
    int one = 1, result = -1, listener = socket(AF_INET, SOCK_STREAM, 0);

    memset(&name, 0, sizeof name);
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    pair[0] = socket(AF_INET, SOCK_STREAM, 0);
    if (listener >= 0 && pair[0] >= 0 &&
        bind(listener, (struct sockaddr *)&name, len) == 0 &&
        listen(listener, 1) == 0 &&
        getsockname(listener, (struct sockaddr *)&name, &len) == 0 &&
        connect(pair[0], (struct sockaddr *)&name, len) == 0 &&
        (pair[1] = accept(listener, NULL, NULL)) >= 0 &&
        setsockopt(pair[0], IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) == 0 &&
        setsockopt(pair[1], IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) == 0)
        result = 0;
    if (listener >= 0)
        close(listener);
    return result;
}

/* The budget as C programs keep it: told to the system once. */
static int tell_budget(int fd, long timeout_ms)
{
    struct timeval budget;

    if (timeout_ms < 0)
        return 0;
    budget.tv_sec = timeout_ms / 1000;
    budget.tv_usec = timeout_ms % 1000 * 1000;
    return setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &budget, sizeof budget) |
           setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &budget, sizeof budget);
}

static int send_c(int from, int to)
{
    return send(from, ping, SIZE, MSG_NOSIGNAL) == SIZE &&
           recv(to, pong, SIZE, 0) == SIZE;
}

static int send_ours(bojagi_socket *from, bojagi_socket *to, long timeout_ms)
{
    return bojagi_socket_send(from, ping, SIZE, timeout_ms) == SIZE &&
           bojagi_socket_recv(to, pong, SIZE, timeout_ms) == SIZE;
}

static int send_all_ours(bojagi_socket *from, bojagi_socket *to, long timeout_ms)
{
    size_t done;

    return bojagi_socket_send_all(from, ping, SIZE, timeout_ms, &done) == SIZE &&
           bojagi_socket_recv_exact(to, pong, SIZE, timeout_ms, &done) == SIZE;
}

int main(int argc, char **argv)
{
    int pair[2] = {-1, -1}, ok = 1;
    bojagi_socket *a = NULL, *b = NULL;
    long i, count, timeout_ms;

    if (argc != 4 || connect_pair(pair) != 0)
        return 2;
    count = atol(argv[2]);
    timeout_ms = atol(argv[3]);
    if (strcmp(argv[1], "c") == 0) {
        if (tell_budget(pair[0], timeout_ms) | tell_budget(pair[1], timeout_ms))
            return 2;
        for (i = 0; ok && i < count; i++)
            ok = send_c(pair[0], pair[1]) && send_c(pair[1], pair[0]);
        return ok ? 0 : 1;
    }
    if (bojagi_socket_from_fd(pair[0], NULL, &a) < 0 ||
        bojagi_socket_from_fd(pair[1], NULL, &b) < 0)
        return 2;
    if (strcmp(argv[1], "ours") == 0) {
        for (i = 0; ok && i < count; i++)
            ok = send_ours(a, b, timeout_ms) && send_ours(b, a, timeout_ms);
    } else {
        for (i = 0; ok && i < count; i++)
            ok = send_all_ours(a, b, timeout_ms) && send_all_ours(b, a, timeout_ms);
    }
    bojagi_socket_free(a);
    bojagi_socket_free(b);
    return ok ? 0 : 1;
}
