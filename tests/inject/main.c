/* Runs every scenario with one fault at each system call in turn, and then with many at random.
 *
 * After a fault a call must answer what the table says, or nothing at all where the fault is none of
 * the caller's business; made again it must go on as if nothing had happened; and in the end no byte,
 * no message and no descriptor may be lost. `main` alone runs everything, `main SEEDS SCENARIO` less;
 * `main calls SCENARIO` lists the calls. */
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
    int or_unseen;   /* there are calls that can do without */
};

#define SENDS "send", "sendto", "sendmsg"
#define RECVS "recv", "recvfrom", "recvmsg"
#define TCP_CONNECTS "connect stream", "connect stream no wait"
#define UNIX_CONNECTS "connect unix", "connect unix no wait"
#define CONNECTS TCP_CONNECTS, UNIX_CONNECTS, "connect datagram"

/* Whether an accept waits for a shortage to end. */
#ifdef BOJAGI_READABLE
#define ACCEPT_WAITS 1
#else
#define ACCEPT_WAITS 0
#endif

static const struct answer answers[] = {
    /* Unseen, unless the handle is interruptible. */
    {{SENDS, RECVS}, EINTR, BOJAGI_E_INTERRUPTED, 0},
    {{"accept4", "connect stream", "connect unix", "poll", "ppoll"},
     EINTR, BOJAGI_E_INTERRUPTED, 0},
    {{"epoll_wait", "sendmmsg", "recvmmsg", "sendfile", "splice"},
     EINTR, BOJAGI_E_INTERRUPTED, 0},
    {{"sendmmsg", "recvmmsg", "sendfile", "splice"}, EAGAIN, UNSEEN, 0},
    {{"sendmmsg", "recvmmsg", "sendfile", "splice"}, INJECT_SHORT, UNSEEN, 0},
    {{"sendfile", "splice"}, ECONNRESET, BOJAGI_E_RESET, 0},
    {{"sendfile", "splice"}, EPIPE, BOJAGI_E_CLOSED, 0},
    {{"sendfile", "splice"}, ENOMEM, BOJAGI_E_MEMORY, 0},
    {{"sendmmsg", "recvmmsg"}, ENOMEM, BOJAGI_E_MEMORY, 0},
    {{"sendmmsg", "recvmmsg"}, ENOBUFS, BOJAGI_E_MEMORY, 0},
    {{"sendmmsg", "recvmmsg"}, ECONNREFUSED, BOJAGI_E_REFUSED, 0},
    {{"epoll_ctl", "epoll_create1"}, ENOMEM, BOJAGI_E_MEMORY, 0},
    {{"epoll_ctl"}, ENOSPC, BOJAGI_E_LIMIT, 0},
    {{SENDS, RECVS, "accept4", UNIX_CONNECTS}, EAGAIN, UNSEEN, 0},
    {{TCP_CONNECTS}, EAGAIN, BOJAGI_E_LIMIT, 0},
    {{SENDS, RECVS}, INJECT_SHORT, UNSEEN, 0},
    {{SENDS, RECVS}, ECONNRESET, BOJAGI_E_RESET, 0},
    {{SENDS, RECVS}, ECONNABORTED, BOJAGI_E_RESET, 0},
    {{SENDS, RECVS}, ETIMEDOUT, BOJAGI_E_RESET, 0},
    {{SENDS, RECVS}, EHOSTUNREACH, BOJAGI_E_UNREACHABLE, 0},
    {{SENDS, RECVS}, ECONNREFUSED, BOJAGI_E_REFUSED, 0},
    {{SENDS, RECVS}, ENOTCONN, BOJAGI_E_STATE, 0},
    {{SENDS}, EPIPE, BOJAGI_E_CLOSED, 0},
    {{SENDS}, EMSGSIZE, BOJAGI_E_LIMIT, 0},
    {{SENDS}, EPERM, BOJAGI_E_DENIED, 0},
    {{SENDS, RECVS}, ENOMEM, BOJAGI_E_MEMORY, 0},
    {{SENDS, RECVS}, ENOBUFS, BOJAGI_E_MEMORY, 0},
    {{SENDS, RECVS}, EIO, BOJAGI_E_OS, 0},
    /* Connections that were over before they were accepted are passed over (accept(2)). */
    {{"accept4"}, ECONNABORTED, UNSEEN, 0},
    {{"accept4"}, EPROTO, UNSEEN, 0},
    {{"accept4"}, ENETUNREACH, UNSEEN, 0},
    {{"accept4"}, EHOSTUNREACH, UNSEEN, 0},
    {{"accept4"}, ENETDOWN, UNSEEN, 0},
    {{"accept4"}, EPERM, BOJAGI_E_DENIED, 0},
    {{"accept4"}, EMFILE, BOJAGI_E_LIMIT, ACCEPT_WAITS},
    {{"accept4"}, ENFILE, BOJAGI_E_LIMIT, ACCEPT_WAITS},
    {{"accept4"}, ENOMEM, BOJAGI_E_MEMORY, ACCEPT_WAITS},
    {{"accept4"}, ENOBUFS, BOJAGI_E_MEMORY, ACCEPT_WAITS},
    {{TCP_CONNECTS, UNIX_CONNECTS}, ECONNREFUSED, BOJAGI_E_REFUSED, 0},
    {{UNIX_CONNECTS}, ENOENT, BOJAGI_E_REFUSED, 0},
    {{UNIX_CONNECTS}, EPROTOTYPE, BOJAGI_E_UNSUPPORTED, 0},
    {{TCP_CONNECTS}, ETIMEDOUT, BOJAGI_E_TIMEOUT, 0},
    {{TCP_CONNECTS}, ECONNRESET, BOJAGI_E_RESET, 0},
    {{TCP_CONNECTS}, EADDRNOTAVAIL, BOJAGI_E_UNREACHABLE, 0},
    {{TCP_CONNECTS, "connect datagram"}, ENETUNREACH, BOJAGI_E_UNREACHABLE, 0},
    {{CONNECTS}, EACCES, BOJAGI_E_DENIED, 0},
    {{CONNECTS}, ENOBUFS, BOJAGI_E_MEMORY, 0},
    {{"socket", "eventfd", "pipe2", "epoll_create1", "timerfd_create",
      "socketpair"},
     EMFILE, BOJAGI_E_LIMIT, 0},
    {{"socket", "eventfd", "pipe2", "epoll_create1", "timerfd_create",
      "socketpair"},
     ENFILE, BOJAGI_E_LIMIT, 0},
    {{"socket"}, ENOBUFS, BOJAGI_E_MEMORY, 0},
    {{"socket"}, EAFNOSUPPORT, BOJAGI_E_UNSUPPORTED, 0},
    {{"socket"}, EACCES, BOJAGI_E_DENIED, 0},
    {{"socket", "eventfd", CONNECTS, "bind"},
     ENOMEM, BOJAGI_E_MEMORY, 0},
    {{"poll", "ppoll"}, ENOMEM, BOJAGI_E_MEMORY, ACCEPT_WAITS},
    {{"setsockopt"}, EIO, BOJAGI_E_OS, 0},
    /* What only asks, or puts back what was, may fail without harm. */
    {{"getsockopt", "getsockname", "fcntl"}, EIO, BOJAGI_E_OS, 1},
    {{"bind", "listen"}, EADDRINUSE, BOJAGI_E_IN_USE, 0},
    {{"bind"}, EACCES, BOJAGI_E_DENIED, 0},
    {{"shutdown"}, ENOBUFS, BOJAGI_E_MEMORY, 0},
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
    if (run.failures == 0 && (code == UNSEEN || answer->or_unseen || scenario->forgives))
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

/* The calls that a fault can strike, for whoever writes a scenario. */
static void list(const struct scenario *scenario)
{
    long index;
    size_t m;

    for (m = 0; m < sizeof modes / sizeof *modes; m++) {
        inject_count();
        go(scenario, &modes[m], 1, AMOUNT);
        printf("%s, %s:", scenario->name, modes[m].name);
        for (index = 0; inject_call(index) != NULL; index++)
            printf(" %ld %s,", index, inject_call(index));
        printf("\n");
    }
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
        if (argc > 2 && strcmp(argv[1], "calls") == 0) {
            list(&scenarios[s]);
            continue;
        }
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
