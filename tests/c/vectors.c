/* Judges the C API by the vectors of tests/vectors/, whole and cut everywhere.
 * vector_items.py wrote them down; its path is the argument. */
#include "exchange.h"

/* The vector at hand, and what was found wrong with it. */
struct judge {
    struct items vector;
    struct setting setting;
    unsigned complaints;
};

static void complain(struct judge *judge, const char *what,
                     const struct items *got)
{
    judge->complaints++;
    printf("%s: %s\n", items_text(&judge->vector, "id", "?"), what);
    if (got != NULL)
        items_print(got);
}

static uint32_t flag(const char *name)
{
    static const struct {
        const char *name;
        uint32_t bit;
    } flags[] = {
        {"ALLOW_BARE_LF", BOJAGI_ALLOW_BARE_LF},
        {"ALLOW_EQUAL_LENGTHS", BOJAGI_ALLOW_EQUAL_LENGTHS},
        {"ALLOW_MISSING_HOST", BOJAGI_ALLOW_MISSING_HOST},
        {"ALLOW_STATUS_999", BOJAGI_ALLOW_STATUS_999},
        {"ALLOW_SPACE_BEFORE_COLON", BOJAGI_ALLOW_SPACE_BEFORE_COLON},
        {"ALLOW_CHUNK_SPACE", BOJAGI_ALLOW_CHUNK_SPACE},
        {"ALLOW_START_LINE_SPACE", BOJAGI_ALLOW_START_LINE_SPACE},
        {"ALLOW_OBS_FOLD", BOJAGI_ALLOW_OBS_FOLD},
        {"REFUSE_NON_URI", BOJAGI_REFUSE_NON_URI},
    };
    size_t i;

    for (i = 0; i < sizeof flags / sizeof *flags; i++)
        if (strcmp(flags[i].name, name) == 0)
            return flags[i].bit;
    CHECK(!"a flag that is not known");
    return 0;
}

static void rule(bojagi_rules *rules, const struct item *item)
{
    struct {
        const char *name;
        uint32_t *limit;
    } limits[] = {
        {"start_line_max", &rules->start_line_max},
        {"field_bytes_max", &rules->field_bytes_max},
        {"field_count_max", &rules->field_count_max},
        {"trailer_bytes_max", &rules->trailer_bytes_max},
        {"trailer_count_max", &rules->trailer_count_max},
        {"chunk_extension_max", &rules->chunk_extension_max},
    };
    const char *text = (const char *)item->data;
    size_t i;

    for (i = 0; i < sizeof limits / sizeof *limits; i++)
        if (item_is(item, limits[i].name))
            *limits[i].limit = (uint32_t)strtoul(text, NULL, 10);
    if (item_is(item, "body_max"))
        rules->body_max = strtoul(text, NULL, 10);
    if (item_is(item, "flag"))
        rules->flags |= flag(text);
}

static void set(struct judge *judge)
{
    const struct items *vector = &judge->vector;
    const char *method = items_text(vector, "request_method", "GET");
    size_t i;

    judge->setting.is_request =
        strcmp(items_text(vector, "kind", ""), "request") == 0;
    judge->setting.eof = items_find(vector, "eof") != NULL;
    judge->setting.in_place = items_find(vector, "in_place") != NULL;
    judge->setting.request_method = bojagi_method_id(method, strlen(method));
    bojagi_rules_init(&judge->setting.rules);
    for (i = 0; i < vector->count; i++)
        rule(&judge->setting.rules, &vector->all[i]);
}

/* Whether this message of the outcome has the item that the vector states. */
static int has(const struct items *got, const char *message,
               const struct item *wanted)
{
    size_t i;
    int is_there = message == NULL;

    for (i = 0; i < got->count; i++) {
        if (item_is(&got->all[i], "message"))
            is_there = message != NULL &&
                       strcmp((char *)got->all[i].data, message) == 0;
        /* What is about all of it comes last. */
        if (item_is(&got->all[i], "code") || item_is(&got->all[i], "expect"))
            is_there = message == NULL;
        if (is_there && item_same(&got->all[i], wanted))
            return 1;
    }
    return 0;
}

