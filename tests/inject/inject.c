#include "inject.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <unistd.h>

#define REMEMBERED 4096
#define PASS 0
#define FAIL 1
#define SHORT 2

static struct {
    long index;
    const char *name;
    int error;
    int mixes;
    unsigned shorts, interrupts, agains;
    uint64_t random;
    long calls, strikes;
    const char *names[REMEMBERED];
} plan = {.index = -1};

static __thread int armed;

void inject_count(void)
{
    memset(&plan, 0, sizeof plan);
    plan.index = -1;
}

void inject_at(long index, const char *name, int error)
{
    inject_count();
    plan.index = index;
    plan.name = name;
    plan.error = error;
}

void inject_mix(uint64_t seed, unsigned shorts, unsigned interrupts,
                unsigned agains)
{
    inject_count();
    plan.mixes = 1;
    plan.random = seed * 2 + 1;
    plan.shorts = shorts;
    plan.interrupts = interrupts;
    plan.agains = agains;
}

void inject_arm(void) { armed = 1; }
void inject_disarm(void) { armed = 0; }
long inject_calls(void) { return plan.calls; }
long inject_strikes(void) { return plan.strikes; }

const char *inject_call(long index)
{
    return index >= 0 && index < REMEMBERED ? plan.names[index] : NULL;
}

static uint64_t draw(void)
{
    plan.random ^= plan.random << 13;
    plan.random ^= plan.random >> 7;
    plan.random ^= plan.random << 17;
    return plan.random;
}

/* What a call may suffer besides failing at its index. */
#define WAITS 1    /* EINTR */
#define MOVES 2    /* EAGAIN, and short when it is a stream */

static int fail(int error)
{
    plan.strikes++;
    errno = error;
    return FAIL;
}

static int mixed(int kinds)
{
    unsigned roll = (unsigned)(draw() % 1000);

    if (kinds & WAITS) {
        if (roll < plan.interrupts)
            return fail(EINTR);
        roll -= plan.interrupts;
    }
    if (kinds & MOVES) {
        if (roll < plan.agains)
            return fail(EAGAIN);
        roll -= plan.agains;
        if (roll < plan.shorts)
            return SHORT;
    }
    return PASS;
}

static int verdict(const char *name, int kinds)
{
    long number;

    if (!armed)
        return PASS;
    number = plan.calls++;
    if (number < REMEMBERED)
        plan.names[number] = name;
    if (plan.mixes)
        return mixed(kinds);
    if (number != plan.index || strcmp(name, plan.name) != 0)
        return PASS;
    if (plan.error == INJECT_SHORT)
        return SHORT;
    return fail(plan.error);
}

static void *next(const char *name)
{
    void *found = dlsym(RTLD_NEXT, name);

    if (found == NULL)
        abort();
    return found;
}

#define NEXT(name) ((__typeof__(&name))next(#name))

static int option(int fd, int which)
{
    int value = -1;
    socklen_t len = sizeof value;

    return NEXT(getsockopt)(fd, SOL_SOCKET, which, &value, &len) < 0 ? -1
                                                                     : value;
}

/* A datagram is never cut: nobody could tell that from another message. */
static size_t part(int fd, size_t len, int how)
{
    if (how != SHORT || len < 2 || option(fd, SO_TYPE) != SOCK_STREAM)
        return len;
    plan.strikes++;
    return plan.mixes ? 1 + draw() % (len - 1) : 1;
}

static size_t vectors(const struct msghdr *message, struct msghdr *cut,
                      struct iovec *first, int fd, int how)
{
    *cut = *message;
    if (message->msg_iovlen == 0)
        return 0;
    *first = message->msg_iov[0];
    first->iov_len = part(fd, first->iov_len, how);
    if (how == SHORT && option(fd, SO_TYPE) == SOCK_STREAM) {
        cut->msg_iov = first;
        cut->msg_iovlen = 1;
    }
    return first->iov_len;
}

ssize_t send(int fd, const void *data, size_t len, int flags)
{
    int how = verdict("send", WAITS | MOVES);

    return how == FAIL ? -1 : NEXT(send)(fd, data, part(fd, len, how), flags);
}

