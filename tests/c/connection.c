/* The state between messages from C: what the header promises of
 * bojagi_connection. The rules of HTTP one by one are in
 * tests/vectors/connection-state.jsonl. */
#include "check.h"

#define LEN(text) (sizeof text - 1)
#define SEND(connection, text) \
    bojagi_connection_send_head(connection, text, LEN(text))

static const char get[] = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
static const char post[] =
    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n";
static const char ok[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n";

static int64_t receive(bojagi_connection *connection, const char *text)
{
    int64_t method = bojagi_connection_request_method(connection);
    bojagi_head head;

    bojagi_head_init(&head, NULL);
    if (memcmp(text, "HTTP/", 5) == 0)
        GOOD(bojagi_response_decode(&head, NULL, 0, text, strlen(text),
                                    (uint32_t)method));
    else
        GOOD(bojagi_request_decode(&head, NULL, 0, text, strlen(text)));
    return bojagi_connection_received_head(connection, &head);
}

static void wrong_arguments_are_refused(void)
{
    bojagi_connection connection;
    bojagi_head head;
    bojagi_body body;

    EXPECT(BOJAGI_E_ARG, bojagi_connection_init(NULL, BOJAGI_ROLE_CLIENT));
    EXPECT(BOJAGI_E_ARG, bojagi_connection_init(&connection, 0));
    EXPECT(BOJAGI_E_ARG, bojagi_connection_init(&connection, 3));
    EXPECT(BOJAGI_E_ARG, bojagi_connection_init(&connection, 257));
    EXPECT(0, bojagi_connection_init(&connection, BOJAGI_ROLE_SERVER));
    bojagi_head_init(&head, NULL);
    bojagi_body_init(&body, NULL);
    CHECK(bojagi_connection_may(NULL) == BOJAGI_MUST_CLOSE);
    EXPECT(BOJAGI_E_ARG, bojagi_connection_request_method(NULL));
    EXPECT(BOJAGI_E_STATE, bojagi_connection_request_method(&connection));
    EXPECT(BOJAGI_E_ARG, bojagi_connection_received_head(NULL, &head));
    EXPECT(BOJAGI_E_ARG, bojagi_connection_received_head(&connection, NULL));
    EXPECT(BOJAGI_E_ARG, bojagi_connection_received_head(&connection, &head));
    EXPECT(BOJAGI_E_ARG, bojagi_connection_received_body(NULL, &body));
    EXPECT(BOJAGI_E_ARG, bojagi_connection_received_body(&connection, NULL));
    EXPECT(BOJAGI_E_ARG, bojagi_connection_received_close(NULL, 0));
    EXPECT(BOJAGI_E_ARG, bojagi_connection_send_head(NULL, ok, LEN(ok)));
    EXPECT(BOJAGI_E_ARG, bojagi_connection_send_head(&connection, NULL, 1));
    EXPECT(BOJAGI_E_ARG, bojagi_connection_send_body(NULL, 1));
    EXPECT(BOJAGI_E_ARG, bojagi_connection_send_end(NULL));
    CHECK(connection.fault.reason == BOJAGI_REASON_NONE);
    CHECK(bojagi_connection_may(&connection) ==
          (BOJAGI_MAY_READ_HEAD | BOJAGI_MAY_REUSE));
}

static void an_incomplete_head_is_no_head_to_send(void)
{
    bojagi_connection connection;
    size_t len;

    GOOD(bojagi_connection_init(&connection, BOJAGI_ROLE_CLIENT));
    EXPECT(BOJAGI_E_ARG, bojagi_connection_send_head(&connection, NULL, 0));
    for (len = 0; len < LEN(get); len++)
        EXPECT(BOJAGI_E_ARG,
               bojagi_connection_send_head(&connection, get, len));
    CHECK(connection.awaiting == 0);
    EXPECT((int64_t)LEN(get), SEND(&connection, get));
    CHECK(connection.awaiting == 1);
}

static void a_client_keeps_to_what_it_announced(void)
{
    static const char twice[] = "POST / HTTP/1.1\r\nHost: x\r\n"
        "Content-Length: 5\r\nContent-Length: 5\r\n\r\n";
    bojagi_connection client;

    GOOD(bojagi_connection_init(&client, BOJAGI_ROLE_CLIENT));
    EXPECT(BOJAGI_E_SYNTAX, SEND(&client, twice));
    CHECK(client.fault.reason == BOJAGI_REASON_CONTENT_LENGTH_REPEATED);
    CHECK(client.fault.status == 0);
    EXPECT((int64_t)LEN(post), SEND(&client, post));
    CHECK(client.outgoing_left == 5);
    EXPECT(BOJAGI_E_STATE, bojagi_connection_send_body(&client, 6));
    CHECK(client.fault.reason == BOJAGI_REASON_BODY_MISMATCH);
    EXPECT(BOJAGI_E_STATE, bojagi_connection_send_body(&client, UINT64_MAX));
    EXPECT(0, bojagi_connection_send_body(&client, 4));
    EXPECT(BOJAGI_E_STATE, bojagi_connection_send_end(&client));
    EXPECT(BOJAGI_E_STATE, SEND(&client, get));
    CHECK(client.fault.reason == BOJAGI_REASON_NOT_YET);
    EXPECT(0, bojagi_connection_send_body(&client, 1));
    EXPECT(0, bojagi_connection_send_end(&client));
    EXPECT(BOJAGI_METHOD_POST, bojagi_connection_request_method(&client));
}

static void a_server_drains_before_it_reads_on(void)
{
    bojagi_connection server;
    bojagi_span span;
    bojagi_head head;
    bojagi_body body;

    GOOD(bojagi_connection_init(&server, BOJAGI_ROLE_SERVER));
    bojagi_head_init(&head, NULL);
    GOOD(bojagi_request_decode(&head, NULL, 0, post, LEN(post)));
    EXPECT(0, bojagi_connection_received_head(&server, &head));
    bojagi_body_init(&body, &head);
    EXPECT((int64_t)LEN(ok), SEND(&server, ok));
    EXPECT(0, bojagi_connection_send_body(&server, 2));
    CHECK(bojagi_connection_may(&server) ==
          (BOJAGI_MAY_READ_BODY | BOJAGI_MUST_DRAIN));
    EXPECT(BOJAGI_E_STATE, bojagi_connection_received_head(&server, &head));
    EXPECT(5, bojagi_body_decode(&body, "GET /", 5, &span, 1));
    EXPECT(0, bojagi_connection_received_body(&server, &body));
    CHECK(bojagi_connection_may(&server) ==
          (BOJAGI_MAY_READ_HEAD | BOJAGI_MAY_REUSE));
    EXPECT(0, bojagi_connection_received_close(&server, 0));
    CHECK(bojagi_connection_may(&server) == BOJAGI_MUST_CLOSE);
}

static void a_fault_of_the_peer_is_answered_last(void)
{
    static const char no_host[] = "GET / HTTP/1.1\r\n\r\n";
    static const char bad[] = "HTTP/1.1 400 x\r\nContent-Length: 0\r\n\r\n";
    bojagi_connection server;
    bojagi_head head;

    GOOD(bojagi_connection_init(&server, BOJAGI_ROLE_SERVER));
    EXPECT(0, receive(&server, get));
    bojagi_head_init(&head, NULL);
    EXPECT(BOJAGI_E_SYNTAX,
           bojagi_request_decode(&head, NULL, 0, no_host, LEN(no_host)));
    EXPECT(BOJAGI_E_SYNTAX, bojagi_connection_received_head(&server, &head));
    CHECK(server.fault.reason == BOJAGI_REASON_HOST_MISSING);
    CHECK(server.fault.status == 400 && server.awaiting == 2);
    GOOD(SEND(&server, ok));
    EXPECT(0, bojagi_connection_send_body(&server, 2));
    CHECK(bojagi_connection_may(&server) ==
          (BOJAGI_MAY_WRITE_HEAD | BOJAGI_MUST_SAY_CLOSE));
    GOOD(SEND(&server, bad));
    CHECK(bojagi_connection_may(&server) == BOJAGI_MUST_CLOSE);
}

static void a_full_pipeline_waits(void)
{
    bojagi_connection client;
    int n;

    GOOD(bojagi_connection_init(&client, BOJAGI_ROLE_CLIENT));
    for (n = 0; n < BOJAGI_PIPELINE_MAX; n++)
        GOOD(SEND(&client, get));
    EXPECT(BOJAGI_E_SPACE, SEND(&client, get));
    CHECK(bojagi_connection_may(&client) == BOJAGI_MAY_READ_HEAD);
    EXPECT(0, receive(&client, "HTTP/1.1 204 x\r\n\r\n"));
    GOOD(SEND(&client, get));
    EXPECT(BOJAGI_E_TRUNCATED, bojagi_connection_received_close(&client, 0));
    CHECK(client.fault.reason == BOJAGI_REASON_UNANSWERED);
    CHECK(client.awaiting == BOJAGI_PIPELINE_MAX);
}

/* A struct that nobody initialised, or that was written over, does no harm. */
static void any_contents_are_harmless(void)
{
    bojagi_connection connection;
    bojagi_body body;
    bojagi_head head;
    int byte;

    bojagi_head_init(&head, NULL);
    GOOD(bojagi_request_decode(&head, NULL, 0, post, LEN(post)));
    bojagi_body_init(&body, &head);
    for (byte = 0; byte < 256; byte++) {
        memset(&connection, byte, sizeof connection);
        CHECK(bojagi_connection_may(&connection) != 0);
        CHECK(bojagi_connection_request_method(&connection) != -1);
        CHECK(bojagi_connection_received_head(&connection, &head) <= 0);
        CHECK(bojagi_connection_received_body(&connection, &body) <= 0);
        CHECK(SEND(&connection, ok) <= (int64_t)LEN(ok));
        CHECK(SEND(&connection, get) <= (int64_t)LEN(get));
        CHECK(bojagi_connection_send_body(&connection, 3) <= 0);
        CHECK(bojagi_connection_send_end(&connection) <= 0);
        CHECK(bojagi_connection_received_close(&connection, 1) <= 0);
        CHECK(bojagi_connection_may(&connection) != 0);
    }
}

int main(void)
{
    wrong_arguments_are_refused();
    an_incomplete_head_is_no_head_to_send();
    a_client_keeps_to_what_it_announced();
    a_server_drains_before_it_reads_on();
    a_fault_of_the_peer_is_answered_last();
    a_full_pipeline_waits();
    any_contents_are_harmless();
    return 0;
}
