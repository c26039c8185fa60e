/* Level 2 from C: what the header promises of the codec. */
#include "check.h"

#define LEN(text) (sizeof text - 1)

static const char request[] =
    "POST /a?b HTTP/1.1\r\nHost: x\r\nX-One: 1\r\ncontent-length: 5\r\n\r\nhello";

static void a_request_comes_apart(void)
{
    bojagi_field fields[8];
    bojagi_head head;
    bojagi_body body;
    bojagi_span span;
    size_t len = LEN(request) - 5;

    bojagi_head_init(&head, NULL);
    EXPECT((int64_t)len,
           bojagi_request_decode(&head, fields, 8, request, LEN(request)));
    CHECK(head.length == len && head.field_count == 3 && head.version == 11);
    CHECK(head.method_id == BOJAGI_METHOD_POST && head.method.len == 4);
    CHECK(memcmp(request + head.target.off, "/a?b", 4) == 0);
    CHECK(head.target_form == BOJAGI_TARGET_ORIGIN);
    CHECK(head.framing == BOJAGI_FRAMING_LENGTH && head.content_length == 5);
    CHECK(head.flags & BOJAGI_HEAD_KEEP_ALIVE);
    EXPECT(2, bojagi_field_find(fields, 3, BOJAGI_FIELD_CONTENT_LENGTH, 0));
    EXPECT(-1, bojagi_field_find(fields, 3, BOJAGI_FIELD_HOST, 1));
    EXPECT(1, bojagi_field_find_name(fields, 3, request, len, "x-ONE", 5, 0));
    CHECK(memcmp(request + fields[1].name_off, "X-One", 5) == 0);

    bojagi_body_init(&body, &head);
    EXPECT(5, bojagi_body_decode(&body, request + len, 5, &span, 1));
    CHECK(body.span_count == 1 && span.off == 0 && span.len == 5);
    CHECK(body.state == BOJAGI_BODY_DONE && body.total == 5);
    EXPECT(0, bojagi_body_end(&body));
}

static void byte_by_byte_gives_the_same(void)
{
    bojagi_field whole[8], pieces[8];
    bojagi_head head;
    size_t len;
    int64_t n = 0;

    bojagi_head_init(&head, NULL);
    GOOD(bojagi_request_decode(&head, whole, 8, request, LEN(request)));
    bojagi_head_reset(&head);
    for (len = 1; n == 0; len++)
        n = GOOD(bojagi_request_decode(&head, pieces, 8, request, len));
    EXPECT((int64_t)LEN(request) - 5, n);
    CHECK(memcmp(whole, pieces, 3 * sizeof *whole) == 0);
}

static void more_fields_than_the_array_keeps_its_place(void)
{
    bojagi_field fields[3], one;
    bojagi_head head;

    bojagi_head_init(&head, NULL);
    EXPECT(BOJAGI_E_SPACE,
           bojagi_request_decode(&head, &one, 1, request, LEN(request)));
    CHECK(head.field_count == 1);
    fields[0] = one;
    EXPECT((int64_t)LEN(request) - 5,
           bojagi_request_decode(&head, fields, 3, request, LEN(request)));
    CHECK(head.field_count == 3 && fields[0].id == BOJAGI_FIELD_HOST);
    bojagi_head_reset(&head);
    EXPECT((int64_t)LEN(request) - 5,
           bojagi_request_decode(&head, NULL, 0, request, LEN(request)));
    CHECK(head.content_length == 5);
}

static void the_method_decides_about_the_body(void)
{
    static const char reply[] = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
    bojagi_head head;
    bojagi_body body;

    bojagi_head_init(&head, NULL);
    GOOD(bojagi_response_decode(&head, NULL, 0, reply, LEN(reply),
                                BOJAGI_METHOD_HEAD));
    CHECK(head.framing == BOJAGI_FRAMING_NONE && head.status == 200);
    bojagi_head_reset(&head);
    GOOD(bojagi_response_decode(&head, NULL, 0, reply, LEN(reply),
                                BOJAGI_METHOD_GET));
    CHECK(head.framing == BOJAGI_FRAMING_LENGTH);
    bojagi_body_init(&body, &head);
    EXPECT(BOJAGI_E_TRUNCATED, bojagi_body_end(&body));
    CHECK(body.fault.reason == BOJAGI_REASON_TRUNCATED);
    CHECK(body.fault.status == 502);
    EXPECT(BOJAGI_E_ARG,    /* fewer bytes than before */
           bojagi_response_decode(&head, NULL, 0, reply, LEN(reply) - 1,
                                  BOJAGI_METHOD_GET));
    EXPECT(BOJAGI_E_ARG,
           bojagi_response_decode(&head, NULL, 0, reply, LEN(reply), 77));
}

