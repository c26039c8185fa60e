/* Runs every scenario with one fault at each system call in turn, and then with many at random.
 *
 * After a fault a call must answer what the table says, or nothing at all where the fault is none of
 * the caller's business; made again it must go on as if nothing had happened; and in the end no byte,
 * no message and no descriptor may be lost. `main` alone runs everything, `main SEEDS SCENARIO` less. */
#include "scenario.h"

#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* A run takes milliseconds; this is a hang. */
#define WATCHDOG_S 60

/* What is sent under a single fault, and in a storm of them. */
#define AMOUNT 512
#define STORM_AMOUNT 60000

/* The calls of one run, and as many of one whose calls repeat themselves. */
#define CALLS_MAX 1024
#define VARIED_MAX 16

/* The fault is the library's own business: the caller sees nothing of it. */
#define UNSEEN 0

/* What a fault of one of these calls is answered with. */
struct answer {
    const char *calls[10];
    int error;
    int64_t code;
};

#define SENDS "send", "sendto", "sendmsg"
#define RECVS "recv", "recvfrom", "recvmsg"
#define TCP_CONNECTS "connect stream", "connect stream no wait"
#define UNIX_CONNECTS "connect unix", "connect unix no wait"
#define CONNECTS TCP_CONNECTS, UNIX_CONNECTS, "connect datagram"

static const struct answer answers[] = {
    /* Unseen, unless the handle is interruptible. */
    {{SENDS, RECVS}, EINTR, BOJAGI_E_INTERRUPTED},
    {{"accept4", "connect stream", "connect unix", "poll", "ppoll"},
     EINTR, BOJAGI_E_INTERRUPTED},
    {{SENDS, RECVS, "accept4", UNIX_CONNECTS}, EAGAIN, UNSEEN},
    {{TCP_CONNECTS}, EAGAIN, BOJAGI_E_LIMIT},
    {{SENDS, RECVS}, INJECT_SHORT, UNSEEN},
    {{SENDS, RECVS}, ECONNRESET, BOJAGI_E_RESET},
    {{SENDS, RECVS}, ECONNABORTED, BOJAGI_E_RESET},
    {{SENDS, RECVS}, ETIMEDOUT, BOJAGI_E_RESET},
    {{SENDS, RECVS}, EHOSTUNREACH, BOJAGI_E_UNREACHABLE},
    {{SENDS, RECVS}, ECONNREFUSED, BOJAGI_E_REFUSED},
    {{SENDS, RECVS}, ENOTCONN, BOJAGI_E_STATE},
    {{SENDS}, EPIPE, BOJAGI_E_CLOSED},
    {{SENDS}, EMSGSIZE, BOJAGI_E_LIMIT},
    {{SENDS}, EPERM, BOJAGI_E_DENIED},
    {{SENDS, RECVS}, ENOMEM, BOJAGI_E_MEMORY},
    {{SENDS, RECVS}, ENOBUFS, BOJAGI_E_MEMORY},
    {{SENDS, RECVS}, EIO, BOJAGI_E_OS},
    /* Connections that were over before they were accepted are passed over (accept(2)). */
    {{"accept4"}, ECONNABORTED, UNSEEN},
    {{"accept4"}, EPROTO, UNSEEN},
    {{"accept4"}, ENETUNREACH, UNSEEN},
    {{"accept4"}, EHOSTUNREACH, UNSEEN},
    {{"accept4"}, ENETDOWN, UNSEEN},
    {{"accept4"}, EPERM, BOJAGI_E_DENIED},
    {{TCP_CONNECTS, UNIX_CONNECTS}, ECONNREFUSED, BOJAGI_E_REFUSED},
    {{UNIX_CONNECTS}, ENOENT, BOJAGI_E_REFUSED},
    {{UNIX_CONNECTS}, EPROTOTYPE, BOJAGI_E_UNSUPPORTED},
    {{TCP_CONNECTS}, ETIMEDOUT, BOJAGI_E_TIMEOUT},
    {{TCP_CONNECTS}, ECONNRESET, BOJAGI_E_RESET},
    {{TCP_CONNECTS}, EADDRNOTAVAIL, BOJAGI_E_UNREACHABLE},
    {{TCP_CONNECTS, "connect datagram"}, ENETUNREACH, BOJAGI_E_UNREACHABLE},
    {{CONNECTS}, EACCES, BOJAGI_E_DENIED},
    {{CONNECTS}, ENOBUFS, BOJAGI_E_MEMORY},
    {{"socket", "accept4", "eventfd", "pipe2", "epoll_create1"},
     EMFILE, BOJAGI_E_LIMIT},
    {{"socket", "accept4", "eventfd", "pipe2", "epoll_create1"},
     ENFILE, BOJAGI_E_LIMIT},
    {{"socket", "accept4"}, ENOBUFS, BOJAGI_E_MEMORY},
    {{"socket"}, EAFNOSUPPORT, BOJAGI_E_UNSUPPORTED},
    {{"socket"}, EACCES, BOJAGI_E_DENIED},
    {{"socket", "accept4", "eventfd", CONNECTS, "bind"},
     ENOMEM, BOJAGI_E_MEMORY},
    {{"poll", "ppoll", "setsockopt", "getsockopt", "getsockname", "fcntl"},
     ENOMEM, BOJAGI_E_MEMORY},
    {{"bind", "listen"}, EADDRINUSE, BOJAGI_E_IN_USE},
    {{"bind"}, EACCES, BOJAGI_E_DENIED},
    {{"shutdown"}, ENOBUFS, BOJAGI_E_MEMORY},
};

