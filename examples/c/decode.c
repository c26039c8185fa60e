/* cc -std=c99 decode.c -lbojagi -o decode && ./decode < message
 * Prints the HTTP request or response on stdin as JSON. */
#include "json.h"
#include <string.h>
static unsigned char data[1 << 24];
static bojagi_field fields[256], trailers[64];

static void print(const bojagi_head *head, const bojagi_body *body, size_t end)
{
    const unsigned char *text = data + head->length;
    if (head->status) {
        printf("{\"kind\":\"response\",\"status\":%u", head->status);
        json_text(",\"reason\":", data + head->reason_phrase.off,
                  head->reason_phrase.len);
    } else {
        json_text("{\"kind\":\"request\",\"method\":", data + head->method.off,
                  head->method.len);
        json_text(",\"target\":", data + head->target.off, head->target.len);
    }
    printf(",\"version\":\"%d.%d\"", head->version / 10, head->version % 10);
    json_fields(",\"fields\":", fields, head->field_count, data);
    json_text(",\"body\":", text, (size_t)body->total);
    json_fields(",\"trailers\":", trailers, end ? body->span_count : 0,
                data + end);
    printf(",\"keep_alive\":%s}\n",
           head->flags & BOJAGI_HEAD_KEEP_ALIVE ? "true" : "false");
}

int main(void)
{
    size_t len = fread(data, 1, sizeof data, stdin), kept, end = 0;
    bojagi_fault fault = {BOJAGI_REASON_TRUNCATED, 400, 0};
    bojagi_head head;
    bojagi_body body;
    bojagi_head_init(&head, NULL);
    int64_t n = memcmp(data, "HTTP/", 5) != 0
        ? bojagi_request_decode(&head, fields, 256, data, len)
        : bojagi_response_decode(&head, fields, 256, data, len,
                                 BOJAGI_METHOD_GET);
    fault.offset = (uint32_t)len;
    if (n < 0)
        fault = head.fault;
    if (n <= 0)
        goto failed;
    bojagi_body_init(&body, &head);
    n = bojagi_body_compact(&body, data + n, len - head.length, &kept);
    if (n >= 0 && body.state == BOJAGI_BODY_TRAILERS) {
        end = head.length + (size_t)n;
        n = bojagi_trailers_decode(&body, trailers, 64, data + end, len - end);
    }
    if (n >= 0 && (n = bojagi_body_end(&body)) >= 0)
        return print(&head, &body, end), ferror(stdin) || fflush(stdout) != 0;
    fault = body.fault;
    fault.offset += head.length;
failed:
    fprintf(stderr, "decode: %s: %s, offset %lu, status %u\n",
            bojagi_reason_name(fault.reason), bojagi_reason_text(fault.reason),
            (unsigned long)fault.offset, fault.status);
    return 1;
}
