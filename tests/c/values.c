/* Values from C: every vector of tests/vectors/values/, which tests/values.py
 * has written as a table, and what the header promises beside. */
#include "check.h"

struct bytes {
    const char *data;
    size_t len;
};

struct vector {
    const char *id, *call;
    struct bytes value, with[2], wanted;
    int64_t code;
    unsigned reason, offset;
};

#include "values_table.h"

/* What a call gave, each part with its length before it: "1:a2:bc". */
static char got[8192];
static size_t got_len;

static void add(const void *data, size_t len)
{
    CHECK(got_len + len + 32 < sizeof got);
    got_len += (size_t)sprintf(got + got_len, "%lu:", (unsigned long)len);
    memcpy(got + got_len, data, len);
    got_len += len;
}

static void add_span(const struct vector *v, bojagi_span span)
{
    CHECK(span.off <= v->value.len && span.len <= v->value.len - span.off);
    add(v->value.data + span.off, span.len);
}

static void add_number(uint64_t number)
{
    char text[24];

    add(text, (size_t)sprintf(text, "%lu", (unsigned long)number));
}

static void add_range(bojagi_range range)
{
    char text[48];

    add(text, (size_t)sprintf(text, "%lu-%lu", (unsigned long)range.first,
                              (unsigned long)range.last));
}

static uint64_t number(struct bytes text)
{
    return strtoull(text.data, NULL, 10);
}

static uint32_t strength(struct bytes name)
{
    return strcmp(name.data, "weak") == 0 ? BOJAGI_ETAG_WEAK
                                          : BOJAGI_ETAG_STRONG;
}

static int64_t list(const struct vector *v, bojagi_fault *fault)
{
    bojagi_span element;
    size_t at = 0;
    int64_t n;

    while ((n = bojagi_list_next(v->value.data, v->value.len, &at, &element,
                                 fault)) > 0)
        add_span(v, element);
    return n;
}

static int64_t media_type(const struct vector *v, bojagi_fault *fault)
{
    bojagi_span one, other;
    int64_t n = bojagi_media_type_parse(v->value.data, v->value.len, &one,
                                        &other, fault);
    size_t at = (size_t)n;

    if (n < 0)
        return n;
    do {
        add_span(v, one);
        add_span(v, other);
        n = bojagi_parameter_next(v->value.data, v->value.len, &at, &one,
                                  &other, NULL);
    } while (n > 0);
    return n;
}

static int64_t parameter(const struct vector *v, bojagi_fault *fault)
{
    bojagi_span text;
    int64_t n = bojagi_parameter_find(
        v->value.data, v->value.len, (size_t)number(v->with[0]),
        v->with[1].data, v->with[1].len, &text, fault);

    if (n > 0)
        add_span(v, text);
    return n == -1 ? 0 : n;
}

static int64_t range(const struct vector *v, bojagi_fault *fault)
{
    bojagi_range ranges[4];
    uint32_t cap = (uint32_t)number(v->with[1]);
    int64_t i, n;

    CHECK(cap <= 4);
    n = bojagi_range_parse(v->value.data, v->value.len, number(v->with[0]),
                           ranges, cap, fault);
    for (i = 0; i < n; i++)
        add_range(ranges[i]);
    return n;
}

static int64_t content_range(const struct vector *v, bojagi_fault *fault)
{
    bojagi_range part;
    uint64_t length;
    int64_t n = bojagi_content_range_parse(v->value.data, v->value.len, &part,
                                           &length, fault);

    if (n < 0)
        return n;
    if (n > 0)
        add_range(part);
    else
        add("*", 1);
    if (length != BOJAGI_LENGTH_UNKNOWN)
        add_number(length);
    else
        add("*", 1);
    return n;
}

static int64_t content_range_format(const struct vector *v, void *out,
                                    size_t cap)
{
    bojagi_range part;
    char *dash;
    int is_part = *v->with[0].data != '*';
    int is_open = *v->with[1].data == '*';

    if (is_part) {
        part.first = strtoull(v->with[0].data, &dash, 10);
        part.last = strtoull(dash + 1, NULL, 10);
    }
    return bojagi_content_range_format(
        out, cap, is_part ? &part : NULL,
        is_open ? BOJAGI_LENGTH_UNKNOWN : number(v->with[1]));
}

