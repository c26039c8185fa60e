/* Parts of a message as JSON: bytes are read as latin-1. */
#ifndef JSON_H
#define JSON_H

#include <bojagi.h>
#include <stdio.h>

static inline void json_text(const char *before, const void *data, size_t len)
{
    const unsigned char *byte = data, *end = byte + len;

    printf("%s\"", before);
    for (; byte < end; byte++)
        if (*byte < 0x20 || *byte > 0x7e)
            printf("\\u%04x", *byte);
        else if (*byte == '"' || *byte == '\\')
            printf("\\%c", *byte);
        else
            putchar(*byte);
    putchar('"');
}

/* Fields as [["name","value"],...]; their offsets count from `data`. */
static inline void json_fields(const char *before, const bojagi_field *fields,
                               uint32_t count, const unsigned char *data)
{
    const bojagi_field *field = fields;

    printf("%s[", before);
    for (; field < fields + count; field++) {
        json_text(field == fields ? "[" : ",[", data + field->name_off,
                  field->name_len);
        json_text(",", data + field->value_off, field->value_len);
        putchar(']');
    }
    putchar(']');
}

#endif
