/* Feeds the bytes of one direction of a connection to the codec, in whatever
 * pieces they come, and writes down as items what comes out. */
#ifndef FEED_H
#define FEED_H

#include "items.h"

/* What is known about a connection beside its bytes. */
struct setting {
    int is_request;
    int eof;
    int in_place;
    uint32_t request_method;
    bojagi_rules rules;
};

/* How the bytes come: the first `start` of them, `step` more each time, and at
 * last all; with arrays of `cap` to begin with. */
struct way {
    size_t start;
    size_t step;
    uint32_t cap;
    int in_place;
};

struct feed {
    const struct setting *setting;
    const struct way *way;
    unsigned char *data;
    size_t at;
    size_t body_at;
    int is_closed;
    int is_in_body;
    unsigned messages;
    bojagi_head head;
    bojagi_body body;
    bojagi_field *fields;
    uint32_t cap;
    struct text bytes;
    struct text trailers;
    struct items *out;
};

static const char *const framings[] = {"NONE", "LENGTH", "CHUNKED",
                                       "UNTIL_CLOSE", "TUNNEL"};
static const char *const target_forms[] = {"NONE", "ORIGIN", "ABSOLUTE",
                                           "AUTHORITY", "ASTERISK"};

/* The name of a code of the codec, which stands alone on bare metal: there it
 * is no more than a number. */
static inline const char *code_name(int64_t code)
{
    switch (code) {
    case BOJAGI_E_ARG:
        return "ARG";
    case BOJAGI_E_SPACE:
        return "SPACE";
    case BOJAGI_E_SYNTAX:
        return "SYNTAX";
    case BOJAGI_E_LIMIT:
        return "LIMIT";
    case BOJAGI_E_STATE:
        return "STATE";
    case BOJAGI_E_TRUNCATED:
        return "TRUNCATED";
    default:
        return code < 0 ? "another code" : "OK";
    }
}

/* A copy of just these bytes: a tool sees the first one read past their end. */
static inline unsigned char *exact(const void *data, size_t len)
{
    unsigned char *copy = malloc(len > 0 ? len : 1);

    CHECK(copy != NULL);
    if (len > 0)
        memcpy(copy, data, len);
    return copy;
}

static inline int64_t head_decode(const struct setting *setting,
                                  bojagi_head *head, bojagi_field *fields,
                                  uint32_t cap, void *data, size_t len)
{
    if (setting->in_place && setting->is_request)
        return bojagi_request_decode_in_place(head, fields, cap, data, len);
    if (setting->in_place)
        return bojagi_response_decode_in_place(head, fields, cap, data, len,
                                               setting->request_method);
    if (setting->is_request)
        return bojagi_request_decode(head, fields, cap, data, len);
    return bojagi_response_decode(head, fields, cap, data, len,
                                  setting->request_method);
}

static inline void fields_grow(struct feed *feed)
{
    feed->cap = 2 * feed->cap + 1;
    feed->fields = grown(feed->fields, feed->cap * sizeof *feed->fields);
}

/* The fields as netstrings. CR, LF and NUL have no place in one. */
static inline void add_fields(struct text *text, const bojagi_field *fields,
                              uint32_t count, const unsigned char *data)
{
    uint32_t i;

    for (i = 0; i < count; i++) {
        const unsigned char *name = data + fields[i].name_off;
        const unsigned char *value = data + fields[i].value_off;
        size_t len = text->len;

        text_add(text, name, fields[i].name_len);
        text_add(text, value, fields[i].value_len);
        CHECK(memchr(text->data + len, '\r', text->len - len) == NULL);
        CHECK(memchr(text->data + len, '\n', text->len - len) == NULL);
        CHECK(memchr(text->data + len, 0, text->len - len) == NULL);
        text->len = len;
        text_add_netstring(text, name, fields[i].name_len);
        text_add_netstring(text, value, fields[i].value_len);
    }
}

static inline void say_bool(struct items *out, const char *name, int is_true)
{
    items_say(out, name, is_true ? "true" : "false");
}

static inline int is_tunnel(const struct feed *feed)
{
    return feed->head.framing == BOJAGI_FRAMING_TUNNEL ||
           feed->head.method_id == BOJAGI_METHOD_CONNECT;
}

static inline int is_upgrade(const struct feed *feed)
{
    return (feed->head.flags & BOJAGI_HEAD_UPGRADE) || is_tunnel(feed);
}

