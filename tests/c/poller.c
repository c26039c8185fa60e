/* Listening and waiting for many sockets, as a C program does both. */
#include "check.h"

#define MANY 20

/* Connects MANY clients of one listener and accepts them in batches. */
static void accept_all(bojagi_socket **clients, bojagi_socket **servers)
{
    bojagi_listen_options options;
    bojagi_listener *listener;
    bojagi_address local;
    unsigned port;
    size_t i, count = 0;

    bojagi_listen_options_init(&options);
    options.flags = BOJAGI_REUSE_PORT;
    options.interface_name = NULL;
    GOOD(bojagi_tcp_listen("127.0.0.1", 0, &options, &listener));
    EXPECT(0, bojagi_listener_wanted(listener));
    EXPECT(BOJAGI_E_AGAIN,
           bojagi_listener_accept_batch(listener, 0, servers, MANY));
    EXPECT(BOJAGI_READABLE, bojagi_listener_wanted(listener));
    GOOD(bojagi_listener_local(listener, &local));
    port = (unsigned)GOOD(bojagi_address_port(&local));
    for (i = 0; i < MANY; i++)
        GOOD(bojagi_tcp_connect("127.0.0.1", port, NULL, SOON, &clients[i]));
    while (count < MANY)
        count += (size_t)GOOD(bojagi_listener_accept_batch(
            listener, SOON, servers + count, 7 < MANY - count ? 7 : MANY - count));
    EXPECT(BOJAGI_E_AGAIN, bojagi_listener_accept(listener, 0, &servers[0]));
    bojagi_listener_free(listener);
}

/* Answers what has come until there is no more; counts the bytes. */
static size_t drain(bojagi_socket *socket)
{
    char data[2];
    size_t total = 0;
    int64_t got;

    while ((got = bojagi_socket_recv(socket, data, sizeof data, 0)) > 0) {
        EXPECT(got, bojagi_socket_send(socket, data, (size_t)got, 0));
        total += (size_t)got;
    }
    EXPECT(BOJAGI_E_AGAIN, got);
    EXPECT(BOJAGI_READABLE, bojagi_socket_wanted(socket));
    return total;
}

static void loop_serves_many_sockets(void)
{
    bojagi_socket *clients[MANY], *servers[MANY];
    bojagi_poller *poller;
    bojagi_event events[8];
    char data[5];
    size_t i, total = 0;
    int64_t count;

    accept_all(clients, servers);
    GOOD(bojagi_poller_new(&poller));
    for (i = 0; i < MANY; i++) {
        int64_t fd = GOOD(bojagi_socket_fd(servers[i]));

        GOOD(bojagi_poller_add(poller, fd, BOJAGI_READABLE, i));
        EXPECT(BOJAGI_E_STATE,
               bojagi_poller_add(poller, fd, BOJAGI_READABLE, i));
        EXPECT(5, bojagi_socket_send(clients[i], "hello", 5, SOON));
    }
    while (total < MANY * 5) {
        count = GOOD(bojagi_poller_wait(poller, events, 8, SOON));
        while (count-- > 0) {
            CHECK(events[count].events == BOJAGI_READABLE);
            CHECK(events[count].token < MANY && events[count].reserved == 0);
            total += drain(servers[events[count].token]);
        }
    }
    EXPECT(BOJAGI_E_AGAIN, bojagi_poller_wait(poller, events, 8, 0));
    EXPECT(0, bojagi_poller_wake(poller));
    EXPECT(1, bojagi_poller_wait(poller, events, 8, SOON));
    CHECK(events[0].events == BOJAGI_WOKEN && events[0].token == 0);
    for (i = 0; i < MANY; i++) {
        GOOD(bojagi_poller_remove(poller, bojagi_socket_fd(servers[i])));
        GOOD(bojagi_socket_recv_exact(clients[i], data, 5, SOON, NULL));
        CHECK(memcmp(data, "hello", 5) == 0);
        bojagi_socket_free(clients[i]);
        bojagi_socket_free(servers[i]);
    }
    bojagi_poller_free(poller);
}

static void no_manager_has_passed_anything(void)
{
    int64_t fds[2] = {-9, -9};
    char name[8] = "before";

    EXPECT(0, bojagi_listen_fds(fds, 2));
    CHECK(fds[0] == -9 && fds[1] == -9);
    EXPECT(BOJAGI_E_ARG, bojagi_listen_fd_name(0, name, sizeof name));
    CHECK(strcmp(name, "before") == 0);
}

static void poller_outlives_its_cancel_and_its_sockets(void)
{
    bojagi_poller *poller;
    bojagi_cancel *cancel;
    bojagi_event event;
    struct pair pair;

    pair_make(&pair);
    GOOD(bojagi_poller_new(&poller));
    GOOD(bojagi_cancel_new(&cancel));
    GOOD(bojagi_poller_set_cancel(poller, cancel));
    GOOD(bojagi_poller_add(poller, bojagi_socket_fd(pair.server),
                           BOJAGI_READABLE | BOJAGI_WRITABLE, 1));
    GOOD(bojagi_cancel_fire(cancel));
    bojagi_cancel_free(cancel);
    EXPECT(BOJAGI_E_CANCELLED, bojagi_poller_wait(poller, &event, 1, -1));
    pair_free(&pair);
    GOOD(bojagi_poller_set_cancel(poller, NULL));
    EXPECT(BOJAGI_E_TIMEOUT, bojagi_poller_wait(poller, &event, 1, 1));
    bojagi_poller_free(poller);
}

int main(void)
{
    loop_serves_many_sockets();
    no_manager_has_passed_anything();
    poller_outlives_its_cancel_and_its_sockets();
    return 0;
}
