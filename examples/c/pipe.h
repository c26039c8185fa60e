/* One side of a connection over two buffers in memory: what may come in is
 * decoded and told to the connection, what goes out is told to it first. */
#ifndef PIPE_H
#define PIPE_H

#include <bojagi.h>
#include <stdio.h>
#include <string.h>

/* Bytes on their way from one side to the other. */
struct pipe {
    unsigned char data[4096];
    size_t len;
};

struct side {
    const char *name;
    struct pipe *in, *out;
    bojagi_connection connection;
    bojagi_head head;
    bojagi_body body;
};

static inline int64_t side_init(struct side *side, const char *name,
                                uint32_t role, struct pipe *in,
                                struct pipe *out)
{
    side->name = name;
    side->in = in;
    side->out = out;
    bojagi_head_init(&side->head, NULL);
    return bojagi_connection_init(&side->connection, role);
}

static inline int side_may(const struct side *side, uint32_t bits)
{
    return (bojagi_connection_may(&side->connection) & bits) != 0;
}

/* Prints "client > GET / HTTP/1.1": a line, or a body, in one direction. */
static inline void side_show(const struct side *side, char direction,
                             const void *data, size_t len)
{
    const char *text = data, *end = memchr(text, '\r', len);

    printf("%s %c %.*s\n", side->name, direction,
           (int)(end != NULL ? (size_t)(end - text) : len), text);
}

static inline int64_t pipe_put(struct pipe *pipe, const void *data, size_t len)
{
    if (len > sizeof pipe->data - pipe->len)
        return BOJAGI_E_SPACE;
    memcpy(pipe->data + pipe->len, data, len);
    pipe->len += len;
    return (int64_t)len;
}

static inline void pipe_drop(struct pipe *pipe, size_t len)
{
    pipe->len -= len;
    memmove(pipe->data, pipe->data + len, pipe->len);
}

/* Sends what an encoder wrote, `len` bytes or its error, as a head. */
static inline int64_t side_send_head(struct side *side, const void *data,
                                     int64_t len)
{
    if (len >= 0)
        len = bojagi_connection_send_head(&side->connection, data, (size_t)len);
    if (len < 0)
        return len;
    side_show(side, '>', data, (size_t)len);
    return pipe_put(side->out, data, (size_t)len);
}

/* Sends a whole body: plain, or as one chunk and the end. */
static inline int64_t side_send_body(struct side *side, const char *text,
                                     int chunked)
{
    unsigned char out[256];
    int64_t n = bojagi_connection_send_body(&side->connection, strlen(text));

    if (n >= 0)
        n = bojagi_connection_send_end(&side->connection);
    if (n < 0)
        return n;
    side_show(side, '>', text, strlen(text));
    if (!chunked)
        return pipe_put(side->out, text, strlen(text));
    n = bojagi_chunk_encode(out, sizeof out, text, strlen(text));
    if (n >= 0)
        n = pipe_put(side->out, out, (size_t)n);
    if (n >= 0)
        n = bojagi_trailers_encode(out, sizeof out, NULL, 0, NULL);
    return n < 0 ? n : pipe_put(side->out, out, (size_t)n);
}

/* Decodes a head if it is there. */
static inline int64_t side_read_head(struct side *side, int is_server)
{
    struct pipe *in = side->in;
    int64_t n, told;

    if (is_server)
        n = bojagi_request_decode(&side->head, NULL, 0, in->data, in->len);
    else
        n = bojagi_response_decode(
            &side->head, NULL, 0, in->data, in->len,
            (uint32_t)bojagi_connection_request_method(&side->connection));
    if (n == 0)
        return 0;
    told = bojagi_connection_received_head(&side->connection, &side->head);
    if (told < 0)
        return told;
    side_show(side, '<', in->data, (size_t)n);
    bojagi_body_init(&side->body, &side->head);
    bojagi_head_reset(&side->head);
    pipe_drop(in, (size_t)n);
    return n;
}

/* Decodes what is there of a body, trailers included. */
static inline int64_t side_read_body(struct side *side)
{
    struct pipe *in = side->in;
    size_t kept;
    int64_t n = bojagi_body_compact(&side->body, in->data, in->len, &kept);
    int64_t told;

    if (n > 0 && kept > 0)
        side_show(side, '<', in->data, kept);
    if (n > 0)
        pipe_drop(in, (size_t)n);
    if (n >= 0 && side->body.state == BOJAGI_BODY_TRAILERS) {
        n = bojagi_trailers_decode(&side->body, NULL, 0, in->data, in->len);
        if (n > 0)
            pipe_drop(in, (size_t)n);
    }
    told = bojagi_connection_received_body(&side->connection, &side->body);
    return told < 0 ? told : n;
}

/* Takes what came, as far as it may be read now. */
static inline int64_t side_read(struct side *side, int is_server)
{
    int64_t n = 1;

    while (n > 0 && side->in->len > 0)
        if (side_may(side, BOJAGI_MAY_READ_BODY))
            n = side_read_body(side);
        else if (side_may(side, BOJAGI_MAY_READ_HEAD))
            n = side_read_head(side, is_server);
        else
            n = 0;
    return n;
}

#endif