static const struct mode modes[] = {
    {"blocking", 0, 0, -1},
    {"budget", 0, 0, SOON},
    {"interruptible", BOJAGI_INTERRUPTIBLE, 0, -1},
    {"interruptible, budget", BOJAGI_INTERRUPTIBLE, 0, SOON},
    {"cancel", 0, 1, -1},
    {"cancel, interruptible, budget", BOJAGI_INTERRUPTIBLE, 1, SOON},
    {"no wait", 0, 0, 0},
    {"no wait, cancel, interruptible", BOJAGI_INTERRUPTIBLE, 1, 0},
};

/* What is running, for the watchdog and for failures. */
static char running[256];

static void hang(int signal)
{
    static const char text[] = "hangs: ";

    (void)signal;
    (void)!write(2, text, sizeof text - 1);
    (void)!write(2, running, strlen(running));
    (void)!write(2, "\n", 1);
    _exit(3);
}

static void tell(void)
{
    if (running[0] != '\0')
        fprintf(stderr, "    while running: %s\n", running);
}

static long open_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    long count = 0;

    CHECK(folder != NULL);
    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count;
}

/* A worker of the resolver lets go of a look-up just after it has woken the caller. */
static void expect_descriptors(long count)
{
    time_t patience = time(NULL) + 10;

    while (open_descriptors() != count && time(NULL) < patience)
        sched_yield();
    CHECK(open_descriptors() == count);
}

/* Runs a scenario as the plan of inject.c says. */
static struct run go(const struct scenario *scenario, const struct mode *mode,
                     uint64_t seed, size_t amount)
{
    struct run run;
    long before;

    memset(&run, 0, sizeof run);
    run.mode = mode;
    run.seed = seed;
    run.amount = amount;
    before = open_descriptors();
    if (mode->has_cancel)
        GOOD(bojagi_cancel_new(&run.cancel));
    alarm(WATCHDOG_S);
    scenario->body(&run);
    alarm(0);
    bojagi_cancel_free(run.cancel);
    expect_descriptors(before);
    return run;
}

static int concerns(const struct answer *answer, const char *call)
{
    size_t i;

    for (i = 0; i < 10 && answer->calls[i] != NULL; i++)
        if (strcmp(answer->calls[i], call) == 0)
            return 1;
    return 0;
}

/* One fault, at the call number `index`. Whether it struck: a run need not make the same calls as the
 * one before. */
