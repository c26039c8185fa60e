#include "scenario.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* No fault strikes more often in a row. */
#define TRIES_MAX 100000

int failed(struct run *run, int64_t result)
{
    bojagi_error error;

    inject_disarm();
    if (result >= 0)
        return 0;
    if (result == BOJAGI_E_AGAIN && run->mode->timeout_ms == 0) {
        sched_yield();
        return 1;
    }
    if (run->failures++ == 0) {
        bojagi_error_init(&error);
        GOOD(bojagi_error_last(&error));
        CHECK(error.code == result && error.message[0] != '\0');
        run->code = result;
        run->os_error = error.os_error;
    }
    CHECK(run->failures < TRIES_MAX);
    return 1;
}

void options(const struct run *run, bojagi_connect_options *connect,
                    bojagi_listen_options *listen)
{
    bojagi_connect_options_init(connect);
    bojagi_listen_options_init(listen);
    connect->flags = listen->flags = run->mode->flags;
    connect->cancel = listen->cancel = run->cancel;
}

int64_t patience(const struct run *run)
{
    return run->mode->timeout_ms == 0 ? SOON : run->mode->timeout_ms;
}

static unsigned char byte_at(uint64_t seed, size_t at)
{
    uint64_t mixed = (seed + at / 8 + 1) * 0x9e3779b97f4a7c15u;

    mixed ^= mixed >> 29;
    return (unsigned char)(mixed >> at % 8 * 8);
}

void fill(unsigned char *out, size_t len, uint64_t seed, size_t at)
{
    size_t i;

    for (i = 0; i < len; i++)
        out[i] = byte_at(seed, at + i);
}

void compare(const unsigned char *got, size_t len, uint64_t seed,
                    size_t at)
{
    size_t i;

    for (i = 0; i < len; i++)
        CHECK(got[i] == byte_at(seed, at + i));
}

/* The peer of `socket` has gone: a connect that failed late leaves such a connection behind. */
static int is_dead(bojagi_socket *socket)
{
    char byte;
    int fd = (int)GOOD(bojagi_socket_fd(socket));

    return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 ||
           (errno != EAGAIN && errno != EWOULDBLOCK);
}

bojagi_socket *accepted(struct run *run, bojagi_listener *listener)
{
    bojagi_socket *socket = NULL;

    for (;;) {
        REPEAT(run, bojagi_listener_accept(listener, patience(run), &socket));
        CHECK(socket != NULL);
        if (!is_dead(socket))
            break;
        bojagi_socket_free(socket);
        socket = NULL;
    }
    REPEAT(run, bojagi_socket_set_cancel(socket, run->cancel));
    return socket;
}

void ends(struct run *run, const char *path, bojagi_socket *pair[2])
{
    bojagi_connect_options connect;
    bojagi_listen_options listen;
    bojagi_listener *listener = NULL;
    bojagi_address local;
    unsigned port;

    options(run, &connect, &listen);
    pair[0] = pair[1] = NULL;
    if (path != NULL) {
        REPEAT(run, bojagi_unix_listen(path, &listen, &listener));
        REPEAT(run, bojagi_unix_connect(path, &connect, patience(run),
                                        &pair[0]));
    } else {
        REPEAT(run, bojagi_tcp_listen("127.0.0.1", 0, &listen, &listener));
        REPEAT(run, bojagi_listener_local(listener, &local));
        port = (unsigned)GOOD(bojagi_address_port(&local));
        REPEAT(run, bojagi_tcp_connect("127.0.0.1", port, &connect,
                                       patience(run), &pair[0]));
    }
    pair[1] = accepted(run, listener);
    bojagi_listener_free(listener);
}

void send_all(struct run *run, bojagi_socket *socket,
                     const unsigned char *data, size_t len)
{
    size_t sent = 0, done;
    int64_t result;

    do {
        done = 0;
        inject_arm();
        result = bojagi_socket_send_all(socket, data + sent, len - sent,
                                        run->mode->timeout_ms, &done);
        CHECK(done <= len - sent && (result < 0 || done == len - sent));
        sent += done;
    } while (failed(run, result));
    CHECK(sent == len);
}