static inline void say_start(struct feed *feed, const unsigned char *data)
{
    const bojagi_head *head = &feed->head;
    const char *method = bojagi_method_name(head->method_id);

    if (feed->setting->is_request) {
        items_add(feed->out, "method", data + head->method.off,
                  head->method.len);
        items_say(feed->out, "method_id", method != NULL ? method : "OTHER");
        items_add(feed->out, "target", data + head->target.off,
                  head->target.len);
        items_say(feed->out, "target_form", target_forms[head->target_form]);
    } else {
        items_count(feed->out, "status", head->status);
        items_add(feed->out, "reason", data + head->reason_phrase.off,
                  head->reason_phrase.len);
    }
}

/* Everything that a head says. */
static inline void say_head(struct feed *feed, const unsigned char *data)
{
    const bojagi_head *head = &feed->head;
    struct text headers = {0};
    char version[8];

    items_count(feed->out, "message", feed->messages++);
    say_start(feed, data);
    sprintf(version, "%d.%d", head->version / 10, head->version % 10);
    items_say(feed->out, "version", version);
    add_fields(&headers, feed->fields, head->field_count, data);
    items_add(feed->out, "headers", headers.data, headers.len);
    text_free(&headers);
    items_say(feed->out, "framing", framings[head->framing]);
    say_bool(feed->out, "keep_alive", head->flags & BOJAGI_HEAD_KEEP_ALIVE);
    say_bool(feed->out, "upgrade", is_upgrade(feed));
    say_bool(feed->out, "expect_continue",
             head->flags & BOJAGI_HEAD_EXPECT_CONTINUE);
}

/* What there is of the body, once no more of it comes. */
static inline void say_body(struct feed *feed, int is_complete)
{
    if (!feed->is_in_body)
        return;
    CHECK(feed->bytes.len == feed->body.total);
    items_add(feed->out, "body", feed->bytes.data, feed->bytes.len);
    items_add(feed->out, "trailers", feed->trailers.data, feed->trailers.len);
    say_bool(feed->out, "complete", is_complete);
}

static inline int closed(struct feed *feed, const char *verdict)
{
    feed->is_closed = 1;
    items_say(feed->out, "expect", verdict);
    return 0;
}

static inline int rejected(struct feed *feed, int64_t code,
                           const bojagi_fault *fault, size_t base)
{
    say_body(feed, 0);
    items_say(feed->out, "code", code_name(code));
    items_say(feed->out, "reason", bojagi_reason_name(fault->reason));
    items_count(feed->out, "offset", base + fault->offset);
    items_count(feed->out, "status", fault->status);
    return closed(feed, "reject");
}

static inline int truncated(struct feed *feed, size_t len)
{
    const bojagi_fault fault = {BOJAGI_REASON_TRUNCATED, 400, 0};

    return rejected(feed, BOJAGI_E_TRUNCATED, &fault, len);
}

static inline void begin(struct feed *feed)
{
    bojagi_head_init(&feed->head, &feed->setting->rules);
    feed->is_in_body = 0;
    feed->bytes.len = feed->trailers.len = 0;
}

/* The message is complete; says whether another may follow. */
static inline int finished(struct feed *feed)
{
    int leaves = feed->setting->is_request && is_upgrade(feed);

    say_body(feed, 1);
    if (leaves || !(feed->head.flags & BOJAGI_HEAD_KEEP_ALIVE))
        return closed(feed, "accept");
    begin(feed);
    return 1;
}

static inline int step_head(struct feed *feed, unsigned char *data, size_t len)
{
    int64_t n;

    if (len == 0 && feed->messages > 0)
        return 0;
    while ((n = head_decode(feed->setting, &feed->head, feed->fields,
                            feed->cap, data, len)) == BOJAGI_E_SPACE)
        fields_grow(feed);
    if (n <= 0)
        return n < 0 && rejected(feed, n, &feed->head.fault, feed->at);
    CHECK(n == feed->head.length && (size_t)n <= len);
    say_head(feed, data);
    feed->body_at = feed->at += (size_t)n;
    feed->is_in_body = 1;
    bojagi_body_init(&feed->body, &feed->head);
    if (feed->head.framing == BOJAGI_FRAMING_TUNNEL) {
        say_body(feed, 1);
        return closed(feed, "accept");
    }
    return feed->body.state != BOJAGI_BODY_DONE || finished(feed);
}

