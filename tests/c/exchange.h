/* Plays a vector of kind `connection`: a role, and steps of what goes out and
 * what comes in, as vector_items.py writes them: `step` with what is done,
 * `with` what, the `answer`, and what may happen then. */
#ifndef EXCHANGE_H
#define EXCHANGE_H

#include "feed.h"

struct exchange {
    bojagi_connection connection;
    bojagi_body body;           /* of the last head that came in */
    int is_client;
};

/* What may happen now, in the order of the bits. */
static inline void exchange_may(const struct exchange *exchange, char may[128])
{
    static const struct {
        uint32_t bit;
        const char *name;
    } bits[] = {
        {BOJAGI_MAY_READ_HEAD, "READ_HEAD"},
        {BOJAGI_MAY_READ_BODY, "READ_BODY"},
        {BOJAGI_MAY_WRITE_HEAD, "WRITE_HEAD"},
        {BOJAGI_MAY_WRITE_BODY, "WRITE_BODY"},
        {BOJAGI_MAY_REUSE, "REUSE"},
        {BOJAGI_MAY_TUNNEL, "TUNNEL"},
        {BOJAGI_AWAITS_CONTINUE, "CONTINUE"},
        {BOJAGI_MUST_DRAIN, "DRAIN"},
        {BOJAGI_MUST_SAY_CLOSE, "SAY_CLOSE"},
        {BOJAGI_MUST_CLOSE, "CLOSE"},
    };
    uint32_t left = bojagi_connection_may(&exchange->connection);
    size_t i;

    may[0] = 0;
    for (i = 0; i < sizeof bits / sizeof *bits; i++) {
        if ((left & bits[i].bit) == 0)
            continue;
        left &= ~bits[i].bit;
        strcat(may, may[0] != 0 ? " " : "");
        strcat(may, bits[i].name);
    }
    CHECK(left == 0);
}

/* Empty for success, else the code and, where there is one, the reason. */
static inline void exchange_answer(const struct exchange *exchange, int64_t n,
                                   char answer[128])
{
    uint16_t reason = exchange->connection.fault.reason;

    answer[0] = 0;
    if (n >= 0)
        return;
    if (n == BOJAGI_E_ARG || n == BOJAGI_E_SPACE)
        snprintf(answer, 128, "%s", code_name(n));
    else
        snprintf(answer, 128, "%s %s", code_name(n),
                 bojagi_reason_name(reason));
}

static inline int64_t exchange_send(struct exchange *exchange,
                                    const unsigned char *data, size_t len)
{
    int64_t n = bojagi_connection_send_head(&exchange->connection, data, len);

    CHECK(n < 0 || n == (int64_t)len);
    return n;
}

/* The connection is told also of a head that was refused. */
static inline int64_t exchange_receive(struct exchange *exchange,
                                       const unsigned char *data, size_t len)
{
    int64_t method, n;
    bojagi_head head;

    bojagi_head_init(&head, NULL);
    if (exchange->is_client) {
        method = bojagi_connection_request_method(&exchange->connection);
        if (method < 0)
            method = BOJAGI_METHOD_GET;
        n = bojagi_response_decode(&head, NULL, 0, data, len, (uint32_t)method);
    } else {
        n = bojagi_request_decode(&head, NULL, 0, data, len);
    }
    CHECK(n <= (int64_t)len);
    n = bojagi_connection_received_head(&exchange->connection, &head);
    if (n == 0)
        bojagi_body_init(&exchange->body, &head);
    return n;
}

static inline int64_t exchange_receive_body(struct exchange *exchange,
                                            const unsigned char *data,
                                            size_t len)
{
    bojagi_body *body = &exchange->body;
    bojagi_field fields[16];
    bojagi_span spans[16];
    int64_t n = bojagi_body_decode(body, data, len, spans, 16);

    if (n >= 0 && body->state == BOJAGI_BODY_TRAILERS) {
        n = bojagi_trailers_decode(body, fields, 16, data + n, len - (size_t)n);
        CHECK(n != BOJAGI_E_SPACE);
    }
    return bojagi_connection_received_body(&exchange->connection, body);
}

static inline int64_t exchange_step(struct exchange *exchange, const char *what,
                                    const struct item *with)
{
    bojagi_connection *connection = &exchange->connection;
    uint64_t bytes = strtoull((const char *)with->data, NULL, 10);
    unsigned char *data = exact(with->data, with->len);
    int64_t n = 0;

    if (strcmp(what, "send") == 0)
        n = exchange_send(exchange, data, with->len);
    else if (strcmp(what, "receive") == 0)
        n = exchange_receive(exchange, data, with->len);
    else if (strcmp(what, "receive-body") == 0)
        n = exchange_receive_body(exchange, data, with->len);
    else if (strcmp(what, "send-body") == 0)
        n = bojagi_connection_send_body(connection, bytes);
    else if (strcmp(what, "send-end") == 0)
        n = bojagi_connection_send_end(connection);
    else if (strcmp(what, "close") == 0)
        n = bojagi_connection_received_close(connection, (size_t)bytes);
    else
        CHECK(!"a step that is not known");
    free(data);
    return n;
}

static inline int exchange_said(const struct item *item, const char *name,
                                const char *got)
{
    CHECK(item_is(item, name));
    if (strcmp((const char *)item->data, got) == 0)
        return 1;
    printf("    %s '%s', not '%s'\n", name, got, (const char *)item->data);
    return 0;
}

/* The number of the step that goes another way than the vector, 0 for none. */
static inline size_t exchange_play(const struct items *vector)
{
    const char *role = items_text(vector, "role", "");
    char answer[128], may[128];
    struct exchange exchange;
    size_t i, steps = 0;

    memset(&exchange, 0, sizeof exchange);
    exchange.is_client = strcmp(role, "client") == 0;
    CHECK(exchange.is_client || strcmp(role, "server") == 0);
    bojagi_body_init(&exchange.body, NULL);
    CHECK(bojagi_connection_init(&exchange.connection, exchange.is_client
                                                           ? BOJAGI_ROLE_CLIENT
                                                           : BOJAGI_ROLE_SERVER)
          == 0);
    for (i = 0; i < vector->count; i++) {
        const struct item *item = &vector->all[i];

        if (!item_is(item, "step"))
            continue;
        steps++;
        CHECK(i + 3 < vector->count && item_is(item + 1, "with"));
        exchange_answer(&exchange,
                        exchange_step(&exchange, (const char *)item->data,
                                      item + 1),
                        answer);
        exchange_may(&exchange, may);
        if (!exchange_said(item + 2, "answer", answer) ||
            !exchange_said(item + 3, "may", may))
            return steps;
    }
    CHECK(steps > 0);
    return 0;
}

#endif
