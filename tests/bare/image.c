/* What a firmware does with the codec, in one image: a request is encoded and
 * decoded, then a chunked response with a trailer. Exits with 0, or with the
 * line of the first answer that is not as it must be.
 *
 * tests/bare/check.sh measures this image, so nothing else is in it. */
#define BOJAGI_BARE
#include <bojagi.h>
#include "machine.h"

#define CHECK(condition) do { if (!(condition)) return __LINE__; } while (0)

static unsigned char wire[512];
static bojagi_field fields[8];
static bojagi_head head;
static bojagi_body body;

static int request(void)
{
    const bojagi_field_line lines[2] = {
        {NULL, 0, "example.com", 11, BOJAGI_FIELD_HOST, 0},
        {"X-Mark", 6, "a b", 3, 0, 0},
    };
    int64_t length = bojagi_request_encode(wire, sizeof wire, "GET", 3, "/a?b", 4,
                                           lines, 2, NULL);

    CHECK(length > 0);
    bojagi_head_init(&head, NULL);
    CHECK(bojagi_request_decode(&head, fields, 8, wire, 20) == 0);
    CHECK(bojagi_request_decode(&head, fields, 8, wire, (size_t)length) == length);
    CHECK(head.method_id == BOJAGI_METHOD_GET && head.target.len == 4);
    CHECK(head.field_count == 2 && fields[0].id == BOJAGI_FIELD_HOST);
    CHECK(fields[1].value_len == 3 && wire[fields[1].value_off] == 'a');
    bojagi_body_init(&body, &head);
    CHECK(body.state == BOJAGI_BODY_DONE);
    return 0;
}

/* Writes the whole response and returns its length, or 0. */
static size_t write_response(void)
{
    const bojagi_field_line coding = {NULL, 0, "chunked", 7,
                                      BOJAGI_FIELD_TRANSFER_ENCODING, 0};
    const bojagi_field_line trailer = {"X-Sum", 5, "1", 1, 0, 0};
    int64_t head_len, chunk_len, end_len;
    unsigned char *at = wire;

    head_len = bojagi_response_encode(at, sizeof wire, 200, NULL, 0, &coding, 1, NULL);
    if (head_len < 0)
        return 0;
    at += head_len;
    chunk_len = bojagi_chunk_encode(at, 64, "hello", 5);
    if (chunk_len < 0)
        return 0;
    at += chunk_len;
    end_len = bojagi_trailers_encode(at, 64, &trailer, 1, NULL);
    return end_len < 0 ? 0 : (size_t)(head_len + chunk_len + end_len);
}

static int response(void)
{
    size_t length = write_response(), at;
    bojagi_span spans[2];
    int64_t used;

    CHECK(length > 0);
    bojagi_head_init(&head, NULL);
    used = bojagi_response_decode(&head, fields, 8, wire, length, BOJAGI_METHOD_GET);
    CHECK(used > 0 && head.status == 200);
    CHECK(head.framing == BOJAGI_FRAMING_CHUNKED && head.reason_phrase.len == 2);
    at = (size_t)used;
    bojagi_body_init(&body, &head);
    used = bojagi_body_decode(&body, wire + at, length - at, spans, 2);
    CHECK(used > 0 && body.state == BOJAGI_BODY_TRAILERS && body.span_count == 1);
    CHECK(spans[0].len == 5 && wire[at + spans[0].off] == 'h');
    at += (size_t)used;
    used = bojagi_trailers_decode(&body, fields, 8, wire + at, length - at);
    CHECK(used == (int64_t)(length - at) && body.span_count == 1);
    CHECK(bojagi_body_end(&body) == 0);
    return 0;
}

/* Two lengths, which smugglers send: the fault says which rule, and where. */
static int refusal(void)
{
    static const char bad[] = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
                              "Content-Length: 2\r\n\r\n";

    bojagi_head_init(&head, NULL);
    CHECK(bojagi_request_decode(&head, NULL, 0, bad, sizeof bad - 1) == BOJAGI_E_SYNTAX);
    CHECK(head.fault.reason == BOJAGI_REASON_CONTENT_LENGTH_REPEATED);
    CHECK(head.fault.status == 400);
    return 0;
}

int main(void)
{
    int line = request();

    if (line == 0)
        line = response();
    return line == 0 ? refusal() : line;
}
