/* How much stack each function of the codec needs: the stack below is painted,
 * the function is called on every input of tests/vectors/, and the deepest byte
 * that lost its paint tells. Prints `bytes name` for each function; fails when one
 * was never called.
 *
 * INPUTS is the file that tests/bare/inputs.py writes. */
#define BOJAGI_BARE
#include <bojagi.h>
#include "machine.h"

#define FIELDS 64
#define PAINTED 4096 /* bytes; a multiple of a word */
#define PAINT 0xa5c3a5c3u

__asm__(".section .rodata\n.globl inputs\ninputs: .incbin \"" INPUTS "\"\n"
        ".globl inputs_end\ninputs_end: .byte 0\n.text\n");
extern const unsigned char inputs[];

enum entry {
    HEAD_INIT, REQUEST_DECODE, RESPONSE_DECODE, BODY_INIT, BODY_DECODE,
    BODY_COMPACT, BODY_END, TRAILERS_DECODE, REQUEST_TEXT, RESPONSE_TEXT,
    REQUEST_ENCODE, RESPONSE_ENCODE, CHUNK_ENCODE, TRAILERS_ENCODE,
    FIELD_FIND_NAME, ENTRIES
};

static const char *const names[ENTRIES] = {
    "bojagi_head_init", "bojagi_request_decode", "bojagi_response_decode",
    "bojagi_body_init", "bojagi_body_decode", "bojagi_body_compact",
    "bojagi_body_end", "bojagi_trailers_decode", "bojagi_request_text",
    "bojagi_response_text", "bojagi_request_encode", "bojagi_response_encode",
    "bojagi_chunk_encode", "bojagi_trailers_encode", "bojagi_field_find_name"
};
static size_t most[ENTRIES];
static unsigned char called[ENTRIES];

/* The arguments and the answer of the next call. */
static const unsigned char *data;
static size_t len;
static bojagi_rules rules;
static bojagi_head head;
static bojagi_body body;
static bojagi_field fields[FIELDS];
static bojagi_field_line lines[FIELDS];
static uint32_t count;
static bojagi_span spans[4];
static unsigned char out[131072];
static size_t kept;
static bojagi_fault fault;
static int64_t answer;
static volatile uintptr_t top;

static void call(enum entry entry)
{
    called[entry] = 1;
    top = machine_stack();
    switch (entry) {
    case HEAD_INIT:
        bojagi_head_init(&head, &rules);
        break;
    case REQUEST_DECODE:
        answer = bojagi_request_decode(&head, fields, FIELDS, data, len);
        break;
    case RESPONSE_DECODE:
        answer = bojagi_response_decode(&head, fields, FIELDS, data, len,
                                        BOJAGI_METHOD_GET);
        break;
    case BODY_INIT:
        bojagi_body_init(&body, &head);
        break;
    case BODY_DECODE:
        answer = bojagi_body_decode(&body, data, len, spans, 4);
        break;
    case BODY_COMPACT:
        answer = bojagi_body_compact(&body, out, len, &kept);
        break;
    case BODY_END:
        answer = bojagi_body_end(&body);
        break;
    case TRAILERS_DECODE:
        answer = bojagi_trailers_decode(&body, fields, FIELDS, data, len);
        break;
    case REQUEST_TEXT:
        answer = bojagi_request_text(&head, data, len, out, sizeof out);
        break;
    case RESPONSE_TEXT:
        answer = bojagi_response_text(&head, data, len, BOJAGI_METHOD_GET, out,
                                      sizeof out);
        break;
    case REQUEST_ENCODE:
        answer = bojagi_request_encode(out, sizeof out, data + head.method.off,
                                       head.method.len, data + head.target.off,
                                       head.target.len, lines, count, &fault);
        break;
    case RESPONSE_ENCODE:
        answer = bojagi_response_encode(out, sizeof out, 200, NULL, 0, lines,
                                        count, &fault);
        break;
    case CHUNK_ENCODE:
        answer = bojagi_chunk_encode(out, sizeof out, data, len);
        break;
    case TRAILERS_ENCODE:
        answer = bojagi_trailers_encode(out, sizeof out, lines, count, &fault);
        break;
    default:
        answer = bojagi_field_find_name(fields, count, data, len, "X-None", 6, 0);
        break;
    }
}

