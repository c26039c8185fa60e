/* Names with bytes: what a vector states, and what came out of a connection. */
#ifndef ITEMS_H
#define ITEMS_H

#include "check.h"

struct item {
    char name[24];
    unsigned char *data;
    size_t len;
};

struct items {
    struct item *all;
    size_t count;
    size_t room;
};

/* Bytes that grow. */
struct text {
    unsigned char *data;
    size_t len;
    size_t room;
};

static inline void *grown(void *old, size_t size)
{
    void *grown = realloc(old, size + 1);

    CHECK(grown != NULL);
    return grown;
}

static inline void text_add(struct text *text, const void *data, size_t len)
{
    if (text->len + len > text->room) {
        text->room = 2 * (text->len + len);
        text->data = grown(text->data, text->room);
    }
    if (len > 0)
        memcpy(text->data + text->len, data, len);
    text->len += len;
}

static inline void text_free(struct text *text)
{
    free(text->data);
    memset(text, 0, sizeof *text);
}

/* One string of a list of them, as vector_items.py writes it. */
static inline void text_add_netstring(struct text *text, const void *data,
                                      size_t len)
{
    char number[24];
    int digits = snprintf(number, sizeof number, "%zu:", len);

    text_add(text, number, (size_t)digits);
    text_add(text, data, len);
    text_add(text, ",", 1);
}

/* Adds an item with room for the bytes, which the caller writes. */
static inline unsigned char *items_make(struct items *items, const char *name,
                                        size_t len)
{
    struct item *item;

    CHECK(strlen(name) < sizeof item->name);
    if (items->count == items->room) {
        items->room = 2 * items->room + 16;
        items->all = grown(items->all, items->room * sizeof *items->all);
    }
    item = &items->all[items->count++];
    memset(item, 0, sizeof *item);
    memcpy(item->name, name, strlen(name));
    item->len = len;
    item->data = grown(NULL, len);
    item->data[len] = 0;
    return item->data;
}

static inline void items_add(struct items *items, const char *name,
                             const void *data, size_t len)
{
    unsigned char *place = items_make(items, name, len);

    if (len > 0)
        memcpy(place, data, len);
}

static inline void items_say(struct items *items, const char *name,
                             const char *word)
{
    items_add(items, name, word, strlen(word));
}

static inline void items_count(struct items *items, const char *name,
                               uint64_t number)
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%llu",
                       (unsigned long long)number);

    items_add(items, name, digits, (size_t)len);
}

static inline void items_free(struct items *items)
{
    size_t i;

    for (i = 0; i < items->count; i++)
        free(items->all[i].data);
    free(items->all);
    memset(items, 0, sizeof *items);
}

static inline int item_is(const struct item *item, const char *name)
{
    return strcmp(item->name, name) == 0;
}

static inline int item_same(const struct item *one, const struct item *other)
{
    return strcmp(one->name, other->name) == 0 && one->len == other->len &&
           memcmp(one->data, other->data, one->len) == 0;
}

/* The first item of this name, or NULL. */
static inline const struct item *items_find(const struct items *items,
                                            const char *name)
{
    size_t i;

    for (i = 0; i < items->count; i++)
        if (item_is(&items->all[i], name))
            return &items->all[i];
    return NULL;
}

/* The text of the first item of this name, or what stands in for it. */
static inline const char *items_text(const struct items *items,
                                     const char *name, const char *otherwise)
{
    const struct item *item = items_find(items, name);

    return item != NULL ? (const char *)item->data : otherwise;
}

static inline int items_same(const struct items *one, const struct items *other)
{
    size_t i;

    for (i = 0; i < one->count && i < other->count; i++)
        if (!item_same(&one->all[i], &other->all[i]))
            return 0;
    return one->count == other->count;
}

static inline void items_print(const struct items *items)
{
    size_t i, at;

    for (i = 0; i < items->count; i++) {
        printf("    %s ", items->all[i].name);
        for (at = 0; at < items->all[i].len && at < 200; at++) {
            int byte = items->all[i].data[at];

            printf(byte > ' ' && byte < 127 ? "%c" : "\\x%02x", byte);
        }
        printf("\n");
    }
}

/* Reads items up to `end`; 0 when the file is over. */
static inline int items_read(struct items *items, FILE *file)
{
    char name[24];
    unsigned long len;

    while (fscanf(file, "%23s %lu", name, &len) == 2) {
        CHECK(fgetc(file) == '\n');
        if (strcmp(name, "end") == 0)
            return 1;
        CHECK(fread(items_make(items, name, len), 1, len, file) == len);
    }
    CHECK(feof(file) && items->count == 0);
    return 0;
}

#endif
