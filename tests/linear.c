/* Decodes one request head, fed byte by byte or whole: linear SIZE (byte|whole).
 * tests/linear.sh counts its instructions. */
#include <bojagi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char wire[131072];
static bojagi_field fields[256];

/* A head of about `size` bytes, in lines of 256 bytes as far as they go. */
static size_t write_head(size_t size)
{
    size_t at = (size_t)sprintf(wire, "GET / HTTP/1.1\r\nHost: h\r\n");
    while (at + 258 < size) {
        at += (size_t)sprintf(wire + at, "X-Line: ");
        memset(wire + at, 'v', 246);
        memcpy(wire + at + 246, "\r\n", 2);
        at += 248;
    }
    memcpy(wire + at, "\r\n", 2);
    return at + 2;
}

int main(int argc, char **argv)
{
    size_t end, step, length;
    int64_t answer = 0;
    bojagi_head head;

    if (argc != 3)
        return 2;
    length = write_head((size_t)atol(argv[1]));
    step = strcmp(argv[2], "whole") == 0 ? length : 1;
    bojagi_head_init(&head, NULL);
    for (end = step; answer == 0 && end <= length; end += step)
        answer = bojagi_request_decode(&head, fields, 256, wire, end);
    printf("%ld\n", (long)answer);
    return answer == (int64_t)length ? 0 : 1;
}