/* The answer of a function, and how deep it went. */
static int64_t measured(enum entry entry)
{
    volatile uint32_t *base = (volatile uint32_t *)machine_stack();
    size_t words = PAINTED / sizeof *base, at, depth;

    for (at = 1; at <= words; at++)
        base[-(ptrdiff_t)at] = PAINT;
    call(entry);
    for (at = words; at > 0 && base[-(ptrdiff_t)at] == PAINT; at--)
        ;
    depth = top - (uintptr_t)(base - at);
    if (at > 0 && depth > most[entry])
        most[entry] = depth;
    return answer;
}

/* The body that follows the head, once with spans and once in place. */
static void decode_body(const unsigned char *rest, size_t size)
{
    size_t at;

    bojagi_body_init(&body, &head);
    for (at = 0; at < size; at++)
        out[at] = rest[at];
    len = size;
    measured(BODY_COMPACT);
    measured(BODY_INIT);
    data = rest;
    do {
        if (measured(BODY_DECODE) <= 0)
            break;
        data += answer;
        len -= (size_t)answer;
    } while (body.state == BOJAGI_BODY_DATA);
    measured(TRAILERS_DECODE);
    measured(BODY_END);
}

/* The fields that were decoded, to be encoded again. */
static void take_lines(void)
{
    count = head.field_count < FIELDS ? head.field_count : FIELDS;
    for (uint32_t i = 0; i < count; i++) {
        const bojagi_field *field = &fields[i];
        bojagi_field_line line = {data + field->name_off, field->name_len,
                                  data + field->value_off, field->value_len, 0, 0};
        lines[i] = line;
    }
}

/* Every function that has to do with a message of this kind. */
static void judge(enum entry decode, enum entry text, enum entry encode,
                  const unsigned char *input, size_t size)
{
    data = input;
    len = size;
    measured(HEAD_INIT);
    measured(text);
    bojagi_head_init(&head, &rules);
    if (measured(decode) > 0) {
        take_lines();
        measured(encode);
        measured(TRAILERS_ENCODE);
        measured(FIELD_FIND_NAME);
        decode_body(input + head.length, size - head.length);
    }
    data = input;
    len = size;
    measured(CHUNK_ENCODE);
}

static void print(size_t number, const char *name)
{
    char line[64];
    size_t end = sizeof line, start, length = 0;

    while (name[length] != '\0')
        length++;
    line[--end] = '\n';
    for (start = end - length; length-- > 0;)
        line[start + length] = name[length];
    line[--start] = ' ';
    do
        line[--start] = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    machine_write(line + start, sizeof line - start);
}

int main(void)
{
    for (uint32_t flags = 0; flags < 2; flags++) {
        const unsigned char *at = inputs;

        bojagi_rules_init(&rules);
        rules.flags = flags == 0 ? 0 : 0xff; /* every BOJAGI_ALLOW_ */
        for (;;) {
            size_t size = at[0] | (size_t)at[1] << 8 | (size_t)at[2] << 16 |
                          (size_t)at[3] << 24;
            if (size == 0xffffffffu)
                break;
            at += 4;
            judge(REQUEST_DECODE, REQUEST_TEXT, REQUEST_ENCODE, at, size);
            judge(RESPONSE_DECODE, RESPONSE_TEXT, RESPONSE_ENCODE, at, size);
            at += size;
        }
    }
    for (int entry = 0; entry < ENTRIES; entry++) {
        if (!called[entry])
            return 1;
        print(most[entry], names[entry]);
    }
    return 0;
}
