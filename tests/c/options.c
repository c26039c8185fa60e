#define _GNU_SOURCE
/* Options, insight, descriptors between processes and credentials, as C
 * programs use them; and what bad input is answered. */
#include "check.h"

#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void last_names(const char *name)
{
    bojagi_error error;

    bojagi_error_init(&error);
    EXPECT(0, bojagi_error_last(&error));
    CHECK(strstr(error.message, name) != NULL);
}

/* The whole table is listed, found by name, and refuses what is past it. */
static void table(void)
{
    bojagi_option_info info;
    uint32_t index;

    for (index = 0; index < bojagi_option_count(); index++) {
        bojagi_option_info_init(&info);
        EXPECT(0, bojagi_option_describe(index, &info));
        EXPECT(info.id, bojagi_option_find(info.name));
        CHECK(info.id == index + 1 && info.min <= info.max);
        CHECK(info.kinds != 0 && info.flags != 0 && info.unit != NULL);
    }
    EXPECT(BOJAGI_OPTION_OOB_INLINE, bojagi_option_count());
    EXPECT(BOJAGI_OPTION_KEEPALIVE, bojagi_option_find("keepalive"));
    EXPECT(-1, bojagi_option_find("nonsense"));
    EXPECT(-1, bojagi_option_find(""));
    EXPECT(BOJAGI_E_ARG, bojagi_option_find(NULL));
    EXPECT(BOJAGI_E_ARG, bojagi_option_describe(index, &info));
    EXPECT(BOJAGI_E_ARG, bojagi_option_describe(UINT32_MAX, &info));
    EXPECT(BOJAGI_E_ARG, bojagi_option_describe(0, NULL));
    info.size = 0;
    EXPECT(BOJAGI_E_ARG, bojagi_option_describe(0, &info));
    bojagi_option_info_init(NULL);
}

static void options(struct pair *pair)
{
    int64_t value = 7;
    char text[16];
    int fd = (int)GOOD(bojagi_socket_fd(pair->client)), seen = 0;
    socklen_t len = sizeof seen;

    GOOD(bojagi_socket_set_option(pair->client, BOJAGI_OPTION_KEEPALIVE_IDLE,
                                  42));
    GOOD(bojagi_socket_option(pair->client, BOJAGI_OPTION_KEEPALIVE_IDLE,
                              &value));
    CHECK(getsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &seen, &len) == 0);
    CHECK(value == 42 && seen == 42);
    EXPECT(BOJAGI_E_ARG, bojagi_socket_set_option(
                             pair->client, BOJAGI_OPTION_KEEPALIVE_IDLE, 0));
    last_names("keepalive_idle");
    EXPECT(BOJAGI_E_UNSUPPORTED,
           bojagi_socket_set_option(pair->client, 4711, 0));
    last_names("4711");
    EXPECT(BOJAGI_E_UNSUPPORTED,
           bojagi_socket_set_option(pair->client, BOJAGI_OPTION_BROADCAST, 1));
    last_names("broadcast");
    GOOD(bojagi_socket_set_option_text(pair->client,
                                       BOJAGI_OPTION_CONGESTION, "reno"));
    EXPECT(4, bojagi_socket_option_text(pair->client,
                                        BOJAGI_OPTION_CONGESTION, text,
                                        sizeof text));
    CHECK(strcmp(text, "reno") == 0);
    GOOD(bojagi_listener_set_option(pair->listener,
                                    BOJAGI_OPTION_DEFER_ACCEPT, 0));
    GOOD(bojagi_listener_option(pair->listener, BOJAGI_OPTION_ACCEPTING,
                                &value));
    CHECK(value == 1);
    GOOD(bojagi_listener_set_option_text(pair->listener,
                                         BOJAGI_OPTION_CONGESTION, "reno"));
    EXPECT(4, bojagi_listener_option_text(pair->listener,
                                          BOJAGI_OPTION_CONGESTION, NULL, 0));
}