ssize_t recv(int fd, void *data, size_t len, int flags)
{
    int how = verdict("recv", WAITS | MOVES);

    return how == FAIL ? -1 : NEXT(recv)(fd, data, part(fd, len, how), flags);
}

ssize_t sendto(int fd, const void *data, size_t len, int flags,
               const struct sockaddr *to, socklen_t to_len)
{
    int how = verdict("sendto", WAITS | MOVES);

    return how == FAIL ? -1
                       : NEXT(sendto)(fd, data, part(fd, len, how), flags, to,
                                      to_len);
}

ssize_t recvfrom(int fd, void *data, size_t len, int flags,
                 struct sockaddr *from, socklen_t *from_len)
{
    int how = verdict("recvfrom", WAITS | MOVES);

    return how == FAIL ? -1
                       : NEXT(recvfrom)(fd, data, part(fd, len, how), flags,
                                        from, from_len);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    int how = verdict("sendmsg", WAITS | MOVES);
    struct msghdr cut;
    struct iovec first;

    if (how == FAIL)
        return -1;
    vectors(message, &cut, &first, fd, how);
    return NEXT(sendmsg)(fd, &cut, flags);
}

ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
    int how = verdict("recvmsg", WAITS | MOVES);
    struct iovec *vector = message->msg_iov, first;
    size_t count = message->msg_iovlen;
    struct msghdr cut;
    ssize_t got;

    if (how == FAIL)
        return -1;
    vectors(message, &cut, &first, fd, how);
    got = NEXT(recvmsg)(fd, &cut, flags);
    *message = cut;
    message->msg_iov = vector;
    message->msg_iovlen = count;
    return got;
}

/* Short: fewer messages, each whole. */
static unsigned fewer(unsigned count, int how)
{
    if (how != SHORT || count < 2)
        return count;
    plan.strikes++;
    return plan.mixes ? 1 + (unsigned)(draw() % (count - 1)) : 1;
}

int sendmmsg(int fd, struct mmsghdr *list, unsigned count, int flags)
{
    int how = verdict("sendmmsg", WAITS | MOVES);

    return how == FAIL ? -1
                       : NEXT(sendmmsg)(fd, list, fewer(count, how), flags);
}

int recvmmsg(int fd, struct mmsghdr *list, unsigned count, int flags,
             struct timespec *timeout)
{
    int how = verdict("recvmmsg", WAITS | MOVES);

    return how == FAIL ? -1
                       : NEXT(recvmmsg)(fd, list, fewer(count, how), flags,
                                        timeout);
}

ssize_t sendfile(int out, int in, off_t *offset, size_t count)
{
    int how = verdict("sendfile", WAITS | MOVES);

    return how == FAIL ? -1
                       : NEXT(sendfile)(out, in, offset, part(out, count, how));
}

ssize_t sendfile64(int out, int in, off64_t *offset, size_t count)
{
    int how = verdict("sendfile", WAITS | MOVES);

    return how == FAIL
               ? -1
               : NEXT(sendfile64)(out, in, offset, part(out, count, how));
}

ssize_t splice(int in, off64_t *in_at, int out, off64_t *out_at, size_t len,
               unsigned flags)
{
    int how = verdict("splice", WAITS | MOVES);

    return how == FAIL ? -1
                       : NEXT(splice)(in, in_at, out, out_at,
                                      part(out, len, how), flags);
}

/* A call that does not wait is not interrupted; one to a stream that is goes on by itself (connect(2)). */
static const char *connect_name(int fd, const struct sockaddr *to)
{
    if (option(fd, SO_TYPE) != SOCK_STREAM)
        return "connect datagram";
    if (NEXT(fcntl)(fd, F_GETFL) & O_NONBLOCK)
        return to->sa_family == AF_UNIX ? "connect unix no wait"
                                        : "connect stream no wait";
    return to->sa_family == AF_UNIX ? "connect unix" : "connect stream";
}

