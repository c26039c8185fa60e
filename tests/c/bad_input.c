/* Bad arguments, bad peers, bad bytes: each has its own code, and nothing
 * crashes, leaks, or outlives its budget. */
#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include <sys/wait.h>
#include <unistd.h>

#define LEN(text) (sizeof text - 1)

static void null_handles_are_refused(void)
{
    bojagi_address address;
    bojagi_socket *socket = NULL;
    bojagi_listener *listener = NULL;
    bojagi_buffer buffer;
    bojagi_head head;
    bojagi_body body;
    size_t done = 7;
    char data[4] = "abc";

    EXPECT(BOJAGI_E_ARG, bojagi_socket_send(NULL, data, 1, 0));
    EXPECT(BOJAGI_E_ARG, bojagi_socket_send_all(NULL, data, 1, 0, &done));
    CHECK(done == 0);
    EXPECT(BOJAGI_E_ARG, bojagi_socket_recv(NULL, data, 1, 0));
    done = 7;
    EXPECT(BOJAGI_E_ARG, bojagi_socket_recv_exact(NULL, data, 1, 0, &done));
    CHECK(done == 0);
    EXPECT(BOJAGI_E_ARG, bojagi_socket_recv_from(NULL, data, 1, 0, &address));
    EXPECT(BOJAGI_E_ARG, bojagi_socket_shutdown(NULL, BOJAGI_SHUTDOWN_BOTH));
    EXPECT(BOJAGI_E_ARG, bojagi_socket_local(NULL, &address));
    EXPECT(BOJAGI_E_ARG, bojagi_socket_peer(NULL, &address));
    EXPECT(BOJAGI_E_ARG, bojagi_socket_fd(NULL));
    EXPECT(BOJAGI_E_ARG, bojagi_socket_set_cancel(NULL, NULL));
    EXPECT(BOJAGI_E_ARG, bojagi_listener_accept(NULL, 0, &socket));
    EXPECT(BOJAGI_E_ARG, bojagi_listener_local(NULL, &address));
    EXPECT(BOJAGI_E_ARG, bojagi_listener_fd(NULL));
    EXPECT(BOJAGI_E_ARG, bojagi_listener_set_cancel(NULL, NULL));
    EXPECT(BOJAGI_E_ARG, bojagi_cancel_new(NULL));
    EXPECT(BOJAGI_E_ARG, bojagi_cancel_fire(NULL));
    EXPECT(BOJAGI_E_ARG, bojagi_cancel_reset(NULL));
    EXPECT(BOJAGI_E_ARG, bojagi_cancel_fired(NULL));
    EXPECT(BOJAGI_E_ARG, bojagi_tcp_connect(NULL, 1, NULL, 0, &socket));
    EXPECT(BOJAGI_E_ARG, bojagi_tcp_connect("127.0.0.1", 1, NULL, 0, NULL));
    EXPECT(BOJAGI_E_ARG, bojagi_tcp_listen("127.0.0.1", 0, NULL, NULL));
    EXPECT(BOJAGI_E_ARG, bojagi_unix_connect(NULL, NULL, 0, &socket));
    EXPECT(BOJAGI_E_ARG, bojagi_unix_listen(NULL, NULL, &listener));
    EXPECT(BOJAGI_E_ARG, bojagi_address_parse(NULL, 1, &address));
    EXPECT(BOJAGI_E_ARG, bojagi_address_format(NULL, data, 4));
    EXPECT(BOJAGI_E_ARG, bojagi_error_last(NULL));
    bojagi_buffer_init(&buffer, NULL, 0);
    bojagi_head_init(&head, NULL);
    EXPECT(BOJAGI_E_ARG, bojagi_socket_recv_request(NULL, &buffer, &head, NULL,
                                                    0, 0));
    EXPECT(BOJAGI_E_ARG, bojagi_request_decode(NULL, NULL, 0, data, 1));
    EXPECT(BOJAGI_E_ARG, bojagi_request_decode(&head, NULL, 0, NULL, 1));
    EXPECT(0, bojagi_request_decode(&head, NULL, 0, NULL, 0));
    EXPECT(BOJAGI_E_ARG, bojagi_request_decode(&head, NULL, 1, data, 1));
    EXPECT(BOJAGI_E_ARG, bojagi_body_end(NULL));
    EXPECT(BOJAGI_E_ARG, bojagi_body_decode(NULL, data, 1, NULL, 0));
    EXPECT(BOJAGI_E_ARG, bojagi_request_encode(data, 4, NULL, 1, "/", 1, NULL,
                                               0, NULL));
    bojagi_body_init(&body, NULL);
    bojagi_body_init(NULL, NULL);
    bojagi_head_init(NULL, NULL);
    bojagi_socket_free(NULL);
    bojagi_listener_free(NULL);
    bojagi_cancel_free(NULL);
    CHECK(socket == NULL && listener == NULL);
}

