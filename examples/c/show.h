/* What -v prints: a line a step, "@ client 7 encode GET /, 3 fields, ...". 7 is
 * the message as the codec sees it, 4 the bytes as the socket does. */
#ifndef SHOW_H
#define SHOW_H

#include <bojagi.h>
#include <stdio.h>
#include <string.h>

static int show_on;
static const char *show_side = "client";

static inline void show_start(const char *side, int on)
{
    show_side = side;
    show_on = on;
}

/* Prints where a server listens, for whoever started it with port 0. */
static inline int64_t show_address(const bojagi_listener *listener)
{
    bojagi_address local;
    char text[64];
    int64_t n = bojagi_listener_local(listener, &local);

    if (n >= 0)
        n = bojagi_address_format(&local, text, sizeof text);
    if (n < 0)
        return n;
    printf("listening on %s\n", text);
    return fflush(stdout) == 0 ? 0 : BOJAGI_E_OS;
}

/* Says what failed, in the words of the library; 1, for main to return. */
static inline int show_error(const char *what, int64_t code)
{
    bojagi_error error;

    bojagi_error_init(&error);
    if (bojagi_error_last(&error) == 0 && error.code == code)
        fprintf(stderr, "%s: %s\n", what, error.message);
    else
        fprintf(stderr, "%s: %s\n", what, bojagi_error_text(code));
    return 1;
}

/* The bytes of a send or recv, escaped as in a C string. */
static inline void show_bytes(const char *step, const void *data, size_t len)
{
    const unsigned char *byte = data, *end = byte + len;

    if (!show_on || len == 0)
        return;
    fprintf(stderr, "@ %s 4 %s ", show_side, step);
    for (; byte < end; byte++) {
        const char *escape = memchr("\rr\nn\tt\\\\", *byte, 8);

        if (escape != NULL && strchr("\r\n\t\\", *byte) != NULL)
            fprintf(stderr, "\\%c", escape[1]);
        else if (*byte < 0x20 || *byte > 0x7e)
            fprintf(stderr, "\\x%02x", *byte);
        else
            fputc(*byte, stderr);
    }
    fputc('\n', stderr);
}

/* What the last call received: all that now stands behind `from`, but for the
 * `held` bytes that were there before. */
static inline void show_received(const bojagi_buffer *buffer, size_t from,
                                 size_t held)
{
    if (buffer->end > from + held)
        show_bytes("recv", buffer->data + from + held,
                   buffer->end - from - held);
}

/* Receives the next piece of a body, ten seconds at most, and shows it. Chunks
 * lose their framing where they stand: theirs can no longer be shown. */
static inline int64_t show_recv_body(bojagi_socket *socket,
                                     bojagi_buffer *buffer, bojagi_body *body)
{
    size_t held = buffer->end - buffer->next;
    int64_t n = bojagi_socket_recv_body(socket, buffer, body, NULL, 0, 10000);

    if (n >= 0 && body->framing != BOJAGI_FRAMING_CHUNKED)
        show_received(buffer, buffer->body, held);
    return n;
}

/* A message in a line: method and target, or status and reason. */
static inline void show_message(const char *step, const char *first,
                                const char *second, size_t second_len,
                                size_t fields, uint64_t body)
{
    if (show_on)
        fprintf(stderr, "@ %s 7 %s %s %.*s, %lu field%s, body %lu bytes\n",
                show_side, step, first, (int)second_len, second,
                (unsigned long)fields, fields == 1 ? "" : "s",
                (unsigned long)body);
}

/* A message that came in, its body read to the end. */
static inline void show_decoded(const bojagi_buffer *buffer,
                                const bojagi_head *head,
                                const bojagi_body *body)
{
    const char *data = (const char *)buffer->data + buffer->start;
    bojagi_span second = head->status ? head->reason_phrase : head->target;
    char first[32];

    if (head->status)
        sprintf(first, "%u", head->status);
    else
        sprintf(first, "%.*s", (int)(head->method.len < 31 ? head->method.len
                : 31), data + head->method.off);
    show_message("decode", first, data + second.off, second.len,
                 head->field_count, body->total);
}

#endif
