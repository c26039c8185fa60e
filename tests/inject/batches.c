#include "scenario.h"

#include <string.h>
#include <unistd.h>

/* So many at once: more than one message, fewer than a queue has room for. */
#define MANY 20

#ifdef BOJAGI_DATAGRAM_TRUNCATED

/* Each datagram comes once, and in order, over UDP on one machine. */
void batches(struct run *run)
{
    static unsigned char out[MANY][50], back[MANY][60];
    static bojagi_datagram list[MANY];
    bojagi_connect_options connect;
    bojagi_listen_options listen;
    bojagi_socket *to = NULL, *from = NULL;
    bojagi_address address;
    int64_t result;
    size_t i, at, done;

    options(run, &connect, &listen);
    REPEAT(run, bojagi_udp_bind("127.0.0.1", 0, &listen, &to));
    REPEAT(run, bojagi_socket_local(to, &address));
    REPEAT(run, bojagi_udp_connect("127.0.0.1",
                                   (unsigned)bojagi_address_port(&address),
                                   &connect, patience(run), &from));
    memset(list, 0, sizeof list);
    for (i = 0; i < MANY; i++) {
        /* Lengths that can go as one message, and some that cannot. */
        fill(out[i], sizeof out[i], run->seed, i);
        list[i].data = out[i];
        list[i].len = i % 7 == 6 ? 20 : sizeof out[i];
    }
    for (at = 0; at < MANY; at += done) {
        inject_arm();
        result = bojagi_socket_send_batch(from, list + at, MANY - at,
                                          run->mode->timeout_ms, &done);
        CHECK(done <= MANY - at);
        CHECK(result < 0 ? done == 0 : (size_t)result == done);
        failed(run, result);
    }
    memset(list, 0, sizeof list);
    for (i = 0; i < MANY; i++) {
        list[i].data = back[i];
        list[i].cap = sizeof back[i];
    }
    for (at = 0; at < MANY;) {
        inject_arm();
        result = bojagi_socket_recv_batch(to, list + at, MANY - at,
                                          run->mode->timeout_ms);
        if (!failed(run, result)) {
            CHECK(result > 0 && (size_t)result <= MANY - at);
            at += (size_t)result;
        }
    }
    for (i = 0; i < MANY; i++) {
        CHECK(list[i].len == (i % 7 == 6 ? 20 : sizeof out[i]));
        compare(back[i], list[i].len, run->seed, i);
    }
    EXPECT(BOJAGI_E_AGAIN, bojagi_socket_recv(to, back, sizeof back, 0));
    bojagi_socket_free(from);
    bojagi_socket_free(to);
}

#endif

#ifdef BOJAGI_READABLE

/* Every connection is told of, and taken; none twice. */
void poller(struct run *run)
{
    bojagi_connect_options connect;
    bojagi_listen_options listen;
    bojagi_listener *listener = NULL;
    bojagi_poller *poller = NULL;
    bojagi_socket *clients[3] = {NULL, NULL, NULL}, *servers[16];
    bojagi_address local;
    bojagi_event events[4];
    int64_t result, taken = 0, alive = 0;
    unsigned char byte;
    int i;

    options(run, &connect, &listen);
    REPEAT(run, bojagi_tcp_listen("127.0.0.1", 0, &listen, &listener));
    REPEAT(run, bojagi_listener_local(listener, &local));
    REPEAT(run, bojagi_poller_new(&poller));
    REPEAT(run, bojagi_poller_set_flags(poller, run->mode->flags));
    REPEAT(run, bojagi_poller_set_cancel(poller, run->cancel));
    REPEAT(run, bojagi_poller_add(poller, bojagi_listener_fd(listener),
                                  BOJAGI_READABLE, 7));
    for (i = 0; i < 3; i++) {
        REPEAT(run, bojagi_tcp_connect("127.0.0.1",
                                       (unsigned)bojagi_address_port(&local),
                                       &connect, patience(run), &clients[i]));
        send_all(run, clients[i], (const unsigned char *)"x", 1);
    }
    do {
        inject_arm();
        result = bojagi_poller_wait(poller, events, 4, run->mode->timeout_ms);
    } while (failed(run, result));
    CHECK(result == 1 && events[0].token == 7 &&
          (events[0].events & BOJAGI_READABLE) != 0);
    /* A connect that failed late has left a connection behind, which has nothing to say. */
    while (alive < 3) {
        inject_arm();
        result = bojagi_listener_accept_batch(listener, patience(run),
                                              servers + taken, 16 - taken);
        if (failed(run, result))
            continue;
        for (i = 0; i < result; i++) {
            byte = 0;
            alive += bojagi_socket_recv(servers[taken + i], &byte, 1, SOON) ==
                         1 && byte == 'x';
        }
        taken += result;
    }
    CHECK(alive == 3);
    for (i = 0; i < taken; i++)
        bojagi_socket_free(servers[i]);
    for (i = 0; i < 3; i++)
        bojagi_socket_free(clients[i]);
    bojagi_poller_free(poller);
    bojagi_listener_free(listener);
}

