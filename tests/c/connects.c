/* Connecting from C: a resolver of one's own, a table of hosts, and a connect
 * in a loop of one's own. */
#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include <poll.h>

/* Knows one name; leaves the rest to the system. */
static int64_t resolve(const char *host, uint32_t port, int64_t timeout_ms,
                       bojagi_address *addresses, size_t cap, void *user)
{
    int *asked = user;

    (void)port;
    ++*asked;
    CHECK(timeout_ms == SOON || (timeout_ms > 0 && timeout_ms < SOON)
          || timeout_ms == -1);
    CHECK(cap >= 2);
    if (strcmp(host, "mine.test") != 0)
        return BOJAGI_E_RESOLVE;
    GOOD(bojagi_address_parse("127.0.0.9", 0, &addresses[0]));
    GOOD(bojagi_address_parse("127.0.0.1", 0, &addresses[1]));
    return 2;
}

static void a_resolver_of_ones_own_is_asked(unsigned port)
{
    bojagi_connect_options options;
    bojagi_socket *socket = NULL;
    int asked = 0;

    bojagi_connect_options_init(&options);
    options.resolver = resolve;
    options.resolver_user = &asked;
    GOOD(bojagi_tcp_connect("mine.test", port, &options, SOON, &socket));
    bojagi_socket_free(socket);
    socket = NULL;
    EXPECT(BOJAGI_E_RESOLVE,
           bojagi_tcp_connect("other.test", port, &options, SOON, &socket));
    CHECK(asked == 2 && socket == NULL);
}

static void a_loop_of_ones_own_drives_a_connector(unsigned port)
{
    bojagi_connect_options options;
    bojagi_connector *connector = NULL;
    bojagi_socket *socket = NULL;
    bojagi_hosts *hosts = NULL;
    bojagi_address address;
    bojagi_error attempt;
    struct pollfd wait;
    int64_t result;

    GOOD(bojagi_hosts_new(&hosts));
    GOOD(bojagi_address_parse("127.0.0.9", 0, &address));
    GOOD(bojagi_hosts_add(hosts, "some.test", &address));
    GOOD(bojagi_address_parse("127.0.0.1", 0, &address));
    GOOD(bojagi_hosts_add(hosts, "SOME.TEST.", &address));
    bojagi_connect_options_init(&options);
    options.hosts = hosts;
    GOOD(bojagi_connector_new("some.test", port, &options, &connector));
    bojagi_hosts_free(hosts);    /* before the connector that it serves */

    wait.fd = (int)GOOD(bojagi_connector_fd(connector));
    wait.events = POLLIN;
    while ((result = bojagi_connector_next(connector, 0, &socket)) != 0) {
        EXPECT(BOJAGI_E_AGAIN, result);
        CHECK(poll(&wait, 1, SOON) == 1);
    }
    EXPECT(2, bojagi_connector_attempts(connector));
    bojagi_error_init(&attempt);
    GOOD(bojagi_connector_attempt(connector, 0, &attempt));
    CHECK(attempt.code == BOJAGI_E_REFUSED);
    GOOD(bojagi_connector_attempt(connector, 1, &attempt));
    CHECK(attempt.code == 0 && strstr(attempt.message, "connected") != NULL);
    bojagi_connector_free(connector);    /* before the socket that it gave */
    EXPECT(1, bojagi_socket_send(socket, "x", 1, SOON));
    bojagi_socket_free(socket);
}

static void a_connector_may_be_freed_at_any_time(unsigned port)
{
    bojagi_connector *connector = NULL;
    bojagi_socket *socket = NULL;

    GOOD(bojagi_connector_new("127.0.0.1", port, NULL, &connector));
    bojagi_connector_free(connector);
    GOOD(bojagi_connector_new("127.0.0.1", port, NULL, &connector));
    GOOD(bojagi_connector_next(connector, SOON, &socket));
    bojagi_connector_free(connector);
    bojagi_socket_free(socket);
}

int main(void)
{
    struct pair pair;

    pair_make(&pair);
    a_resolver_of_ones_own_is_asked(pair.port);
    a_loop_of_ones_own_drives_a_connector(pair.port);
    a_connector_may_be_freed_at_any_time(pair.port);
    pair_free(&pair);
    return 0;
}