void recv_exact(struct run *run, bojagi_socket *socket,
                       unsigned char *out, size_t len)
{
    size_t come = 0, done;
    int64_t result;

    do {
        done = 0;
        inject_arm();
        result = bojagi_socket_recv_exact(socket, out + come, len - come,
                                          run->mode->timeout_ms, &done);
        CHECK(result < 0 ? done < len - come : done == len - come);
        come += done;
    } while (failed(run, result));
    CHECK(come == len);
}

static void send_pieces(struct run *run, bojagi_socket *socket,
                        const unsigned char *data, size_t len)
{
    size_t sent = 0;
    int64_t result;

    while (sent < len) {
        inject_arm();
        result = bojagi_socket_send(socket, data + sent, len - sent,
                                    run->mode->timeout_ms);
        if (!failed(run, result)) {
            CHECK(result > 0 && (size_t)result <= len - sent);
            sent += (size_t)result;
        }
    }
}

static void recv_pieces(struct run *run, bojagi_socket *socket,
                        unsigned char *out, size_t len)
{
    size_t come = 0;
    int64_t result;

    while (come < len) {
        inject_arm();
        result = bojagi_socket_recv(socket, out + come, len - come,
                                    run->mode->timeout_ms);
        if (!failed(run, result)) {
            CHECK(result > 0 && (size_t)result <= len - come);
            come += (size_t)result;
        }
    }
}

/* Every byte goes to the other end and back, in each of the ways that there are. */
static void echo(struct run *run, bojagi_socket *pair[2])
{
    static unsigned char out[8192], back[8192];
    int64_t result;
    size_t at, len;

    for (at = 0; at < run->amount; at += len) {
        len = run->amount - at < sizeof out ? run->amount - at : sizeof out;
        fill(out, len, run->seed, at);
        memset(back, 0, len);
        send_all(run, pair[0], out, len);
        recv_exact(run, pair[1], back, len);
        compare(back, len, run->seed, at);
        send_pieces(run, pair[1], back, len);
        memset(back, 0, len);
        recv_pieces(run, pair[0], back, len);
        compare(back, len, run->seed, at);
    }
    REPEAT(run, bojagi_socket_shutdown(pair[0], BOJAGI_SHUTDOWN_SEND));
    do {
        inject_arm();
        result = bojagi_socket_recv(pair[1], back, 1, run->mode->timeout_ms);
    } while (failed(run, result));
    CHECK(result == 0);
}

static void tcp_stream(struct run *run)
{
    bojagi_socket *pair[2];

    ends(run, NULL, pair);
    echo(run, pair);
    bojagi_socket_free(pair[0]);
    bojagi_socket_free(pair[1]);
}

static void unix_stream(struct run *run)
{
    bojagi_socket *pair[2];
    char path[64];

    snprintf(path, sizeof path, "@bojagi-inject-%ld", (long)getpid());
    ends(run, path, pair);
    echo(run, pair);
    bojagi_socket_free(pair[0]);
    bojagi_socket_free(pair[1]);
}

/* Far more than the buffers between the two hold. */
#define BULK (96 * 1024)

/* A peer that is never disturbed: takes everything, a little at a time, before it sends it back. */
static void *parrot(void *socket)
{
    static char all[BULK];
    ssize_t moved;
    size_t at;
    int fd = *(int *)socket;

    for (at = 0; at < BULK; at += (size_t)moved)
        CHECK((moved = recv(fd, all + at, BULK - at < 997 ? BULK - at : 997,
                            0)) > 0);
    for (at = 0; at < BULK; at += (size_t)moved)
        CHECK((moved = send(fd, all + at, BULK - at < 997 ? BULK - at : 997,
                            0)) > 0);
    return NULL;
}