static void null_is_a_valid_empty_input_only(void)
{
    struct pair pair;
    size_t done = 7;
    char data[4];

    pair_make(&pair);
    EXPECT(0, bojagi_socket_send(pair.client, NULL, 0, SOON));
    EXPECT(BOJAGI_E_ARG, bojagi_socket_send(pair.client, NULL, 1, SOON));
    GOOD(bojagi_socket_send_all(pair.client, NULL, 0, SOON, &done));
    CHECK(done == 0);
    EXPECT(BOJAGI_E_ARG,
           bojagi_socket_send_all(pair.client, NULL, 1, SOON, &done));
    EXPECT(BOJAGI_E_ARG, bojagi_socket_recv(pair.client, data, 0, SOON));
    EXPECT(BOJAGI_E_ARG, bojagi_socket_recv(pair.client, NULL, 1, SOON));
    EXPECT(BOJAGI_E_ARG, bojagi_socket_shutdown(pair.client, 0));
    EXPECT(BOJAGI_E_ARG, bojagi_socket_shutdown(pair.client, 4));
    EXPECT(BOJAGI_E_ARG,
           bojagi_tcp_connect("127.0.0.1", 65536, NULL, SOON, &pair.server));
    EXPECT(BOJAGI_E_ARG,
           bojagi_tcp_connect("127.0.0.1", pair.port, NULL, -2, &pair.server));
    pair_free(&pair);
}

static void frees_and_shutdowns_come_in_any_order(void)
{
    bojagi_connect_options options;
    bojagi_cancel *cancel;
    bojagi_socket *socket, *server;
    struct pair pair;

    pair_make(&pair);
    GOOD(bojagi_socket_shutdown(pair.client, BOJAGI_SHUTDOWN_BOTH));
    GOOD(bojagi_socket_shutdown(pair.client, BOJAGI_SHUTDOWN_BOTH));
    EXPECT(BOJAGI_E_CLOSED, bojagi_socket_send(pair.client, "x", 1, SOON));
    GOOD(bojagi_cancel_new(&cancel));
    bojagi_connect_options_init(&options);
    options.cancel = cancel;
    GOOD(bojagi_tcp_connect("127.0.0.1", pair.port, &options, SOON, &socket));
    GOOD(bojagi_listener_accept(pair.listener, SOON, &server));
    bojagi_cancel_free(cancel);
    bojagi_listener_free(pair.listener);
    pair.listener = NULL;
    EXPECT(1, bojagi_socket_send(socket, "x", 1, SOON));
    bojagi_socket_free(socket);
    bojagi_socket_free(server);
    pair_free(&pair);
}