static inline int64_t body_spans(struct feed *feed, unsigned char *data,
                                 size_t len)
{
    bojagi_span spans[16];
    uint32_t i, cap = feed->way->cap < 16 ? feed->way->cap : 16;
    int64_t n = bojagi_body_decode(&feed->body, data, len, spans, cap);

    for (i = 0; n >= 0 && i < feed->body.span_count; i++) {
        CHECK(spans[i].off + spans[i].len <= n);
        text_add(&feed->bytes, data + spans[i].off, spans[i].len);
    }
    return n;
}

static inline int64_t body_in_place(struct feed *feed, unsigned char *data,
                                    size_t len)
{
    size_t kept = 0;
    int64_t n = bojagi_body_compact(&feed->body, data, len, &kept);

    if (n >= 0)
        text_add(&feed->bytes, data, kept);
    return n;
}

static inline int step_body(struct feed *feed, unsigned char *data, size_t len)
{
    int64_t n = feed->way->in_place ? body_in_place(feed, data, len)
                                    : body_spans(feed, data, len);

    if (n < 0)
        return rejected(feed, n, &feed->body.fault, feed->body_at);
    feed->at += (size_t)n;
    if (feed->body.state == BOJAGI_BODY_DONE)
        return finished(feed);
    return n > 0 || feed->body.state != BOJAGI_BODY_DATA;
}

static inline int step_trailers(struct feed *feed, unsigned char *data,
                                size_t len)
{
    int64_t n;

    while ((n = bojagi_trailers_decode(&feed->body, feed->fields, feed->cap,
                                       data, len)) == BOJAGI_E_SPACE)
        fields_grow(feed);
    if (n < 0)
        return rejected(feed, n, &feed->body.fault, feed->body_at);
    if (n == 0)
        return 0;
    CHECK(feed->body.state == BOJAGI_BODY_DONE);
    add_fields(&feed->trailers, feed->fields, feed->body.span_count, data);
    feed->at += (size_t)n;
    return finished(feed);
}

/* One call of the codec; 0 when it needs more bytes, or none at all. */
static inline int step(struct feed *feed, size_t end)
{
    size_t at = feed->at, len = end - at;
    unsigned char *data = exact(feed->data + at, len);
    int was_head = !feed->is_in_body, goes_on;

    if (was_head)
        goes_on = step_head(feed, data, len);
    else if (feed->body.state == BOJAGI_BODY_TRAILERS)
        goes_on = step_trailers(feed, data, len);
    else
        goes_on = step_body(feed, data, len);
    /* What a call in place has changed must be there in the next one. */
    if (feed->setting->in_place && was_head)
        memcpy(feed->data + at, data, len);
    free(data);
    return goes_on;
}

/* No more bytes: complete, still open, or cut off by the close. */
static inline int ended(struct feed *feed, size_t len)
{
    size_t rest = len - feed->at;
    int is_empty_line = rest == 0 || (rest == 1 && feed->data[feed->at] == '\r');

    if (feed->is_in_body) {
        int is_over = feed->setting->eof && bojagi_body_end(&feed->body) == 0;

        if (feed->setting->eof && !is_over)
            return truncated(feed, len);
        say_body(feed, is_over);
        return closed(feed, is_over ? "accept" : "incomplete");
    }
    if (feed->messages > 0 && is_empty_line)
        return closed(feed, "accept");
    return feed->setting->eof ? truncated(feed, len)
                              : closed(feed, "incomplete");
}

/* Decodes all of the data this way. */
static inline void run(const struct setting *setting, const struct way *way,
                       const unsigned char *data, size_t len,
                       struct items *out)
{
    struct feed feed = {0};
    size_t end = way->start;

    feed.setting = setting;
    feed.way = way;
    feed.data = exact(data, len);
    feed.out = out;
    feed.cap = way->cap;
    feed.fields = grown(NULL, feed.cap * sizeof *feed.fields);
    begin(&feed);
    for (;;) {
        end = end < len ? end : len;
        while (!feed.is_closed && step(&feed, end))
            ;
        if (end == len || feed.is_closed)
            break;
        end += way->step;
    }
    if (!feed.is_closed)
        ended(&feed, len);
    items_count(out, "messages", feed.messages);
    if (strcmp(items_text(out, "expect", ""), "accept") == 0)
        items_add(out, "remainder", data + feed.at, len - feed.at);
    free(feed.data);
    free(feed.fields);
    text_free(&feed.bytes);
    text_free(&feed.trailers);
}

#endif