#endif

#ifdef BOJAGI_FAST_OPEN

/* A connect that goes on step by step is made in the end, or begun again once it has failed. */
void connector(struct run *run)
{
    bojagi_connect_options connect;
    bojagi_listen_options listen;
    bojagi_listener *listener = NULL;
    bojagi_connector *connector = NULL;
    bojagi_socket *pair[2] = {NULL, NULL};
    bojagi_address local;
    int64_t result;
    unsigned char byte = 0;

    options(run, &connect, &listen);
    REPEAT(run, bojagi_tcp_listen("127.0.0.1", 0, &listen, &listener));
    REPEAT(run, bojagi_listener_local(listener, &local));
    do {
        if (connector == NULL)
            REPEAT(run, bojagi_connector_new(
                            "127.0.0.1", (unsigned)bojagi_address_port(&local),
                            &connect, &connector));
        inject_arm();
        result = bojagi_connector_next(connector, patience(run), &pair[0]);
        inject_disarm();
        failed(run, result);
        if (result != BOJAGI_E_INTERRUPTED) {
            bojagi_connector_free(connector);
            connector = NULL;
        }
    } while (result < 0);
    pair[1] = accepted(run, listener);
    send_all(run, pair[0], (const unsigned char *)"x", 1);
    recv_exact(run, pair[1], &byte, 1);
    CHECK(byte == 'x');
    bojagi_socket_free(pair[0]);
    bojagi_socket_free(pair[1]);
    bojagi_listener_free(listener);
}

#endif

#ifdef BOJAGI_KIND_UNIX_SEQPACKET

/* A descriptor that is passed arrives once with its bytes; none is left open by a failure. */
void passed(struct run *run)
{
    static const char text[] = "with a descriptor";
    bojagi_connect_options connect;
    bojagi_listen_options listen;
    bojagi_socket *pair[2] = {NULL, NULL};
    char back[sizeof text];
    int64_t fds[4], result, mine = dup(2);
    size_t sent, come = 0, count, got = 0, i;

    options(run, &connect, &listen);
    CHECK(mine >= 0);
    REPEAT(run, bojagi_unix_pair(BOJAGI_KIND_UNIX_STREAM, &connect, &pair[0],
                                 &pair[1]));
    do {
        inject_arm();
        result = bojagi_socket_send_fds(pair[0], text, sizeof text, &mine, 1,
                                        run->mode->timeout_ms);
    } while (failed(run, result));
    sent = (size_t)result;
    send_all(run, pair[0], (const unsigned char *)text + sent,
             sizeof text - sent);
    while (come < sizeof text) {
        inject_arm();
        result = bojagi_socket_recv_fds(pair[1], back + come,
                                        sizeof text - come,
                                        run->mode->timeout_ms, fds, 4, &count);
        if (!failed(run, result))
            come += (size_t)result;
        for (i = 0; i < count; i++)
            CHECK(close((int)fds[i]) == 0);
        got += count;
    }
    CHECK(got == 1 && memcmp(back, text, sizeof text) == 0);
    CHECK(close((int)mine) == 0);
    bojagi_socket_free(pair[0]);
    bojagi_socket_free(pair[1]);
}

#endif