/* Both ends of a connection have what was asked for before they were bound. */
static void from_the_beginning(void)
{
    static const bojagi_option_value values[] = {
        { BOJAGI_OPTION_KEEPALIVE, 0, 1, NULL },
        { BOJAGI_OPTION_CONGESTION, 0, 0, "reno" },
        { BOJAGI_OPTION_FREEBIND, 0, 1, NULL },
    };
    bojagi_listen_options listening;
    bojagi_connect_options connecting;
    bojagi_listener *listener = NULL;
    bojagi_socket *client = NULL;
    bojagi_address local;
    int64_t value = 0;
    char text[16];

    bojagi_listen_options_init(&listening);
    listening.values = values;
    listening.value_count = 3;
    GOOD(bojagi_tcp_listen("192.0.2.1", 0, &listening, &listener));
    bojagi_listener_free(listener);
    GOOD(bojagi_tcp_listen("127.0.0.1", 0, &listening, &listener));
    GOOD(bojagi_listener_local(listener, &local));
    bojagi_connect_options_init(&connecting);
    connecting.values = values;
    connecting.value_count = 2;
    GOOD(bojagi_tcp_connect("127.0.0.1", (uint32_t)GOOD(
        bojagi_address_port(&local)), &connecting, SOON, &client));
    GOOD(bojagi_socket_option(client, BOJAGI_OPTION_KEEPALIVE, &value));
    EXPECT(4, bojagi_socket_option_text(client, BOJAGI_OPTION_CONGESTION,
                                        text, sizeof text));
    CHECK(value == 1 && strcmp(text, "reno") == 0);
    bojagi_socket_free(client);
    client = NULL;
    connecting.values = NULL;
    EXPECT(BOJAGI_E_ARG,
           bojagi_tcp_connect("127.0.0.1", 9, &connecting, SOON, &client));
    connecting.values = values;
    EXPECT(BOJAGI_E_UNSUPPORTED,
           bojagi_unix_connect("@none", &connecting, SOON, &client));
    last_names("option keepalive");
    CHECK(client == NULL);
    bojagi_listener_free(listener);
}

static void bad_input(struct pair *pair)
{
    int64_t value, fds[1] = { 0 };
    char byte;
    size_t count;
    bojagi_socket *one = NULL;

    EXPECT(BOJAGI_E_ARG, bojagi_socket_set_option(NULL, 1, 1));
    EXPECT(BOJAGI_E_ARG, bojagi_socket_option(NULL, 1, &value));
    EXPECT(BOJAGI_E_ARG, bojagi_socket_option(pair->client, 1, NULL));
    EXPECT(BOJAGI_E_ARG, bojagi_socket_set_option_text(
                             pair->client, BOJAGI_OPTION_CONGESTION, NULL));
    EXPECT(BOJAGI_E_ARG, bojagi_socket_option_text(NULL, 1, &byte, 1));
    EXPECT(BOJAGI_E_ARG,
           bojagi_socket_option_text(pair->client, BOJAGI_OPTION_CONGESTION,
                                     NULL, 5));
    EXPECT(BOJAGI_E_ARG, bojagi_listener_set_option(NULL, 1, 1));
    EXPECT(BOJAGI_E_ARG, bojagi_listener_option(pair->listener, 1, NULL));
    EXPECT(BOJAGI_E_ARG, bojagi_listener_set_option_text(NULL, 1, "x"));
    EXPECT(BOJAGI_E_ARG, bojagi_listener_option_text(NULL, 1, &byte, 1));
    EXPECT(BOJAGI_E_ARG, bojagi_socket_tcp_info(pair->client, NULL));
    EXPECT(BOJAGI_E_ARG, bojagi_socket_queues(pair->client, NULL));
    EXPECT(BOJAGI_E_ARG, bojagi_listener_queues(pair->listener, NULL));
    EXPECT(BOJAGI_E_ARG, bojagi_socket_peer_credentials(pair->client, NULL));
    EXPECT(BOJAGI_E_ARG, bojagi_socket_peer_pidfd(NULL));
    EXPECT(BOJAGI_E_ARG, bojagi_socket_original(pair->client, NULL));
    EXPECT(BOJAGI_E_ARG, bojagi_socket_error(NULL));
    EXPECT(BOJAGI_E_ARG, bojagi_socket_send_fds(NULL, "x", 1, fds, 1, 0));
    EXPECT(BOJAGI_E_ARG,
           bojagi_socket_recv_fds(NULL, &byte, 1, 0, fds, 1, &count));
    EXPECT(BOJAGI_E_ARG, bojagi_unix_pair(BOJAGI_KIND_TCP, NULL, &one, &one));
    EXPECT(BOJAGI_E_ARG,
           bojagi_unix_pair(BOJAGI_KIND_UNIX_STREAM, NULL, &one, NULL));
    EXPECT(BOJAGI_E_ARG,
           bojagi_unix_pair(BOJAGI_KIND_UNIX_STREAM, NULL, &one, &one));
    EXPECT(BOJAGI_E_ARG, bojagi_unix_seqpacket_connect(NULL, NULL, 0, &one));
    EXPECT(BOJAGI_E_ARG, bojagi_unix_seqpacket_connect("@x", NULL, 0, NULL));
    EXPECT(BOJAGI_E_ARG, bojagi_unix_seqpacket_listen("@x", NULL, NULL));
    CHECK(one == NULL);
    bojagi_tcp_info_init(NULL);
    bojagi_queues_init(NULL);
    bojagi_credentials_init(NULL);
}

