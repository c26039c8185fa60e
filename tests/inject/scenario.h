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
    int forgives; /* a fault may stay unseen: the next address will do, or the next call */
    int varies;   /* two runs do not make the same calls: others run meanwhile */
};

/* Whether the call has to be made again; remembers why. */
int failed(struct run *run, int64_t result);

/* Makes a call under faults until it succeeds. */
#define REPEAT(run, call)                                                      \
    do                                                                         \
        inject_arm();                                                          \
    while (failed(run, (call)))

void options(const struct run *run, bojagi_connect_options *connect,
             bojagi_listen_options *listen);

/* Making something takes time, whatever the mode of the calls on it. */
int64_t patience(const struct run *run);

/* The bytes that are sent, from the byte `at` on. */
void fill(unsigned char *out, size_t len, uint64_t seed, size_t at);
void compare(const unsigned char *got, size_t len, uint64_t seed, size_t at);

/* The two ends of a stream over TCP, or over Unix when `path` is given. */
void ends(struct run *run, const char *path, bojagi_socket *pair[2]);
bojagi_socket *accepted(struct run *run, bojagi_listener *listener);
void send_all(struct run *run, bojagi_socket *socket,
              const unsigned char *data, size_t len);
void recv_exact(struct run *run, bojagi_socket *socket, unsigned char *out,
                size_t len);

/* Scenarios that have a file of their own. */
void pieces(struct run *run);
void frames(struct run *run);
void file(struct run *run);
void batches(struct run *run);
void poller(struct run *run);
void connector(struct run *run);
void passed(struct run *run);

extern const struct scenario scenarios[];
extern const size_t scenario_count;

#endif
