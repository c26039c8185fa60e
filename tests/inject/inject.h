/* Faults on demand in the system calls of the threads that ask for them.
 *
 * inject.c defines the C library's own functions. Linked into a program it stands in front of the C
 * library for the shared libraries, too, so that what libbojagi.so calls comes by here first. A thread
 * that is not armed, such as a peer or a thread of the resolver, is never disturbed. */
#ifndef INJECT_H
#define INJECT_H

#include <stdint.h>

/* In place of an errno: the call moves fewer bytes than it was asked to. */
#define INJECT_SHORT (-1)

/* From here on nothing fails, and the calls are counted and named. */
void inject_count(void);

/* From here on the armed call number `index`, counted from 0, fails with `error`, and no other; nor
 * that one if it is no call of `name`. */
void inject_at(long index, const char *name, int error);

/* From here on calls that may wait are short, interrupted or not ready at random: how many of 1000. */
void inject_mix(uint64_t seed, unsigned shorts, unsigned interrupts, unsigned agains);

/* Between these two the calls of this thread count. */
void inject_arm(void);
void inject_disarm(void);

/* How many calls came by while armed, and which; NULL beyond what is remembered. */
long inject_calls(void);
const char *inject_call(long index);

/* How many faults struck. */
long inject_strikes(void);

#endif
