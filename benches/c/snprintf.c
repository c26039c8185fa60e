/* The head of a response as C programs often write it: one snprintf a line,
 * nothing checked. See ../peers.sh. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct line {    /* laid out as a bojagi_field_line */
    const void *name;
    size_t name_len;
    const void *value;
    size_t value_len;
    uint32_t id;
    uint32_t reserved;
};

/* The bytes written, or 0 when they do not fit. */
size_t bench_snprintf(char *out, size_t cap, unsigned status,
                      const char *reason, const struct line *lines, size_t count)
{
    size_t at, i;
    int put = snprintf(out, cap, "HTTP/1.1 %u %s\r\n", status, reason);

    for (i = 0, at = 0; i <= count; i++) {
        if (put < 0 || (size_t)put >= cap - at) {
            return 0;
        }
        at += (size_t)put;
        if (i < count) {
            put = snprintf(out + at, cap - at, "%.*s: %.*s\r\n",
                           (int)lines[i].name_len, (const char *)lines[i].name,
                           (int)lines[i].value_len, (const char *)lines[i].value);
        }
    }
    put = snprintf(out + at, cap - at, "\r\n");
    return put == 2 && (size_t)put < cap - at ? at + 2 : 0;
}
