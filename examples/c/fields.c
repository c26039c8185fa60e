/* cc -std=c99 fields.c -lbojagi -o fields
 * ./fields 'a/b, text/html;q=0.5' bytes=0-99,-1 'Sun Nov  6 08:49:37 1994'
 * Takes apart an Accept, a Range for 1000 bytes, and a date of any form. */
#include <bojagi.h>
#include <stdio.h>
#include <string.h>

static const char *offers[] = {"text/html", "text/plain", "image/png"};

static int64_t accept(const char *value, bojagi_fault *fault)
{
    size_t len = strlen(value), at = 0, i;
    bojagi_span element;
    int64_t n;

    while ((n = bojagi_list_next(value, len, &at, &element, fault)) > 0)
        printf("range %.*s\n", (int)element.len, value + element.off);
    for (i = 0; n >= 0 && i < sizeof offers / sizeof *offers; i++) {
        n = bojagi_quality_media(value, len, offers[i], strlen(offers[i]),
                                 NULL, fault);
        if (n >= 0)
            printf("offer %s %d/1000\n", offers[i], (int)n);
    }
    return n;
}

static int64_t range(const char *value, bojagi_fault *fault)
{
    bojagi_range parts[8];
    int64_t i, n = bojagi_range_parse(value, strlen(value), 1000, parts, 8,
                                      fault);

    for (i = 0; i < n; i++)
        printf("bytes %lu to %lu\n", (unsigned long)parts[i].first,
               (unsigned long)parts[i].last);
    return n;
}

int main(int argc, char **argv)
{
    bojagi_fault fault = {BOJAGI_REASON_NONE, 0, 0};
    char text[BOJAGI_DATE_LEN];
    int64_t n;

    if (argc != 4)
        return fprintf(stderr, "usage: fields ACCEPT RANGE DATE\n"), 2;
    n = accept(argv[1], &fault);
    if (n >= 0)
        n = range(argv[2], &fault);
    if (n >= 0)
        n = bojagi_date_parse(argv[3], strlen(argv[3]), &fault);
    if (n >= 0)
        n = bojagi_date_format(text, sizeof text, n);
    if (n >= 0)
        return printf("date %.*s\n", (int)n, text), fflush(stdout) != 0;
    fprintf(stderr, "fields: %s: %s, offset %lu\n", bojagi_error_name(n),
            bojagi_reason_text(fault.reason), (unsigned long)fault.offset);
    return 1;
}
