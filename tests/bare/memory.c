/* The five functions of memory that a compiler counts on where there is no C
 * library, as a firmware has them. */
#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t len)
{
    unsigned char *out = to;
    const unsigned char *in = from;

    while (len-- > 0)
        *out++ = *in++;
    return to;
}

void *memmove(void *to, const void *from, size_t len)
{
    unsigned char *out = to;
    const unsigned char *in = from;

    if (out <= in)
        return memcpy(to, from, len);
    while (len-- > 0)
        out[len] = in[len];
    return to;
}

void *memset(void *to, int byte, size_t len)
{
    unsigned char *out = to;

    while (len-- > 0)
        *out++ = (unsigned char)byte;
    return to;
}

int memcmp(const void *one, const void *other, size_t len)
{
    const unsigned char *a = one, *b = other;

    for (; len > 0; len--, a++, b++)
        if (*a != *b)
            return *a - *b;
    return 0;
}

int bcmp(const void *one, const void *other, size_t len)
{
    return memcmp(one, other, len);
}