static int64_t etag(const struct vector *v, bojagi_fault *fault)
{
    bojagi_span opaque;
    int64_t n = bojagi_etag_parse(v->value.data, v->value.len, &opaque, fault);

    if (n < 0)
        return n;
    add(n == BOJAGI_ETAG_WEAK ? "weak" : "strong",
        n == BOJAGI_ETAG_WEAK ? 4 : 6);
    add_span(v, opaque);
    return n;
}

static int64_t basic_decode(const struct vector *v, bojagi_fault *fault)
{
    char out[256];
    bojagi_span user, password;
    int64_t n = bojagi_basic_decode(v->value.data, v->value.len, out,
                                    sizeof out, &user, &password, fault);

    if (n < 0)
        return n;
    CHECK(user.off == 0 && password.off == user.len + 1);
    CHECK(password.off + password.len == (uint64_t)n);
    add(out, user.len);
    add(out + password.off, password.len);
    return n;
}

/* The calls whose result is the answer. */
static int64_t number_of(const struct vector *v, bojagi_fault *fault, int *is)
{
    const void *data = v->value.data, *other = v->with[0].data;
    const void *more = v->with[1].data;
    size_t len = v->value.len, other_len = v->with[0].len;
    uint64_t length;
    int64_t n;

    *is = 1;
    if (strcmp(v->call, "quality") == 0)
        return bojagi_quality_parse(data, len, fault);
    if (strcmp(v->call, "quality_coding") == 0)
        return bojagi_quality_coding(data, len, other, other_len, NULL, fault);
    if (strcmp(v->call, "quality_language") == 0)
        return bojagi_quality_language(data, len, other, other_len, NULL,
                                       fault);
    if (strcmp(v->call, "quality_media") == 0)
        return bojagi_quality_media(data, len, other, other_len, NULL, fault);
    if (strcmp(v->call, "etag_match") == 0)
        return bojagi_etag_match(data, len, other, other_len,
                                 strength(v->with[1]));
    if (strcmp(v->call, "if_match") == 0)
        return bojagi_if_match(data, len, (uint32_t)number(v->with[0]), more,
                               v->with[1].len, fault);
    if (strcmp(v->call, "if_none_match") == 0)
        return bojagi_if_none_match(data, len, (uint32_t)number(v->with[0]),
                                    more, v->with[1].len, fault);
    if (strcmp(v->call, "if_range") == 0)
        return bojagi_if_range(data, len, other, other_len, more,
                               v->with[1].len);
    if (strcmp(v->call, "date") == 0)
        return bojagi_date_parse(data, len, fault);
    *is = 0;
    if (strcmp(v->call, "content_length") != 0)
        return BOJAGI_E_STATE;
    n = bojagi_content_length_parse(data, len, &length, fault);
    if (n == 0)
        add_number(length);
    return n;
}

/* The calls that write. */
static int64_t write_of(const struct vector *v, void *out, size_t cap,
                        bojagi_fault *fault)
{
    const void *data = v->value.data;
    size_t len = v->value.len;

    if (strcmp(v->call, "quoted_decode") == 0)
        return bojagi_quoted_decode(data, len, out, cap, fault);
    if (strcmp(v->call, "quoted_encode") == 0)
        return bojagi_quoted_encode(out, cap, data, len, fault);
    if (strcmp(v->call, "content_length_format") == 0)
        return bojagi_content_length_format(out, cap, number(v->with[0]));
    if (strcmp(v->call, "content_range_format") == 0)
        return content_range_format(v, out, cap);
    if (strcmp(v->call, "etag_format") == 0)
        return bojagi_etag_format(out, cap, data, len, strength(v->with[0]),
                                  fault);
    if (strcmp(v->call, "percent_decode") == 0)
        return bojagi_percent_decode(data, len, (uint32_t)number(v->with[0]),
                                     out, cap, fault);
    if (strcmp(v->call, "percent_encode") == 0)
        return bojagi_percent_encode(out, cap, data, len,
                                     (uint32_t)number(v->with[0]));
    if (strcmp(v->call, "basic_encode") == 0)
        return bojagi_basic_encode(out, cap, data, len, v->with[0].data,
                                   v->with[0].len, fault);
    if (strcmp(v->call, "date_format") == 0)
        return bojagi_date_format(out, cap, strtoll(v->with[0].data, NULL, 10));
    fprintf(stderr, "%s calls %s\n", v->id, v->call);
    exit(1);
}

