/* Drives llhttp as a program would that wants to know where everything stands:
 * one parser, whose callbacks keep each piece as a span. Part of the peer's
 * shared object; see ../peers.sh. */
#include <string.h>

#include "llhttp.h"

enum { SPANS = 4096, REQUEST = 0, RESPONSE = 1, CHUNKED = 2 };

static llhttp_settings_t settings;
static llhttp_t parser;
static llhttp_t before_body;
static struct {
    const char *start;
    size_t length;
} spans[SPANS];
static size_t count;
static size_t fields;
static size_t body;
static int complete;

/* What arrives in pieces is one span all the same. */
static int keep(llhttp_t *unused, const char *at, size_t length)
{
    (void)unused;
    if (count > 0 && spans[count - 1].start + spans[count - 1].length == at) {
        spans[count - 1].length += length;
    } else if (count < SPANS) {
        spans[count].start = at;
        spans[count++].length = length;
    }
    return 0;
}

static int keep_body(llhttp_t *unused, const char *at, size_t length)
{
    body += length;
    return keep(unused, at, length);
}

static int count_field(llhttp_t *unused)
{
    (void)unused;
    fields++;
    return 0;
}

static int head_is_complete(llhttp_t *unused)
{
    (void)unused;
    complete = 1;
    return 0;
}

static int body_is_complete(llhttp_t *unused)
{
    (void)unused;
    complete = 2;
    return 0;
}

static void set_up(void)
{
    static const char head[] =
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";

    llhttp_settings_init(&settings);
    settings.on_method = keep;
    settings.on_url = keep;
    settings.on_status = keep;
    settings.on_header_field = keep;
    settings.on_header_value = keep;
    settings.on_header_value_complete = count_field;
    settings.on_headers_complete = head_is_complete;
    settings.on_body = keep_body;
    settings.on_message_complete = body_is_complete;
    llhttp_init(&before_body, HTTP_REQUEST, &settings);
    (void)llhttp_execute(&before_body, head, sizeof head - 1);
    llhttp_init(&parser, HTTP_REQUEST, &settings);
}

/* Begins a message; the body of one when `kind` is CHUNKED. */
void bench_llhttp_begin(int kind)
{
    static int is_set_up;

    if (!is_set_up) {
        set_up();
        is_set_up = 1;
    }
    if (kind == CHUNKED) {
        parser = before_body;
    } else {
        parser.type = kind == RESPONSE ? HTTP_RESPONSE : HTTP_REQUEST;
        llhttp_reset(&parser);
    }
    count = fields = body = 0;
    complete = 0;
}

/* Feeds the bytes that come next: 1 when a head is complete, 2 when a message
 * is, 0 when more must come, -1 for an error. */
int bench_llhttp_feed(const char *data, size_t length)
{
    enum llhttp_errno answer = llhttp_execute(&parser, data, length);

    if (answer != HPE_OK && answer != HPE_PAUSED_UPGRADE) {
        return -1;
    }
    return complete;
}

/* The fields of the head, and the bytes of the body, so far. */
size_t bench_llhttp_fields(void)
{
    return fields;
}

size_t bench_llhttp_body(void)
{
    return body;
}