static void peers_that_are_not_there(void)
{
    bojagi_listener *listener = NULL;
    bojagi_socket *socket = NULL;
    bojagi_error error;
    struct pair pair;

    pair_make(&pair);
    EXPECT(BOJAGI_E_IN_USE,
           bojagi_tcp_listen("127.0.0.1", pair.port, NULL, &listener));
    bojagi_listener_free(pair.listener);
    pair.listener = NULL;
    EXPECT(BOJAGI_E_REFUSED,
           bojagi_tcp_connect("127.0.0.1", pair.port, NULL, SOON, &socket));
    bojagi_error_init(&error);
    GOOD(bojagi_error_last(&error));
    CHECK(error.code == BOJAGI_E_REFUSED && error.stage == BOJAGI_STAGE_CONNECT);
    CHECK(error.attempts >= 1 && strstr(error.message, "127.0.0.1") != NULL);
    GOOD(bojagi_error_attempt(0, &error));
    CHECK(error.code == BOJAGI_E_REFUSED);
    EXPECT(BOJAGI_E_ARG, bojagi_error_attempt(1000, &error));

    /* RFC 6761: "invalid" is never a host. */
    EXPECT(BOJAGI_E_RESOLVE,
           bojagi_tcp_connect("name.invalid", 80, NULL, 3 * SOON, &socket));
    EXPECT(BOJAGI_E_REFUSED, bojagi_unix_connect("/nowhere/at/all", NULL, SOON,
                                                 &socket));
    CHECK(socket == NULL && listener == NULL);
    pair_free(&pair);
}

/* What a client gets to know of a response that breaks off there. */
static int64_t response_of(const char *text, size_t len, int closed,
                           int64_t timeout, bojagi_fault *fault)
{
    unsigned char room[4096];
    bojagi_field fields[8];
    bojagi_buffer buffer;
    bojagi_head head;
    bojagi_body body;
    struct pair pair;
    int64_t n;

    pair_make(&pair);
    GOOD(bojagi_socket_send_all(pair.server, text, len, SOON, NULL));
    if (closed)
        GOOD(bojagi_socket_shutdown(pair.server, BOJAGI_SHUTDOWN_SEND));
    bojagi_buffer_init(&buffer, room, sizeof room);
    bojagi_head_init(&head, NULL);
    n = bojagi_socket_recv_response(pair.client, &buffer, &head, fields, 8,
                                    BOJAGI_METHOD_GET, timeout);
    *fault = head.fault;
    if (n > 0) {
        bojagi_body_init(&body, &head);
        do
            n = bojagi_socket_recv_body(pair.client, &buffer, &body, NULL, 0,
                                        timeout);
        while (n >= 0 && body.state != BOJAGI_BODY_DONE);
        *fault = body.fault;
    }
    pair_free(&pair);
    return n;
}

static void responses_that_break_off(void)
{
    static const char in_head[] = "HTTP/1.1 200 OK\r\nContent-Le";
    static const char in_body[] =
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfive!";
    static const char in_chunk[] =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\nfive!";
    static const char until_close[] = "HTTP/1.1 200 OK\r\n\r\nfive!";
    static const char garbage[] = "\x16\x03\x01 is no HTTP\r\n\r\n";
    static const char bad_chunk[] =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n";
    bojagi_fault fault;

    EXPECT(0, response_of("", 0, 1, SOON, &fault));
    EXPECT(BOJAGI_E_TRUNCATED,
           response_of(in_head, LEN(in_head), 1, SOON, &fault));
    EXPECT(BOJAGI_E_TRUNCATED,
           response_of(in_body, LEN(in_body), 1, SOON, &fault));
    CHECK(fault.reason == BOJAGI_REASON_TRUNCATED);
    EXPECT(BOJAGI_E_TRUNCATED,
           response_of(in_chunk, LEN(in_chunk), 1, SOON, &fault));
    CHECK(response_of(until_close, LEN(until_close), 1, SOON, &fault) >= 0);
    EXPECT(BOJAGI_E_SYNTAX,
           response_of(garbage, LEN(garbage), 1, SOON, &fault));
    CHECK(fault.offset == 0);
    EXPECT(BOJAGI_E_SYNTAX,
           response_of(bad_chunk, LEN(bad_chunk), 0, SOON, &fault));
    CHECK(fault.reason == BOJAGI_REASON_CHUNK_SIZE && fault.offset == 0);

    EXPECT(BOJAGI_E_TIMEOUT, response_of("", 0, 0, 30, &fault));
    EXPECT(BOJAGI_E_TIMEOUT,
           response_of(in_head, LEN(in_head), 0, 30, &fault));
    EXPECT(BOJAGI_E_TIMEOUT,
           response_of(in_chunk, LEN(in_chunk), 0, 30, &fault));
}