static int at(const struct scenario *scenario, const struct mode *mode,
               long index, const char *call, const struct answer *answer)
{
    int64_t code = answer->code;
    struct run run;

    snprintf(running, sizeof running, "%s, %s: call %ld, %s, fails with %s",
             scenario->name, mode->name, index, call,
             answer->error < 0 ? "a short count" : strerror(answer->error));
    if (answer->error == EINTR && mode->flags == 0)
        code = UNSEEN;
    inject_at(index, call, answer->error);
    run = go(scenario, mode, 1, AMOUNT);
    if (inject_strikes() == 0) {
        CHECK(run.failures == 0);
        return 0;
    }
    if (run.failures == 0 && (code == UNSEEN || scenario->forgives))
        return 1;
    /* What ends a send that waits before all is sent is a signal. */
    if (answer->error == INJECT_SHORT && mode->flags != 0 &&
        run.failures == 1 && run.code == BOJAGI_E_INTERRUPTED)
        return 1;
    if (run.failures != 1 || run.code != code ||
        (answer->error != EINTR && run.os_error != answer->error)) {
        fprintf(stderr, "%s: wanted %s, got %ld failures, the first %s (%s)\n",
                running, code == UNSEEN ? "none" : bojagi_error_name(code),
                run.failures, bojagi_error_name(run.code),
                strerror(run.os_error));
        exit(1);
    }
    return 1;
}

/* Every fault of the table, at every call that the scenario makes. */
static long sweep(const struct scenario *scenario, const struct mode *mode,
                  long *all)
{
    const char *calls[CALLS_MAX];
    long count, index, tried = 0, runs = 0;
    size_t i;

    snprintf(running, sizeof running, "%s, %s", scenario->name, mode->name);
    inject_count();
    CHECK(go(scenario, mode, 1, AMOUNT).failures == 0);
    count = inject_calls();
    CHECK(count > 0 && (scenario->varies || count < CALLS_MAX));
    if (scenario->varies && count > VARIED_MAX)
        count = VARIED_MAX;
    for (index = 0; index < count; index++)
        calls[index] = inject_call(index);
    for (index = 0; index < count; index++)
        for (i = 0; i < sizeof answers / sizeof *answers; i++)
            if (concerns(&answers[i], calls[index])) {
                tried++;
                runs += at(scenario, mode, index, calls[index], &answers[i]);
            }
    *all += tried;
    return runs;
}

/* Short counts, interruptions and calls that are not ready, all at once. */
static long storm(const struct scenario *scenario, const struct mode *mode,
                  uint64_t seed)
{
    struct run run;

    snprintf(running, sizeof running, "%s, %s: at random, seed %lu",
             scenario->name, mode->name, (unsigned long)seed);
    inject_mix(seed, 300, 100, 50);
    run = go(scenario, mode, seed, STORM_AMOUNT);
    if (mode->flags == 0)
        CHECK(run.failures == 0);
    else
        CHECK(run.failures == 0 || run.code == BOJAGI_E_INTERRUPTED);
    return inject_strikes();
}

int main(int argc, char **argv)
{
    uint64_t seeds = argc > 1 ? (uint64_t)atol(argv[1]) : 60, seed;
    size_t s, m;

    signal(SIGALRM, hang);
    atexit(tell);
    for (s = 0; s < scenario_count; s++) {
        long runs = 0, all = 0, strikes = 0;

        if (argc > 2 && strcmp(argv[2], scenarios[s].name) != 0)
            continue;
        for (m = 0; m < sizeof modes / sizeof *modes; m++) {
            runs += sweep(&scenarios[s], &modes[m], &all);
            for (seed = 1; seed <= seeds; seed++)
                strikes += storm(&scenarios[s], &modes[m], seed);
        }
        /* Runs are alike, but for what the clock decides. */
        CHECK(runs * 3 >= all && (seeds == 0 || strikes > 0));
        printf("   %s: %ld of %ld faults one by one, %ld at random\n",
               scenarios[s].name, runs, all, strikes);
        fflush(stdout);
    }
    running[0] = '\0';
    return 0;
}