/* Calls that do wait: for room in a queue that is full, and for bytes that have not come. */
static void bulk(struct run *run)
{
    static unsigned char out[BULK], back[BULK];
    bojagi_connect_options connect;
    bojagi_listen_options listen;
    bojagi_socket *socket = NULL;
    pthread_t thread;
    int fds[2], size = 4096, i;

    options(run, &connect, &listen);
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
    for (i = 0; i < 2; i++)
        CHECK(setsockopt(fds[i], SOL_SOCKET, SO_SNDBUF, &size, sizeof size) ==
              0);
    GOOD(bojagi_socket_from_fd(fds[0], &connect, &socket));
    CHECK(pthread_create(&thread, NULL, parrot, &fds[1]) == 0);
    fill(out, BULK, run->seed, 0);
    send_all(run, socket, out, BULK);
    memset(back, 0, BULK);
    recv_exact(run, socket, back, BULK);
    compare(back, BULK, run->seed, 0);
    CHECK(pthread_join(thread, NULL) == 0);
    bojagi_socket_free(socket);
    close(fds[1]);
}

/* Sends and receives one datagram after the other: none is lost, none comes twice. */
static void messages(struct run *run, bojagi_socket *from, bojagi_socket *to,
                     const bojagi_address *address)
{
    unsigned char out[64], back[65];
    bojagi_address sender;
    int64_t result;
    size_t at;

    for (at = 0; at < run->amount; at += sizeof out) {
        fill(out, sizeof out, run->seed, at);
        do {
            inject_arm();
            result = address == NULL
                         ? bojagi_socket_send(from, out, sizeof out,
                                              run->mode->timeout_ms)
                         : bojagi_socket_send_to(from, out, sizeof out, address,
                                                 run->mode->timeout_ms);
        } while (failed(run, result));
        CHECK(result == sizeof out);
        do {
            inject_arm();
            result = address == NULL
                         ? bojagi_socket_recv(to, back, sizeof back,
                                              run->mode->timeout_ms)
                         : bojagi_socket_recv_from(to, back, sizeof back,
                                                   run->mode->timeout_ms,
                                                   &sender);
        } while (failed(run, result));
        CHECK(result == sizeof out);
        compare(back, sizeof out, run->seed, at);
        EXPECT(BOJAGI_E_AGAIN, bojagi_socket_recv(to, back, sizeof back, 0));
    }
}

static void udp(struct run *run)
{
    bojagi_connect_options connect;
    bojagi_listen_options listen;
    bojagi_socket *to = NULL, *from = NULL, *connected = NULL;
    bojagi_address address;

    options(run, &connect, &listen);
    REPEAT(run, bojagi_udp_bind("127.0.0.1", 0, &listen, &to));
    REPEAT(run, bojagi_socket_local(to, &address));
    REPEAT(run, bojagi_udp_bind("127.0.0.1", 0, &listen, &from));
    messages(run, from, to, &address);
    REPEAT(run, bojagi_udp_connect("127.0.0.1",
                                   (unsigned)bojagi_address_port(&address),
                                   &connect, patience(run), &connected));
    messages(run, connected, to, NULL);
    bojagi_socket_free(connected);
    bojagi_socket_free(from);
    bojagi_socket_free(to);
}

static void unix_datagrams(struct run *run)
{
    bojagi_connect_options connect;
    bojagi_listen_options listen;
    bojagi_socket *to = NULL, *from = NULL, *connected = NULL;
    bojagi_address address;
    char path[64];

    options(run, &connect, &listen);
    snprintf(path, sizeof path, "@bojagi-inject-datagram-%ld", (long)getpid());
    REPEAT(run, bojagi_unix_datagram_bind(path, &listen, &to));
    REPEAT(run, bojagi_address_unix(path, &address));
    REPEAT(run, bojagi_unix_datagram_bind(NULL, &listen, &from));
    messages(run, from, to, &address);
    REPEAT(run, bojagi_unix_datagram_connect(path, &connect, &connected));
    messages(run, connected, to, NULL);
    bojagi_socket_free(connected);
    bojagi_socket_free(from);
    bojagi_socket_free(to);
}

