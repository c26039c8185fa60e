/* 64 datagrams of 64 bytes there, over UDP on loopback, on one thread:
 * cost_batch WHO COUNT TIMEOUT_MS, where WHO is `send` (bojagi_socket_send_batch;
 * C receives), `recv` (C sends; bojagi_socket_recv_batch in groups), `c` (C does
 * both: benches/c/batch.c). tests/cost.sh counts its instructions and its system
 * calls. */
#define _POSIX_C_SOURCE 200809L
#include <arpa/inet.h>
#include <bojagi.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { SIZE = 64, BATCH = 64 };

int net_batch_begin(int receiver, size_t size);
int net_batch_send(int fd, size_t size);
int net_batch_recv(int fd, size_t size);

static char room[2][BATCH][SIZE];
static bojagi_datagram out[BATCH], in[BATCH];

/* Two sockets, of which the first is connected to the second; 0, or -1. */
static int open_pair(int pair[2])
{
    struct sockaddr_in name;
    socklen_t len = sizeof name;

    memset(&name, 0, sizeof name);
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    pair[0] = socket(AF_INET, SOCK_DGRAM, 0);
    pair[1] = socket(AF_INET, SOCK_DGRAM, 0);
    if (bind(pair[1], (struct sockaddr *)&name, len) < 0 ||
        getsockname(pair[1], (struct sockaddr *)&name, &len) < 0 ||
        connect(pair[0], (struct sockaddr *)&name, len) < 0)
        return -1;
    return net_batch_begin(pair[1], SIZE);
}

static int recv_ours(bojagi_socket *to, long timeout_ms)
{
    size_t all = 0;

    while (all < BATCH) {
        int64_t got = bojagi_socket_recv_batch(to, in + all, BATCH - all, timeout_ms);

        if (got <= 0)
            return -1;
        all += (size_t)got;
    }
    return 0;
}

int main(int argc, char **argv)
{
    int pair[2], ok = 1, sends, receives;
    bojagi_socket *from = NULL, *to = NULL;
    long i, count, timeout_ms;

    if (argc != 4 || open_pair(pair) != 0)
        return 2;
    sends = strcmp(argv[1], "send") == 0;
    receives = strcmp(argv[1], "recv") == 0;
    count = atol(argv[2]);
    timeout_ms = atol(argv[3]);
    for (i = 0; i < BATCH; i++) {
        out[i].data = room[0][i];
        in[i].data = room[1][i];
        out[i].len = in[i].cap = SIZE;
    }
    if (bojagi_socket_from_fd(pair[0], NULL, &from) < 0 ||
        bojagi_socket_from_fd(pair[1], NULL, &to) < 0 ||
        bojagi_socket_set_datagram(to, BOJAGI_DATAGRAM_GROUPED) < 0)
        return 2;
    for (i = 0; ok && i < count; i++) {
        ok = sends ? bojagi_socket_send_batch(from, out, BATCH, timeout_ms, NULL) == BATCH
                   : net_batch_send(pair[0], SIZE) == 0;
        ok = ok && (receives ? recv_ours(to, timeout_ms) : net_batch_recv(pair[1], SIZE)) == 0;
    }
    bojagi_socket_free(from);
    bojagi_socket_free(to);
    return ok ? 0 : 1;
}