/* Member by member what the kernel's own struct says; the connection rests. */
static void insight(struct pair *pair)
{
    bojagi_tcp_info info;
    bojagi_queues queues;
    struct tcp_info raw;
    socklen_t len = sizeof raw;
    char buf[1000] = { 0 };
    int fd = (int)GOOD(bojagi_socket_fd(pair->client));

    GOOD(bojagi_socket_send_all(pair->client, buf, sizeof buf, SOON, NULL));
    GOOD(bojagi_socket_recv_exact(pair->server, buf, 600, SOON, NULL));
    /* The answer brings the acknowledgement: nothing is under way then. */
    GOOD(bojagi_socket_send_all(pair->server, "x", 1, SOON, NULL));
    GOOD(bojagi_socket_recv_exact(pair->client, buf, 1, SOON, NULL));
    bojagi_queues_init(&queues);
    GOOD(bojagi_socket_queues(pair->server, &queues));
    CHECK(queues.unread == 400 && queues.unsent == 0);
    bojagi_tcp_info_init(&info);
    GOOD(bojagi_socket_tcp_info(pair->client, &info));
    CHECK(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &raw, &len) == 0);
    CHECK(info.state == raw.tcpi_state && info.options == raw.tcpi_options);
    CHECK(info.congestion_state == raw.tcpi_ca_state);
    CHECK(info.send_window_scale == raw.tcpi_snd_wscale);
    CHECK(info.recv_window_scale == raw.tcpi_rcv_wscale);
    CHECK(info.timeouts == raw.tcpi_retransmits);
    CHECK(info.probes == raw.tcpi_probes && info.backoff == raw.tcpi_backoff);
    CHECK(info.retransmit_timeout_us == raw.tcpi_rto);
    CHECK(info.delayed_ack_us == raw.tcpi_ato);
    CHECK(info.send_mss == raw.tcpi_snd_mss);
    CHECK(info.recv_mss == raw.tcpi_rcv_mss);
    CHECK(info.unacked == raw.tcpi_unacked && info.sacked == raw.tcpi_sacked);
    CHECK(info.lost == raw.tcpi_lost && info.retransmits == raw.tcpi_retrans);
    CHECK(info.path_mtu == raw.tcpi_pmtu);
    CHECK(info.recv_ssthresh == raw.tcpi_rcv_ssthresh);
    CHECK(info.rtt_us == raw.tcpi_rtt && info.rtt_us > 0);
    CHECK(info.rtt_variation_us == raw.tcpi_rttvar);
    CHECK(info.ssthresh == raw.tcpi_snd_ssthresh);
    CHECK(info.cwnd == raw.tcpi_snd_cwnd && info.cwnd > 0);
    CHECK(info.announced_mss == raw.tcpi_advmss);
    CHECK(info.reordering == raw.tcpi_reordering);
    CHECK(info.recv_rtt_us == raw.tcpi_rcv_rtt);
    CHECK(info.recv_space == raw.tcpi_rcv_space);
    CHECK(info.retransmits_total == raw.tcpi_total_retrans);
    CHECK(info.last_send_ms <= raw.tcpi_last_data_sent);
    CHECK(info.last_recv_ms <= raw.tcpi_last_data_recv);
    CHECK(info.last_ack_ms <= raw.tcpi_last_ack_recv);
    CHECK(info.pacing_rate == raw.tcpi_pacing_rate);
    CHECK(info.pacing_rate_max == raw.tcpi_max_pacing_rate);
    CHECK(info.bytes_acked == raw.tcpi_bytes_acked);
    CHECK(info.bytes_received == raw.tcpi_bytes_received);
    CHECK(info.segments_out <= raw.tcpi_segs_out && info.segments_out > 0);
    CHECK(info.segments_in == raw.tcpi_segs_in && info.segments_in > 0);
    CHECK(info.unsent_bytes == raw.tcpi_notsent_bytes);
    CHECK(info.min_rtt_us == raw.tcpi_min_rtt);
    CHECK(info.data_segments_in == raw.tcpi_data_segs_in);
    CHECK(info.data_segments_out == raw.tcpi_data_segs_out);
    CHECK(info.delivery_rate == raw.tcpi_delivery_rate);
    CHECK(info.busy_us == raw.tcpi_busy_time);
    CHECK(info.peer_limited_us == raw.tcpi_rwnd_limited);
    CHECK(info.buffer_limited_us == raw.tcpi_sndbuf_limited);
    CHECK(info.delivered == raw.tcpi_delivered);
    CHECK(info.delivered_ecn == raw.tcpi_delivered_ce);
    CHECK(info.bytes_sent == raw.tcpi_bytes_sent && info.bytes_sent == 1000);
    CHECK(info.bytes_retransmitted == raw.tcpi_bytes_retrans);
    CHECK(info.duplicates == raw.tcpi_dsack_dups);
    CHECK(info.reorderings == raw.tcpi_reord_seen);
    CHECK(info.out_of_order_in == raw.tcpi_rcv_ooopack);
    CHECK(info.send_window == raw.tcpi_snd_wnd && info.send_window > 0);
    CHECK((info.valid & BOJAGI_TCP_INFO_SENT) != 0);
    CHECK(strcmp(bojagi_tcp_state_name(info.state), "ESTABLISHED") == 0);
    EXPECT(0, bojagi_socket_error(pair->client));
}

