/* Claims with the place where they failed, and the peers that tests talk to. */
#ifndef CHECK_H
#define CHECK_H

#include <bojagi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Generous: a bound that only a hang goes past, also under valgrind. */
#define SOON 20000

/* Ends the program when the claim does not hold. */
#define CHECK(claim) check((claim) != 0, #claim, __FILE__, __LINE__)

/* The result is exactly this number or code. */
#define EXPECT(wanted, call) expect(wanted, call, #call, __FILE__, __LINE__)

/* The result is no error; gives it on. */
#define GOOD(call) good(call, #call, __FILE__, __LINE__)

static inline void check(int holds, const char *claim, const char *file,
                         int line)
{
    if (holds)
        return;
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, claim);
    exit(1);
}

static inline void check_tell(int64_t got, const char *call, const char *file,
                              int line)
{
    bojagi_error error;

    bojagi_error_init(&error);
    fprintf(stderr, "%s:%d: %s gave %ld (%s)\n", file, line, call, (long)got,
            bojagi_error_name(got));
    if (bojagi_error_last(&error) == 0 && error.code != 0)
        fprintf(stderr, "    the last error: %s\n", error.message);
    exit(1);
}

static inline void expect(int64_t wanted, int64_t got, const char *call,
                          const char *file, int line)
{
    if (got == wanted)
        return;
    fprintf(stderr, "wanted %ld (%s)\n", (long)wanted,
            bojagi_error_name(wanted));
    check_tell(got, call, file, line);
}

static inline int64_t good(int64_t got, const char *call, const char *file,
                           int line)
{
    if (got < 0)
        check_tell(got, call, file, line);
    return got;
}

/* Two ends of one TCP connection over the loopback. */
struct pair {
    bojagi_listener *listener;
    bojagi_socket *client;
    bojagi_socket *server;
    unsigned port;
};

static inline void pair_make(struct pair *pair)
{
    bojagi_address local;

    memset(pair, 0, sizeof *pair);
    GOOD(bojagi_tcp_listen("127.0.0.1", 0, NULL, &pair->listener));
    GOOD(bojagi_listener_local(pair->listener, &local));
    pair->port = (unsigned)GOOD(bojagi_address_port(&local));
    GOOD(bojagi_tcp_connect("127.0.0.1", pair->port, NULL, SOON,
                            &pair->client));
    GOOD(bojagi_listener_accept(pair->listener, SOON, &pair->server));
}

static inline void pair_free(struct pair *pair)
{
    bojagi_socket_free(pair->client);
    bojagi_socket_free(pair->server);
    bojagi_listener_free(pair->listener);
}

/* What one side sends before it ends its direction. */
static inline void pair_say(bojagi_socket *from, const void *data, size_t len)
{
    size_t done = 0;

    GOOD(bojagi_socket_send_all(from, data, len, SOON, &done));
    CHECK(done == len);
    GOOD(bojagi_socket_shutdown(from, BOJAGI_SHUTDOWN_SEND));
}

#endif