/* A value of which any will do: met when one of the items of that name is. */
static int has_any(const struct judge *judge, const struct items *got,
                   const char *name)
{
    size_t i;
    int is_stated = 0;

    for (i = 0; i < judge->vector.count; i++) {
        const struct item *item = &judge->vector.all[i];

        if (item_is(item, "message"))
            break;
        if (!item_is(item, name))
            continue;
        is_stated = 1;
        if (has(got, NULL, item))
            return 1;
    }
    return !is_stated;
}

static void compare(struct judge *judge, const struct items *got)
{
    static const char *const names[] = {"expect", "reason", "code", "offset",
                                        "status", "messages", "remainder"};
    const char *message = NULL;
    size_t i;

    for (i = 0; i < sizeof names / sizeof *names; i++)
        if (!has_any(judge, got, names[i]))
            complain(judge, names[i], got);
    for (i = 0; i < judge->vector.count; i++) {
        const struct item *item = &judge->vector.all[i];

        if (item_is(item, "message"))
            message = (const char *)item->data;
        else if (message != NULL && !has(got, message, item))
            complain(judge, item->name, got);
    }
}

static void same(struct judge *judge, const struct item *input,
                 const struct way *way, const struct items *whole)
{
    struct items got = {0};

    run(&judge->setting, way, input->data, input->len, &got);
    if (!items_same(&got, whole)) {
        printf("cut at %zu, then each %zu:\n", way->start, way->step);
        complain(judge, "fed in pieces", &got);
    }
    items_free(&got);
}

/* Byte by byte with the smallest arrays, in place, cut in two at each byte; of
 * long ones more bytes at once, and at 16 places. */
static void same_in_pieces(struct judge *judge, const struct item *input,
                           const struct items *whole)
{
    size_t len = input->len, at, some = len > 2048 ? len / 16 : 1;
    struct way bytes = {0, 1, 1, 0}, seven = {0, 7, 64, 1};

    bytes.step = some;
    seven.step = 7 * some;
    same(judge, input, &bytes, whole);
    same(judge, input, &seven, whole);
    for (at = 1; at < len; at += some) {
        struct way cut = {0, 0, 256, 0};

        cut.start = at;
        cut.step = len;
        same(judge, input, &cut, whole);
    }
}

/* The bytes before the offset are the beginning of some valid message, unless
 * the rule is one about the whole head. */
static void prefix_is_open(struct judge *judge, const struct item *input,
                           const struct items *whole)
{
    static const char *const late[] = {"HOST_", "CONTENT_LENGTH_", "FRAMING_",
        "TRANSFER_ENCODING_", "TRAILER_FORBIDDEN", "BODY_LIMIT", "TRUNCATED"};
    const char *code = items_text(whole, "code", NULL), *reason;
    const struct item *said = NULL;
    struct way way = {0, 0, 256, 0};
    struct items got = {0};
    size_t i;

    for (i = 0; i < whole->count; i++)
        if (item_is(&whole->all[i], "reason"))
            said = &whole->all[i];          /* the last: a phrase is one too */
    if (code == NULL || said == NULL)
        return;
    reason = (const char *)said->data;
    for (i = 0; i < sizeof late / sizeof *late; i++)
        if (strncmp(reason, late[i], strlen(late[i])) == 0)
            return;
    way.start = strtoul(items_text(whole, "offset", "0"), NULL, 10);
    way.start -= strcmp(code, "LIMIT") == 0;
    judge->setting.eof = 0;
    run(&judge->setting, &way, input->data, way.start, &got);
    if (strcmp(items_text(&got, "expect", ""), "reject") == 0)
        complain(judge, "already the prefix is refused", &got);
    items_free(&got);
}

