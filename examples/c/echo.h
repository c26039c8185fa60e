/* The clients of an event loop, which get their own bytes back. */
#ifndef ECHO_H
#define ECHO_H

#include <bojagi.h>
#include <stdlib.h>

/* What it has sent, of which the bytes from `at` on have not gone back yet. */
struct client {
    bojagi_socket *socket;
    struct client *next, **link;   /* `link` is what points to it */
    size_t at, len;
    char data[4096];
};

static struct client *clients;

/* Adds a client, with the socket that it owns from now on. */
static inline int64_t join(bojagi_poller *poller, bojagi_socket *socket)
{
    struct client *client = calloc(1, sizeof *client);
    int64_t n = client == NULL ? BOJAGI_E_MEMORY
        : bojagi_poller_add(poller, bojagi_socket_fd(socket),
                            BOJAGI_READABLE | BOJAGI_WRITABLE,
                            (uint64_t)(uintptr_t)client);

    if (n < 0) {
        bojagi_socket_free(socket);
        free(client);
        return n;
    }
    client->socket = socket;
    client->next = clients;
    client->link = &clients;
    if (clients != NULL)
        clients->link = &client->next;
    clients = client;
    return 0;
}

/* Lets a client go. */
static inline void leave(bojagi_poller *poller, struct client *client)
{
    *client->link = client->next;
    if (client->next != NULL)
        client->next->link = client->link;
    (void)bojagi_poller_remove(poller, bojagi_socket_fd(client->socket));
    bojagi_socket_free(client->socket);
    free(client);
}

/* Goes on until there is no more to do without waiting: a poller tells each
 * change of readiness once. A client that has ended, or failed, is let go. */
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
    if (n != BOJAGI_E_AGAIN)
        leave(poller, client);
}

#endif
