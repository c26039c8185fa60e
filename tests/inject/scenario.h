/* What is done under faults. A scenario makes calls of bojagi one by one, each again until it has done
 * its work, and ends the program when a byte, a message or a handle is lost on the way. */
#ifndef SCENARIO_H
#define SCENARIO_H

#include "../c/check.h"
#include "inject.h"

#include <stddef.h>
#include <stdint.h>

/* How the handles are made and how long the calls may wait. */
struct mode {
    const char *name;
    uint32_t flags;
    int has_cancel;
    int64_t timeout_ms;
};

/* One go at a scenario. */
struct run {
    const struct mode *mode;
    uint64_t seed;         /* of the bytes that are sent */
    size_t amount;         /* how many */
    bojagi_cancel *cancel; /* or NULL */
    long failures;         /* calls that failed */
    int64_t code;          /* of the first of them */
    int os_error;
};

struct scenario {
    const char *name;
    void (*body)(struct run *run);
    int forgives; /* a fault may stay unseen: the next address, or less knowledge, will do */
    int varies;   /* two runs do not make the same calls: others run meanwhile */
};

extern const struct scenario scenarios[];
extern const size_t scenario_count;

#endif