/* The flat text is what the spans say. */
static void text_agrees(struct judge *judge, const unsigned char *data,
                        size_t len, const bojagi_head *head,
                        const bojagi_field *fields)
{
    struct text wanted = {0};
    char number[24];
    unsigned char *out = exact(data, len);
    bojagi_head flat;
    int64_t n;
    uint32_t i;

    bojagi_head_init(&flat, &judge->setting.rules);
    sprintf(number, "%d.%d", head->version / 10, head->version % 10);
    if (judge->setting.is_request) {
        n = bojagi_request_text(&flat, data, len, out, len);
        text_add(&wanted, data + head->method.off, head->method.len);
        text_add(&wanted, "\n", 1);
        text_add(&wanted, data + head->target.off, head->target.len);
        text_add(&wanted, "\n", 1);
        text_add(&wanted, number, strlen(number));
    } else {
        n = bojagi_response_text(&flat, data, len,
                                 judge->setting.request_method, out, len);
        text_add(&wanted, number, strlen(number));
        sprintf(number, "\n%d\n", head->status);
        text_add(&wanted, number, strlen(number));
        text_add(&wanted, data + head->reason_phrase.off,
                 head->reason_phrase.len);
    }
    for (i = 0; i < head->field_count; i++) {
        text_add(&wanted, "\n", 1);
        text_add(&wanted, data + fields[i].name_off, fields[i].name_len);
        text_add(&wanted, "\n", 1);
        text_add(&wanted, data + fields[i].value_off, fields[i].value_len);
    }
    if (n != (int64_t)wanted.len || memcmp(out, wanted.data, wanted.len) != 0)
        complain(judge, "the flat text", NULL);
    text_free(&wanted);
    free(out);
}

/* A second call, a call without fields, and the text say the same. */
static void other_forms_agree(struct judge *judge, const struct item *input)
{
    const struct setting *setting = &judge->setting;
    bojagi_field *fields = grown(NULL, 4096 * sizeof *fields);
    unsigned char *data = exact(input->data, input->len);
    size_t len = input->len;
    bojagi_head head, blind;
    int64_t n;

    bojagi_head_init(&head, &setting->rules);
    bojagi_head_init(&blind, &setting->rules);
    n = head_decode(setting, &head, fields, 4096, data, len);
    if (n > 0) {
        if (head_decode(setting, &head, fields, 4096, data, len) != n)
            complain(judge, "a second call", NULL);
        if (head_decode(setting, &blind, NULL, 0, data, len) != n ||
            blind.framing != head.framing || blind.flags != head.flags ||
            blind.content_length != head.content_length)
            complain(judge, "without fields", NULL);
        text_agrees(judge, data, len, &head, fields);
    }
    free(fields);
    free(data);
}

static void judge_decoding(struct judge *judge)
{
    const struct item *input = items_find(&judge->vector, "input");
    struct way way = {0, 0, 256, 0};
    struct items whole = {0};

    CHECK(input != NULL);
    set(judge);
    way.start = input->len;
    run(&judge->setting, &way, input->data, input->len, &whole);
    compare(judge, &whole);
    same_in_pieces(judge, input, &whole);
    other_forms_agree(judge, input);
    prefix_is_open(judge, input, &whole);
    items_free(&whole);
}

/* What an encoder is asked to write. */
struct order {
    const struct items *vector;
    bojagi_field_line lines[64];
    size_t count;
};

/* The lines behind the netstrings, whose bytes they borrow. */
static void order_make(struct order *order, const struct items *vector)
{
    const char *at = items_text(vector, "fields", "");
    const struct item *item = items_find(vector, "fields");
    const char *end = item != NULL ? at + item->len : at;

    memset(order, 0, sizeof *order);
    order->vector = vector;
    while (at < end) {
        bojagi_field_line *line = &order->lines[order->count++];

        CHECK(order->count <= 64);
        line->name_len = strtoul(at, (char **)&at, 10);
        line->name = ++at;
        at += line->name_len + 1;
        line->value_len = strtoul(at, (char **)&at, 10);
        line->value = ++at;
        at += line->value_len + 1;
    }
}