/* All chunks that are in one buffer are delivered, not only the first. */
static void chunks_lose_their_framing(void)
{
    static const char reply[] =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\nX-T: 1\r\n\r\nrest";
    char data[sizeof reply];
    bojagi_field trailer;
    bojagi_span spans[4];
    bojagi_head head;
    bojagi_body body;
    size_t at, kept = 0;
    int64_t n;

    memcpy(data, reply, sizeof reply);
    bojagi_head_init(&head, NULL);
    at = (size_t)GOOD(bojagi_response_decode(&head, NULL, 0, data, LEN(reply),
                                             BOJAGI_METHOD_GET));
    bojagi_body_init(&body, &head);
    n = GOOD(bojagi_body_decode(&body, data + at, LEN(reply) - at, spans, 4));
    CHECK(body.span_count == 2 && body.state == BOJAGI_BODY_TRAILERS);
    CHECK(spans[0].len == 3 && spans[1].len == 4);
    CHECK(memcmp(data + at + spans[1].off, "defg", 4) == 0);
    EXPECT(10, bojagi_trailers_decode(&body, &trailer, 1, data + at + n,
                                      LEN(reply) - at - (size_t)n));
    CHECK(body.state == BOJAGI_BODY_DONE && body.span_count == 1);
    CHECK(memcmp(data + at + n + trailer.name_off, "X-T", 3) == 0);

    bojagi_body_init(&body, &head);
    EXPECT(n, bojagi_body_compact(&body, data + at, LEN(reply) - at, &kept));
    CHECK(kept == 7 && memcmp(data + at, "abcdefg", 7) == 0);
}

static void encoding_gives_what_decodes_and_nothing_else(void)
{
    bojagi_field_line line[2] = {{0}};
    bojagi_fault fault;
    char out[128];
    int64_t n;

    line[0].id = BOJAGI_FIELD_HOST;
    line[0].value = "x";
    line[0].value_len = 1;
    line[1].name = "X-A";
    line[1].name_len = 3;
    line[1].value = "b c";
    line[1].value_len = 3;
    n = bojagi_request_encode(NULL, 0, "GET", 3, "/", 1, line, 2, NULL);
    EXPECT(37, n);
    EXPECT(BOJAGI_E_SPACE,
           bojagi_request_encode(out, 36, "GET", 3, "/", 1, line, 2, NULL));
    EXPECT(BOJAGI_E_SPACE,    /* no room left is not the question how much */
           bojagi_request_encode(out, 0, "GET", 3, "/", 1, line, 2, NULL));
    EXPECT(n, bojagi_request_encode(out, 37, "GET", 3, "/", 1, line, 2, NULL));
    CHECK(memcmp(out, "GET / HTTP/1.1\r\nHost: x\r\nX-A: b c\r\n\r\n", 37) == 0);

    line[1].value = "b\r\nInjected: 1";
    line[1].value_len = 14;
    EXPECT(BOJAGI_E_SYNTAX, bojagi_request_encode(out, sizeof out, "GET", 3, "/",
                                                  1, line, 2, &fault));
    CHECK(fault.reason == BOJAGI_REASON_FIELD_VALUE && fault.offset == 1);
    EXPECT(BOJAGI_E_SYNTAX, bojagi_request_encode(out, sizeof out, "GET", 3,
                                                  "/ x", 3, line, 1, &fault));
    CHECK(fault.reason == BOJAGI_REASON_TARGET && fault.offset == 1);
    EXPECT(BOJAGI_E_SYNTAX, bojagi_request_encode(out, sizeof out, "GET", 3, "/",
                                                  1, NULL, 0, &fault));
    CHECK(fault.reason == BOJAGI_REASON_HOST_MISSING);

    EXPECT(19, bojagi_response_encode(out, sizeof out, 200, "OK", 2, NULL, 0,
                                      NULL));
    EXPECT(8, bojagi_chunk_encode(out, sizeof out, "abc", 3));
    CHECK(memcmp(out, "3\r\nabc\r\n", 8) == 0);
    EXPECT(BOJAGI_E_ARG, bojagi_chunk_encode(out, sizeof out, "", 0));
    EXPECT(4, bojagi_chunk_head_encode(out, sizeof out, 255));
    EXPECT(5, bojagi_trailers_encode(out, sizeof out, NULL, 0, NULL));
    EXPECT(5, bojagi_trailers_encode(NULL, 0, NULL, 0, NULL));
    EXPECT(BOJAGI_E_SPACE, bojagi_trailers_encode(out, 0, NULL, 0, NULL));
    EXPECT(BOJAGI_E_SPACE, bojagi_response_encode(out, 0, 200, NULL, 0, NULL, 0,
                                                  NULL));
    EXPECT(BOJAGI_E_SPACE, bojagi_chunk_encode(out, 0, "a", 1));
    EXPECT(BOJAGI_E_SPACE, bojagi_chunk_head_encode(out, 0, 1));
}