/* A name has more than one address: a fault of the first may be mended by the next. */
static void named(struct run *run)
{
    bojagi_connect_options connect;
    bojagi_listen_options listen;
    bojagi_listener *listener = NULL;
    bojagi_socket *pair[2] = {NULL, NULL};
    bojagi_address local;
    unsigned port;

    options(run, &connect, &listen);
    REPEAT(run, bojagi_tcp_listen(NULL, 0, &listen, &listener));
    GOOD(bojagi_listener_local(listener, &local));
    port = (unsigned)GOOD(bojagi_address_port(&local));
    REPEAT(run, bojagi_tcp_connect("localhost", port, &connect, patience(run),
                                   &pair[0]));
    pair[1] = accepted(run, listener);
    echo(run, pair);
    bojagi_socket_free(pair[0]);
    bojagi_socket_free(pair[1]);
    bojagi_listener_free(listener);
}

/* A descriptor that a failed _from_fd leaves to the caller, unchanged. */
static void adopted(struct run *run)
{
    bojagi_connect_options connect;
    bojagi_listen_options listen;
    bojagi_socket *pair[2] = {NULL, NULL};
    int fds[2], i;

    options(run, &connect, &listen);
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
    for (i = 0; i < 2; i++) {
        REPEAT(run, bojagi_socket_from_fd(fds[i], &connect, &pair[i]));
        CHECK(bojagi_socket_fd(pair[i]) == fds[i]);
    }
    echo(run, pair);
    bojagi_socket_free(pair[0]);
    bojagi_socket_free(pair[1]);
}

/* One head and its body, received into a buffer that keeps what comes behind them. */
static void request(struct run *run)
{
    static const char text[] =
        "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello";
    unsigned char memory[512];
    bojagi_buffer buffer;
    bojagi_head head;
    bojagi_field fields[8];
    bojagi_socket *pair[2];
    int64_t result;

    ends(run, NULL, pair);
    send_all(run, pair[0], (const unsigned char *)text, sizeof text - 1);
    bojagi_buffer_init(&buffer, memory, sizeof memory);
    bojagi_head_init(&head, NULL);
    do {
        inject_arm();
        result = bojagi_socket_recv_request(pair[1], &buffer, &head, fields, 8,
                                            run->mode->timeout_ms);
    } while (failed(run, result));
    CHECK(result == (int64_t)(sizeof text - 1 - 5) && head.field_count == 2);
    bojagi_socket_free(pair[0]);
    bojagi_socket_free(pair[1]);
}

const struct scenario scenarios[] = {
    {"tcp stream", tcp_stream, 0, 0},
    {"unix stream", unix_stream, 0, 0},
    {"udp", udp, 0, 0},
    {"unix datagrams", unix_datagrams, 0, 0},
    {"a name", named, 1, 0},
    {"adopted descriptors", adopted, 0, 0},
    {"a bulk that has to wait", bulk, 0, 1},
    {"a request", request, 0, 0},
#ifdef BOJAGI_FRAME_U8
    {"pieces", pieces, 0, 0},
    {"frames", frames, 0, 0},
    {"a file", file, 0, 0},
#endif
#ifdef BOJAGI_DATAGRAM_TRUNCATED
    {"batches of datagrams", batches, 0, 0},
#endif
#ifdef BOJAGI_READABLE
    {"a poller", poller, 1, 0},
#endif
#ifdef BOJAGI_FAST_OPEN
    {"a connector", connector, 1, 0},
#endif
#ifdef BOJAGI_KIND_UNIX_SEQPACKET
    {"descriptors that are passed", passed, 0, 0},
#endif
};
const size_t scenario_count = sizeof scenarios / sizeof *scenarios;