/* The same message, each byte in a segment of its own: nothing is lost when a
 * call runs into its budget between two of them. */
static void a_byte_at_a_time(void)
{
    static const char text[] =
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc";
    unsigned char room[256];
    bojagi_field fields[4];
    bojagi_buffer buffer;
    bojagi_head head;
    bojagi_body body;
    struct pair pair;
    int64_t n = 0;
    size_t i = 0;

    pair_make(&pair);
    bojagi_buffer_init(&buffer, room, sizeof room);
    bojagi_head_init(&head, NULL);
    while (n <= 0 && i < LEN(text)) {
        GOOD(bojagi_socket_send_all(pair.client, text + i++, 1, SOON, NULL));
        n = bojagi_socket_recv_request(pair.server, &buffer, &head, fields, 4, 0);
        CHECK(n > 0 || n == BOJAGI_E_AGAIN);
    }
    EXPECT((int64_t)LEN(text) - 3, n);
    bojagi_body_init(&body, &head);
    do {
        CHECK(i < LEN(text));
        GOOD(bojagi_socket_send_all(pair.client, text + i++, 1, SOON, NULL));
        n = bojagi_socket_recv_body(pair.server, &buffer, &body, NULL, 0, 0);
        CHECK(n >= 0 || n == BOJAGI_E_AGAIN);
    } while (n < 0 || body.state != BOJAGI_BODY_DONE);
    CHECK(body.total == 3 && memcmp(room + buffer.body, "abc", 3) == 0);
    pair_free(&pair);
}

/* A child sends a field of 1 MiB, whether it is read or not. */
static void a_header_of_one_mebibyte(void)
{
    static char text[1 << 20];
    static unsigned char room[131072];
    bojagi_field fields[8];
    bojagi_buffer buffer;
    bojagi_head head;
    struct pair pair;
    pid_t child;
    int status;

    memset(text, 'a', sizeof text);
    memcpy(text, "GET / HTTP/1.1\r\nHost: x\r\nX: ", 28);
    pair_make(&pair);
    child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        int64_t n = bojagi_socket_send_all(pair.client, text, sizeof text, SOON,
                                           NULL);
        pair_free(&pair);
        _exit(n >= 0 || n == BOJAGI_E_RESET || n == BOJAGI_E_CLOSED ? 0 : 1);
    }
    bojagi_buffer_init(&buffer, room, sizeof room);
    bojagi_head_init(&head, NULL);
    EXPECT(BOJAGI_E_LIMIT, bojagi_socket_recv_request(pair.server, &buffer,
                               &head, fields, 8, SOON));
    CHECK(head.fault.reason == BOJAGI_REASON_FIELD_BYTES_LIMIT);
    CHECK(head.fault.status == 431);
    pair_free(&pair);
    CHECK(waitpid(child, &status, 0) == child && status == 0);

    /* And a buffer that is smaller than the limit says so. */
    pair_make(&pair);
    GOOD(bojagi_socket_send_all(pair.client, text, 4096, SOON, NULL));
    bojagi_buffer_init(&buffer, room, 512);
    bojagi_head_init(&head, NULL);
    EXPECT(BOJAGI_E_SPACE, bojagi_socket_recv_request(pair.server, &buffer,
                               &head, fields, 8, SOON));
    pair_free(&pair);
}

int main(void)
{
    null_handles_are_refused();
    null_is_a_valid_empty_input_only();
    frees_and_shutdowns_come_in_any_order();
    a_header_of_one_mebibyte();     /* forks, so while there is no other thread */
    peers_that_are_not_there();
    responses_that_break_off();
    a_byte_at_a_time();
    return 0;
}
