/* cc -std=c99 udp_ping.c -lbojagi -o udp_ping
 * ./udp_ping serve 7000 & ./udp_ping 7000 3     (port 0: the system chooses)
 * Sends datagrams, one at a time, and waits a second for each to come back. The
 * server returns what it gets until it gets an empty datagram. */
#include "show.h"
#include <stdlib.h>

static int64_t serve(bojagi_socket *socket)
{
    char data[1500];
    bojagi_address peer;
    int64_t n = bojagi_socket_local(socket, &peer);
    if (n < 0)
        return n;
    printf("listening on 127.0.0.1:%d\n", (int)bojagi_address_port(&peer));
    fflush(stdout);
    do {
        n = bojagi_socket_recv_from(socket, data, sizeof data, -1, &peer);
        if (n > 0)
            n = bojagi_socket_send_to(socket, data, (size_t)n, &peer, 1000);
    } while (n > 0);
    return n;
}

static int64_t ping(bojagi_socket *socket, int count)
{
    char sent[32], back[32];
    int64_t n = 0;
    int came = 0;
    for (int i = 1; i <= count; i++) {
        size_t len = (size_t)sprintf(sent, "ping %d", i);
        n = bojagi_socket_send(socket, sent, len, 1000);
        if (n >= 0)
            n = bojagi_socket_recv(socket, back, sizeof back, 1000);
        if (n < 0 && n != BOJAGI_E_TIMEOUT)
            return n;
        if (n == (int64_t)len && memcmp(sent, back, len) == 0)
            came++;
    }
    printf("%d of %d came back\n", came, count);
    n = bojagi_socket_send(socket, "", 0, 1000);
    return came == count ? n : BOJAGI_E_TIMEOUT;
}

int main(int argc, char **argv)
{
    int server = argc == 3 && strcmp(argv[1], "serve") == 0;
    unsigned port = argc == 3 ? (unsigned)atoi(argv[1 + server]) : 65536;
    bojagi_socket *socket = NULL;
    int64_t n = server ? bojagi_udp_bind("127.0.0.1", port, NULL, &socket)
        : bojagi_udp_connect("127.0.0.1", port, NULL, 1000, &socket);
    if (n >= 0)
        n = server ? serve(socket) : ping(socket, atoi(argv[2]));
    bojagi_socket_free(socket);
    return n < 0 ? show_error("udp_ping", n) : 0;
}