static void text_is_flat(void)
{
    static const char wanted[] =
        "POST\n/a?b\n1.1\nHost\nx\nX-One\n1\ncontent-length\n5";
    char out[sizeof request];
    bojagi_head head;

    bojagi_head_init(&head, NULL);
    EXPECT((int64_t)LEN(wanted),
           bojagi_request_text(&head, request, LEN(request), out, sizeof out));
    CHECK(memcmp(out, wanted, LEN(wanted)) == 0);
    CHECK(head.length == LEN(request) - 5);
    EXPECT(BOJAGI_E_SPACE,
           bojagi_request_text(&head, request, LEN(request), out, 0));
    EXPECT((int64_t)LEN(wanted),
           bojagi_request_text(&head, request, LEN(request), NULL, 0));
}

static void names_are_known(void)
{
    CHECK(strcmp(bojagi_field_name(BOJAGI_FIELD_HOST), "Host") == 0);
    CHECK(bojagi_field_name(65535) == NULL);
    CHECK(bojagi_field_id("hOST", 4) == BOJAGI_FIELD_HOST);
    CHECK(bojagi_field_id("hos", 3) == 0);
    CHECK(bojagi_method_id("GET", 3) == BOJAGI_METHOD_GET);
    CHECK(bojagi_method_id("get", 3) == BOJAGI_METHOD_OTHER);
    CHECK(bojagi_method_name(BOJAGI_METHOD_OTHER) == NULL);
    CHECK(strcmp(bojagi_status_phrase(404), "Not Found") == 0);
    CHECK(strcmp(bojagi_status_phrase(299), "") == 0);
    CHECK(strcmp(bojagi_reason_name(BOJAGI_REASON_HOST_MISSING),
                 "HOST_MISSING") == 0);
    CHECK(strcmp(bojagi_error_name(BOJAGI_E_TIMEOUT), "TIMEOUT") == 0);
    CHECK(strcmp(bojagi_error_name(7), "OK") == 0);
    CHECK(strcmp(bojagi_error_name(-9999), "UNKNOWN") == 0);
}

static void a_buffer_holds_pipelined_messages(void)
{
    static const char two[] =
        "POST /1 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        "2\r\nab\r\n2\r\ncd\r\n0\r\nX-T: 1\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n";
    unsigned char room[256];
    bojagi_field fields[8], trailer;
    bojagi_buffer buffer;
    bojagi_head head;
    bojagi_body body;
    struct pair pair;

    pair_make(&pair);
    pair_say(pair.client, two, LEN(two));
    bojagi_buffer_init(&buffer, room, sizeof room);
    bojagi_head_init(&head, NULL);
    CHECK(bojagi_socket_recv_request(pair.server, &buffer, &head, fields, 8,
                                     SOON) == head.length && head.length > 0);
    CHECK(memcmp(room + buffer.start + head.target.off, "/1", 2) == 0);
    bojagi_head_reset(&head);
    EXPECT(BOJAGI_E_STATE, bojagi_socket_recv_request(pair.server, &buffer,
                               &head, fields, 8, SOON));
    bojagi_head_init(&head, NULL);
    pair_free(&pair);

    pair_make(&pair);
    pair_say(pair.client, two, LEN(two));
    bojagi_buffer_init(&buffer, room, sizeof room);
    GOOD(bojagi_socket_recv_request(pair.server, &buffer, &head, fields, 8,
                                    SOON));
    bojagi_body_init(&body, &head);
    EXPECT(4, bojagi_socket_recv_body(pair.server, &buffer, &body, &trailer, 1,
                                      SOON));
    CHECK(body.state == BOJAGI_BODY_DONE && body.span_count == 1);
    CHECK(memcmp(room + buffer.body, "abcd", 4) == 0);
    CHECK(memcmp(room + buffer.trailers + trailer.name_off, "X-T", 3) == 0);
    bojagi_head_reset(&head);
    GOOD(bojagi_socket_recv_request(pair.server, &buffer, &head, fields, 8,
                                    SOON));
    CHECK(memcmp(room + buffer.start + head.target.off, "/2", 2) == 0);
    bojagi_body_init(&body, &head);
    EXPECT(0, bojagi_socket_recv_body(pair.server, &buffer, &body, NULL, 0,
                                      SOON));
    CHECK(body.state == BOJAGI_BODY_DONE);
    bojagi_head_reset(&head);
    EXPECT(0, bojagi_socket_recv_request(pair.server, &buffer, &head, fields, 8,
                                         SOON));
    pair_free(&pair);
}

int main(void)
{
    a_request_comes_apart();
    byte_by_byte_gives_the_same();
    more_fields_than_the_array_keeps_its_place();
    the_method_decides_about_the_body();
    chunks_lose_their_framing();
    encoding_gives_what_decodes_and_nothing_else();
    text_is_flat();
    names_are_known();
    a_buffer_holds_pipelined_messages();
    return 0;
}