static int64_t encode(const struct order *order, unsigned char *out, size_t cap,
                      bojagi_fault *fault)
{
    const char *kind = items_text(order->vector, "kind", "");
    const char *status = items_text(order->vector, "status", "");
    const struct item *one, *two;

    if (strcmp(kind, "encode-chunk") == 0) {
        one = items_find(order->vector, "input");
        return bojagi_chunk_encode(out, cap, one->data, one->len);
    }
    if (strcmp(kind, "encode-trailers") == 0)
        return bojagi_trailers_encode(out, cap, order->lines, order->count,
                                      fault);
    if (strcmp(kind, "encode-response") == 0) {
        one = items_find(order->vector, "reason_phrase");
        return bojagi_response_encode(out, cap,
                                      (uint32_t)strtoul(status, NULL, 10),
                                      one->data, one->len, order->lines,
                                      order->count, fault);
    }
    CHECK(strcmp(kind, "encode-request") == 0);
    one = items_find(order->vector, "method");
    two = items_find(order->vector, "target");
    return bojagi_request_encode(out, cap, one->data, one->len, two->data,
                                 two->len, order->lines, order->count, fault);
}

/* Into just enough memory, and into one byte less. */
static void judge_output(struct judge *judge, const struct order *order,
                         int64_t size, int is_exact)
{
    const struct item *output = items_find(&judge->vector, "output");
    unsigned char *out = exact("", 0);
    size_t i;

    CHECK(output != NULL);
    out = grown(out, output->len);
    if (size != (int64_t)output->len)
        complain(judge, "the size", NULL);
    else if (encode(order, out, output->len, NULL) != size)
        complain(judge, "the size asked for is not the size written", NULL);
    else if (is_exact && memcmp(out, output->data, output->len) != 0)
        complain(judge, "the output", NULL);
    for (i = 0; !is_exact && i < output->len; i++)
        if ((out[i] | 0x20) != (output->data[i] | 0x20)) {
            complain(judge, "names given by id", NULL);
            break;
        }
    /* What it leaves in the memory then is nothing to be used. */
    if (encode(order, out, output->len - 1, NULL) != BOJAGI_E_SPACE)
        complain(judge, "no SPACE one byte short", NULL);
    free(out);
}

static void judge_encoding(struct judge *judge)
{
    struct order order;
    struct items got = {0};
    bojagi_fault fault = {0, 0, 0};
    int64_t size;
    size_t i;

    order_make(&order, &judge->vector);
    size = encode(&order, NULL, 0, &fault);
    items_say(&got, "expect", size < 0 ? "reject" : "accept");
    items_say(&got, "code", code_name(size));
    items_say(&got, "reason", bojagi_reason_name(fault.reason));
    items_count(&got, "offset", fault.offset);
    if (!has_any(judge, &got, "expect") ||
        (size < 0 && !(has_any(judge, &got, "code") &&
                       has_any(judge, &got, "reason") &&
                       has_any(judge, &got, "offset"))))
        complain(judge, "judged in another way", &got);
    else if (size >= 0) {
        judge_output(judge, &order, size, 1);
        for (i = 0; i < order.count; i++)
            order.lines[i].id = bojagi_field_id(order.lines[i].name,
                                                order.lines[i].name_len);
        judge_output(judge, &order, size, 0);
    }
    items_free(&got);
}

static void judge_connection(struct judge *judge)
{
    char place[40];
    size_t step = exchange_play(&judge->vector);

    snprintf(place, sizeof place, "step %zu", step);
    if (step > 0)
        complain(judge, place, NULL);
}

int main(int argc, char **argv)
{
    FILE *file = fopen(argc > 1 ? argv[1] : "target/c/vectors.txt", "rb");
    struct judge judge = {{0}, {0}, 0};
    unsigned long wanted = 0, count = 0;

    CHECK(file != NULL);
    CHECK(fscanf(file, "vectors %lu", &wanted) == 1);
    for (; items_read(&judge.vector, file); items_free(&judge.vector)) {
        const char *kind = items_text(&judge.vector, "kind", "");

        count++;
        if (strcmp(kind, "connection") == 0)
            judge_connection(&judge);
        else if (strncmp(kind, "encode-", 7) == 0)
            judge_encoding(&judge);
        else
            judge_decoding(&judge);
    }
    fclose(file);
    printf("   %lu vectors, %u complaints\n", count, judge.complaints);
    return judge.complaints > 0 || count == 0 || count != wanted;
}
