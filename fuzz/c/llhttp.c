/* Reads one message with llhttp, as strictly as it can be told to, and says
 * what it read, as offsets into the data. */
#include <stddef.h>
#include <string.h>

#include "llhttp.h"

struct piece {
    size_t off;
    size_t len;
};

/* What the Rust side declares as `Said`. */
struct said {
    int32_t error;              /* an HPE_ code; 0 while it wants more */
    int32_t head_is_complete;
    int32_t is_complete;
    int32_t version;
    int32_t status;
    int32_t keeps_alive;
    struct piece target;
    struct piece reason;
    size_t end;
    size_t fields;              /* pieces of names and values in turn */
    size_t all_fields;          /* with those of the trailers */
    size_t body;
};

struct reader {
    llhttp_t parser;            /* first: a callback is handed its address */
    const char *data;
    struct said *said;
    struct piece *lines;
    size_t cap;
    char *body;
    int what_follows;
};

static struct reader *reader_of(llhttp_t *parser)
{
    return (struct reader *)parser;
}

/* A piece that comes in pieces is one all the same. */
static void join(struct piece *piece, const char *data, const char *at,
                 size_t len)
{
    if (piece->len == 0)
        piece->off = (size_t)(at - data);
    piece->len += len;
}

static int on_target(llhttp_t *parser, const char *at, size_t len)
{
    struct reader *reader = reader_of(parser);

    join(&reader->said->target, reader->data, at, len);
    return 0;
}

static int on_reason(llhttp_t *parser, const char *at, size_t len)
{
    struct reader *reader = reader_of(parser);

    join(&reader->said->reason, reader->data, at, len);
    return 0;
}

static int on_line(struct reader *reader, const char *at, size_t len)
{
    if (reader->said->all_fields >= reader->cap)
        return -1;
    join(&reader->lines[reader->said->all_fields], reader->data, at, len);
    return 0;
}

static int on_name(llhttp_t *parser, const char *at, size_t len)
{
    return on_line(reader_of(parser), at, len);
}

static int on_value(llhttp_t *parser, const char *at, size_t len)
{
    return on_line(reader_of(parser), at, len);
}

static int on_line_complete(llhttp_t *parser)
{
    struct reader *reader = reader_of(parser);

    reader->said->all_fields++;
    if (reader->said->all_fields < reader->cap)
        memset(&reader->lines[reader->said->all_fields], 0,
               sizeof *reader->lines);
    return 0;
}

static int on_head(llhttp_t *parser)
{
    struct reader *reader = reader_of(parser);
    struct said *said = reader->said;

    said->head_is_complete = 1;
    said->fields = said->all_fields;
    said->version = parser->http_major * 10 + parser->http_minor;
    said->status = parser->status_code;
    said->keeps_alive = llhttp_should_keep_alive(parser);
    return reader->what_follows;
}

static int on_body(llhttp_t *parser, const char *at, size_t len)
{
    struct reader *reader = reader_of(parser);

    memcpy(reader->body + reader->said->body, at, len);
    reader->said->body += len;
    return 0;
}

static int on_message(llhttp_t *parser)
{
    struct reader *reader = reader_of(parser);

    reader->said->is_complete = 1;
    /* Of the answer to a HEAD it knows only now. */
    if (reader->what_follows == 1)
        reader->said->keeps_alive = llhttp_should_keep_alive(parser);
    return HPE_PAUSED;
}

static void settle(llhttp_settings_t *settings)
{
    llhttp_settings_init(settings);
    settings->on_url = on_target;
    settings->on_status = on_reason;
    settings->on_header_field = on_name;
    settings->on_header_value = on_value;
    settings->on_header_field_complete = on_line_complete;
    settings->on_header_value_complete = on_line_complete;
    settings->on_headers_complete = on_head;
    settings->on_body = on_body;
    settings->on_message_complete = on_message;
}

/* Reads a request, or a response. `what_follows` is what on_headers_complete
 * returns: 0 what the head says, 1 no body, 2 a tunnel. `lines` has room for
 * `cap` pieces, `body` for `len` bytes. */
void bojagi_fuzz_llhttp(const char *data, size_t len, int is_response,
                        int what_follows, struct said *said,
                        struct piece *lines, size_t cap, char *body);

void bojagi_fuzz_llhttp(const char *data, size_t len, int is_response,
                        int what_follows, struct said *said,
                        struct piece *lines, size_t cap, char *body)
{
    static llhttp_settings_t settings;
    struct reader reader = {0};

    settle(&settings);
    memset(said, 0, sizeof *said);
    memset(lines, 0, sizeof *lines);
    llhttp_init(&reader.parser, is_response ? HTTP_RESPONSE : HTTP_REQUEST,
                &settings);
    reader.data = data;
    reader.said = said;
    reader.lines = lines;
    reader.cap = cap;
    reader.body = body;
    reader.what_follows = what_follows;
    said->error = (int32_t)llhttp_execute(&reader.parser, data, len);
    said->end = len;
    if (said->error == HPE_PAUSED && said->is_complete) {
        said->end = (size_t)(llhttp_get_error_pos(&reader.parser) - data);
        said->error = 0;
    }
}

/* Whether llhttp reads this method in HTTP. */
int bojagi_fuzz_llhttp_knows(const char *method, size_t len);

int bojagi_fuzz_llhttp_knows(const char *method, size_t len)
{
#define NAME(NUMBER, ID, TEXT) #TEXT,
    static const char *const names[] = {HTTP_METHOD_MAP(NAME)};
    size_t i;

    for (i = 0; i < sizeof names / sizeof *names; i++)
        if (strlen(names[i]) == len && memcmp(names[i], method, len) == 0)
            return 1;
    return 0;
}