int connect(int fd, const struct sockaddr *to, socklen_t len)
{
    const char *name = connect_name(fd, to);
    int flags = NEXT(fcntl)(fd, F_GETFL);
    int is_stream = strcmp(name, "connect stream") == 0;
    int waits = is_stream || strcmp(name, "connect unix") == 0;

    if (verdict(name, waits ? WAITS : 0) != FAIL)
        return NEXT(connect)(fd, to, len);
    if (errno == EINTR && is_stream) {
        NEXT(fcntl)(fd, F_SETFL, flags | O_NONBLOCK);
        NEXT(connect)(fd, to, len);
        NEXT(fcntl)(fd, F_SETFL, flags);
        errno = EINTR;
    }
    return -1;
}

int accept4(int fd, struct sockaddr *from, socklen_t *len, int flags)
{
    return verdict("accept4", WAITS | MOVES) == FAIL
               ? -1
               : NEXT(accept4)(fd, from, len, flags);
}

int poll(struct pollfd *list, nfds_t count, int timeout)
{
    return verdict("poll", WAITS) == FAIL ? -1
                                          : NEXT(poll)(list, count, timeout);
}

int ppoll(struct pollfd *list, nfds_t count, const struct timespec *timeout,
          const sigset_t *mask)
{
    return verdict("ppoll", WAITS) == FAIL
               ? -1
               : NEXT(ppoll)(list, count, timeout, mask);
}

int epoll_wait(int fd, struct epoll_event *list, int count, int timeout)
{
    return verdict("epoll_wait", WAITS) == FAIL
               ? -1
               : NEXT(epoll_wait)(fd, list, count, timeout);
}

int epoll_create1(int flags)
{
    return verdict("epoll_create1", 0) == FAIL ? -1
                                               : NEXT(epoll_create1)(flags);
}

/* To remove what is there does not fail. */
int epoll_ctl(int fd, int what, int which, struct epoll_event *event)
{
    const char *name = what == EPOLL_CTL_DEL ? "epoll_ctl delete" : "epoll_ctl";

    return verdict(name, 0) == FAIL
               ? -1
               : NEXT(epoll_ctl)(fd, what, which, event);
}

int eventfd(unsigned count, int flags)
{
    return verdict("eventfd", 0) == FAIL ? -1 : NEXT(eventfd)(count, flags);
}

int timerfd_create(clockid_t clock, int flags)
{
    return verdict("timerfd_create", 0) == FAIL
               ? -1
               : NEXT(timerfd_create)(clock, flags);
}

int socketpair(int family, int kind, int protocol, int pair[2])
{
    return verdict("socketpair", 0) == FAIL
               ? -1
               : NEXT(socketpair)(family, kind, protocol, pair);
}

int pipe2(int pair[2], int flags)
{
    return verdict("pipe2", 0) == FAIL ? -1 : NEXT(pipe2)(pair, flags);
}

int socket(int family, int kind, int protocol)
{
    return verdict("socket", 0) == FAIL ? -1
                                        : NEXT(socket)(family, kind, protocol);
}

int bind(int fd, const struct sockaddr *at, socklen_t len)
{
    return verdict("bind", 0) == FAIL ? -1 : NEXT(bind)(fd, at, len);
}

int listen(int fd, int backlog)
{
    return verdict("listen", 0) == FAIL ? -1 : NEXT(listen)(fd, backlog);
}

int shutdown(int fd, int how)
{
    return verdict("shutdown", 0) == FAIL ? -1 : NEXT(shutdown)(fd, how);
}

int setsockopt(int fd, int level, int which, const void *value, socklen_t len)
{
    return verdict("setsockopt", 0) == FAIL
               ? -1
               : NEXT(setsockopt)(fd, level, which, value, len);
}

int getsockopt(int fd, int level, int which, void *value, socklen_t *len)
{
    return verdict("getsockopt", 0) == FAIL
               ? -1
               : NEXT(getsockopt)(fd, level, which, value, len);
}

int getsockname(int fd, struct sockaddr *at, socklen_t *len)
{
    return verdict("getsockname", 0) == FAIL ? -1
                                             : NEXT(getsockname)(fd, at, len);
}

int fcntl(int fd, int what, ...)
{
    va_list rest;
    long argument;

    va_start(rest, what);
    argument = va_arg(rest, long);
    va_end(rest);
    return verdict("fcntl", 0) == FAIL ? -1 : NEXT(fcntl)(fd, what, argument);
}
