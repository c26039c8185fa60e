/* Batches of datagrams and multicast groups from C: caller-owned memory, every
 * way to receive, what stands beside the bytes. */
#include "check.h"

enum { COUNT = 100, ROOM = 80 };

struct ends {
    bojagi_socket *server;
    bojagi_socket *client;
};

static bojagi_datagram sent[COUNT];
static bojagi_datagram came[COUNT];
static char out[COUNT][ROOM];
static char in[COUNT][ROOM];

static void ends_make(struct ends *ends)
{
    bojagi_address local;
    int64_t port;

    GOOD(bojagi_udp_bind("127.0.0.1", 0, NULL, &ends->server));
    GOOD(bojagi_socket_local(ends->server, &local));
    port = GOOD(bojagi_address_port(&local));
    GOOD(bojagi_udp_connect("127.0.0.1", (uint32_t)port, NULL, SOON,
                            &ends->client));
}

static void ends_free(struct ends *ends)
{
    bojagi_socket_free(ends->client);
    bojagi_socket_free(ends->server);
}

static void arrays_make(void)
{
    size_t i;

    memset(sent, 0, sizeof sent);
    memset(came, 0, sizeof came);
    for (i = 0; i < COUNT; i++) {
        memset(out[i], (int)i, ROOM);
        sent[i].data = out[i];
        sent[i].len = i % 10 == 9 ? i % ROOM : 64;
        came[i].data = in[i];
        came[i].cap = ROOM;
    }
}

static void receive_all(bojagi_socket *server, size_t most)
{
    size_t had = 0, i;

    while (had < COUNT) {
        size_t cap = COUNT - had < most ? COUNT - had : most;
        had += (size_t)GOOD(
            bojagi_socket_recv_batch(server, came + had, cap, SOON));
    }
    for (i = 0; i < COUNT; i++) {
        CHECK(came[i].len == sent[i].len && came[i].full_len == sent[i].len);
        CHECK(memcmp(in[i], out[i], sent[i].len) == 0);
        CHECK(came[i].flags == 0 && came[i].peer.len > 0);
    }
    EXPECT(BOJAGI_E_AGAIN, bojagi_socket_recv_batch(server, came, 1, 0));
}

static void a_batch_arrives_by_every_way(void)
{
    static const size_t most[] = {1, 7, COUNT};
    struct ends ends;
    size_t done = 0, i;

    ends_make(&ends);
    for (i = 0; i < 6; i++) {
        if (i == 3)
            GOOD(bojagi_socket_set_datagram(ends.server,
                                            BOJAGI_DATAGRAM_GROUPED));
        arrays_make();
        EXPECT(COUNT, bojagi_socket_send_batch(ends.client, sent, COUNT, SOON,
                                               &done));
        CHECK(done == COUNT);
        receive_all(ends.server, most[i % 3]);
        EXPECT(0, bojagi_socket_pending(ends.server));
    }
    ends_free(&ends);
}

static void a_socket_is_freed_with_datagrams_in_it(void)
{
    struct ends ends;
    size_t done = 0;

    ends_make(&ends);
    GOOD(bojagi_socket_set_datagram(ends.server, BOJAGI_DATAGRAM_GROUPED));
    arrays_make();
    EXPECT(9, bojagi_socket_send_batch(ends.client, sent, 9, SOON, &done));
    EXPECT(2, bojagi_socket_recv_batch(ends.server, came, 2, SOON));
    ends_free(&ends);
}

static void parts_come_and_go(void)
{
    const uint32_t parts = BOJAGI_DATAGRAM_TOS | BOJAGI_DATAGRAM_LOCAL;
    struct ends ends;
    char host[16];
    int64_t got;

    ends_make(&ends);
    got = bojagi_socket_set_datagram(ends.server, parts);
    if (got == BOJAGI_E_UNSUPPORTED) {
        ends_free(&ends);
        return;
    }
    EXPECT(parts, got);
    arrays_make();
    sent[0].flags = BOJAGI_DATAGRAM_TOS;
    sent[0].tos = 46 << 2 | 1;
    EXPECT(64, bojagi_socket_send_datagram(ends.client, sent, SOON));
    EXPECT(64, bojagi_socket_recv_datagram(ends.server, came, SOON));
    CHECK(came[0].flags == parts && came[0].tos == sent[0].tos);
    GOOD(bojagi_address_host(&came[0].local, host, sizeof host));
    CHECK(strcmp(host, "127.0.0.1") == 0 && came[0].interface_index > 0);
    /* It goes back as it came. */
    EXPECT(64, bojagi_socket_send_datagram(ends.server, came, SOON));
    came[1].cap = 10;
    EXPECT(BOJAGI_E_SPACE,
           bojagi_socket_recv_datagram(ends.client, came + 1, SOON));
    CHECK(came[1].len == 10 && came[1].full_len == 64);
    CHECK(came[1].flags == BOJAGI_DATAGRAM_TRUNCATED);
    ends_free(&ends);
}

static void groups_are_joined_and_left(void)
{
    struct ends ends;
    bojagi_address group, peer;

    ends_make(&ends);
    GOOD(bojagi_address_parse("239.255.77.3", 0, &group));
    GOOD(bojagi_address_parse("127.0.0.1", 0, &peer));
    GOOD(bojagi_socket_multicast_join(ends.server, &group, "1", NULL));
    GOOD(bojagi_socket_multicast_leave(ends.server, &group, "1", NULL));
    GOOD(bojagi_socket_multicast_join(ends.server, &group, "1", &peer));
    GOOD(bojagi_socket_multicast_leave(ends.server, &group, "1", &peer));
    EXPECT(BOJAGI_E_ARG,
           bojagi_socket_multicast_join(ends.server, &peer, NULL, NULL));
    ends_free(&ends);
}

int main(void)
{
    a_batch_arrives_by_every_way();
    a_socket_is_freed_with_datagrams_in_it();
    parts_come_and_go();
    groups_are_joined_and_left();
    return 0;
}