/* A child sends a listener of its own and ends; its parent accepts from it. */
static void descriptors_between_processes(void)
{
    bojagi_socket *one, *other, *client, *server;
    bojagi_listener *listener;
    bojagi_address local;
    bojagi_credentials peer;
    int64_t fds[4], fd;
    size_t count;
    unsigned port = 0;
    int status = -1;
    pid_t child;

    GOOD(bojagi_unix_pair(BOJAGI_KIND_UNIX_STREAM, NULL, &one, &other));
    child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        bojagi_socket_free(one);
        GOOD(bojagi_tcp_listen("127.0.0.1", 0, NULL, &listener));
        GOOD(bojagi_listener_local(listener, &local));
        port = (unsigned)GOOD(bojagi_address_port(&local));
        fd = GOOD(bojagi_listener_fd(listener));
        EXPECT(sizeof port, bojagi_socket_send_fds(other, &port, sizeof port,
                                                   &fd, 1, SOON));
        bojagi_listener_free(listener);
        bojagi_socket_free(other);
        exit(0);
    }
    bojagi_socket_free(other);
    EXPECT(sizeof port, bojagi_socket_recv_fds(one, &port, sizeof port, SOON,
                                               fds, 4, &count));
    CHECK(count == 1 && (fcntl((int)fds[0], F_GETFD) & FD_CLOEXEC) != 0);
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    GOOD(bojagi_listener_from_fd(fds[0], NULL, &listener));
    GOOD(bojagi_tcp_connect("127.0.0.1", port, NULL, SOON, &client));
    GOOD(bojagi_listener_accept(listener, SOON, &server));
    /* The pair was made here, so the peer is this process. */
    bojagi_credentials_init(&peer);
    GOOD(bojagi_socket_peer_credentials(one, &peer));
    CHECK(peer.pid == getpid() && peer.uid == geteuid());
    CHECK(peer.gid == getegid());
    bojagi_socket_free(server);
    bojagi_socket_free(client);
    bojagi_listener_free(listener);
    bojagi_socket_free(one);
}

/* Credentials of a connection are those of the process that connected. */
static void credentials_of_a_child(void)
{
    bojagi_listener *listener;
    bojagi_socket *client, *server;
    bojagi_address local;
    bojagi_credentials peer;
    char name[128], byte;
    int status = -1;
    pid_t child;

    GOOD(bojagi_unix_seqpacket_listen("@", NULL, &listener));
    GOOD(bojagi_listener_local(listener, &local));
    GOOD(bojagi_address_host(&local, name, sizeof name));
    child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        GOOD(bojagi_unix_seqpacket_connect(name, NULL, SOON, &client));
        EXPECT(2, bojagi_socket_send(client, "ab", 2, SOON));
        EXPECT(1, bojagi_socket_recv(client, &byte, 1, SOON));
        bojagi_socket_free(client);
        bojagi_listener_free(listener);
        exit(0);
    }
    GOOD(bojagi_listener_accept(listener, SOON, &server));
    bojagi_credentials_init(&peer);
    GOOD(bojagi_socket_peer_credentials(server, &peer));
    CHECK(peer.pid == child && peer.uid == geteuid());
    EXPECT(BOJAGI_E_SPACE, bojagi_socket_recv(server, &byte, 1, SOON));
    EXPECT(1, bojagi_socket_send(server, "x", 1, SOON));
    EXPECT(0, bojagi_socket_recv(server, &byte, 1, SOON));
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    bojagi_socket_free(server);
    bojagi_listener_free(listener);
}

int main(void)
{
    struct pair pair;

    pair_make(&pair);
    table();
    options(&pair);
    from_the_beginning();
    bad_input(&pair);
    insight(&pair);
    descriptors_between_processes();
    credentials_of_a_child();
    pair_free(&pair);
    return 0;
}
