/* One client of an event loop, which gets its own bytes back. */
#ifndef ECHO_H
#define ECHO_H

#include <bojagi.h>
#include <stdlib.h>

/* What it has sent, of which the bytes from `at` on have not gone back yet. */
struct client {
    bojagi_socket *socket;
    size_t at, len;
    char data[4096];
};

/* Goes on until there is no more to do without waiting: a poller tells each
 * change of readiness once. A client that has ended, or failed, is freed. */
static inline void echo(bojagi_poller *poller, struct client *client)
{
    int64_t n = 1;

    while (n > 0) {
        size_t left = client->len - client->at;

        if (left > 0) {
            n = bojagi_socket_send(client->socket, client->data + client->at,
                                   left, 0);
            client->at += n > 0 ? (size_t)n : 0;
        } else {
            n = bojagi_socket_recv(client->socket, client->data,
                                   sizeof client->data, 0);
            client->at = 0;
            client->len = n > 0 ? (size_t)n : 0;
        }
    }
    if (n == BOJAGI_E_AGAIN)
        return;
    bojagi_poller_remove(poller, bojagi_socket_fd(client->socket));
    bojagi_socket_free(client->socket);
    free(client);
}

#endif