/* Asks for the size, gives exactly that, and one byte less. The room is of its
 * own, so that a sanitizer sees the first byte written past its end. */
static int64_t written(const struct vector *v, bojagi_fault *fault)
{
    int64_t n = write_of(v, NULL, 0, fault);
    char *out;

    if (n < 0)
        return n;
    out = malloc((size_t)n + 1);
    CHECK(out != NULL);
    EXPECT(n, write_of(v, out, (size_t)n + (n == 0), fault));
    add(out, (size_t)n);
    free(out);
    if (n > 1) {
        out = malloc((size_t)n - 1);
        CHECK(out != NULL);
        EXPECT(BOJAGI_E_SPACE, write_of(v, out, (size_t)n - 1, fault));
        free(out);
    }
    return n;
}

static int64_t call(const struct vector *v, bojagi_fault *fault)
{
    static const struct {
        const char *name;
        int64_t (*call)(const struct vector *v, bojagi_fault *fault);
    } readers[] = {
        {"list", list}, {"media_type", media_type}, {"parameter", parameter},
        {"range", range}, {"content_range", content_range}, {"etag", etag},
        {"basic_decode", basic_decode},
    };
    size_t i;
    int is_number;
    int64_t n;

    for (i = 0; i < sizeof readers / sizeof *readers; i++)
        if (strcmp(v->call, readers[i].name) == 0)
            return readers[i].call(v, fault);
    n = number_of(v, fault, &is_number);
    if (is_number && n >= 0)
        add_number((uint64_t)n);
    return is_number || n != BOJAGI_E_STATE ? n : written(v, fault);
}

/* The value lies in memory of its own, so that a tool sees the first byte that
 * is read past its end. */
static void judge(const struct vector *vector)
{
    bojagi_fault fault = {0, 0, 0};
    struct vector v = *vector;
    char *value = malloc(v.value.len + (v.value.len == 0));
    int64_t n;

    CHECK(value != NULL);
    memcpy(value, v.value.data, v.value.len);
    v.value.data = value;
    got_len = 0;
    n = call(&v, &fault);
    free(value);
    if ((n < 0 ? n : 0) != v.code || fault.reason != v.reason ||
        fault.offset != v.offset || fault.status != 0 ||
        (n >= 0 && (got_len != v.wanted.len ||
                    memcmp(got, v.wanted.data, got_len) != 0))) {
        fprintf(stderr, "%s: gave %ld (%s), %s at %lu, %.*s\n", v.id, (long)n,
                bojagi_error_name(n), bojagi_reason_name(fault.reason),
                (unsigned long)fault.offset, (int)got_len, got);
        exit(1);
    }
}

static void a_date_needs_no_init_but_zeros(void)
{
    static bojagi_date date;
    int64_t second;

    EXPECT(BOJAGI_DATE_LEN, bojagi_date_now(&date));
    CHECK(strlen(date.text) == BOJAGI_DATE_LEN);
    second = date.second;
    EXPECT(second, bojagi_date_parse(date.text, BOJAGI_DATE_LEN, NULL));
    EXPECT(BOJAGI_DATE_LEN, bojagi_date_now(&date));
    CHECK(date.second >= second);
    EXPECT(BOJAGI_E_ARG, bojagi_date_now(NULL));
}

static void the_fields_of_a_head_are_values(void)
{
    static const char text[] =
        "GET / HTTP/1.1\r\nHost: h\r\nAccept: a/b;q=0.5, text/*\r\n\r\n";
    bojagi_field fields[4];
    const char *accept;
    bojagi_head head;
    int64_t at;

    bojagi_head_init(&head, NULL);
    GOOD(bojagi_request_decode(&head, fields, 4, text, sizeof text - 1));
    at = GOOD(bojagi_field_find(fields, head.field_count, BOJAGI_FIELD_ACCEPT,
                                0));
    accept = text + fields[at].value_off;
    EXPECT(500, bojagi_quality_media(accept, fields[at].value_len, "a/b", 3,
                                     NULL, NULL));
    EXPECT(1000, bojagi_quality_media(accept, fields[at].value_len,
                                      "text/html", 9, NULL, NULL));
}

int main(void)
{
    size_t i, count = sizeof vectors / sizeof *vectors;

    CHECK(count >= 500);
    for (i = 0; i < count; i++)
        judge(&vectors[i]);
    a_date_needs_no_init_but_zeros();
    the_fields_of_a_head_are_values();
    return 0;
}
