/* Level 1 from C: what the header promises of sockets. */
#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char place[] = "/tmp/bojagi-c-XXXXXX";

static void bytes_go_both_ways_and_ends_are_seen(void)
{
    struct pair pair;
    char data[64];
    size_t done = 99;

    pair_make(&pair);
    EXPECT(4, bojagi_socket_send(pair.client, "ping", 4, SOON));
    EXPECT(4, bojagi_socket_recv(pair.server, data, sizeof data, SOON));
    CHECK(memcmp(data, "ping", 4) == 0);
    pair_say(pair.server, "pong!", 5);
    GOOD(bojagi_socket_recv_exact(pair.client, data, 4, SOON, &done));
    CHECK(done == 4 && memcmp(data, "pong", 4) == 0);
    EXPECT(BOJAGI_E_CLOSED,
           bojagi_socket_recv_exact(pair.client, data, 4, SOON, &done));
    CHECK(done == 1 && data[0] == '!');
    EXPECT(0, bojagi_socket_recv(pair.client, data, sizeof data, SOON));
    /* The other half is still open. */
    GOOD(bojagi_socket_send(pair.client, "x", 1, SOON));
    EXPECT(1, bojagi_socket_recv(pair.server, data, sizeof data, SOON));
    pair_free(&pair);
}

static void send_all_says_how_far_it_got(void)
{
    static char much[1 << 24];
    struct pair pair;
    size_t done = 0;

    pair_make(&pair);
    EXPECT(BOJAGI_E_TIMEOUT,
           bojagi_socket_send_all(pair.client, much, sizeof much, 30, &done));
    CHECK(done > 0 && done < sizeof much);
    while (bojagi_socket_send(pair.client, much, sizeof much, 0) > 0) {}
    EXPECT(BOJAGI_E_AGAIN,
           bojagi_socket_send(pair.client, much, sizeof much, 0));
    pair_free(&pair);
}

static void budgets_are_kept(void)
{
    struct pair pair;
    char data[4];
    int64_t began, took, deadline;

    pair_make(&pair);
    EXPECT(BOJAGI_E_AGAIN, bojagi_socket_recv(pair.client, data, 4, 0));
    began = bojagi_deadline_after(0);
    EXPECT(BOJAGI_E_TIMEOUT, bojagi_socket_recv(pair.client, data, 4, 60));
    took = bojagi_deadline_after(0) - began;
    CHECK(took >= 59 && took < SOON);
    EXPECT(BOJAGI_E_ARG, bojagi_socket_recv(pair.client, data, 4, -2));

    deadline = bojagi_deadline_after(40);
    EXPECT(BOJAGI_E_TIMEOUT, bojagi_socket_recv(pair.client, data, 4,
                                 bojagi_deadline_left(deadline)));
    EXPECT(0, bojagi_deadline_left(deadline));
    EXPECT(BOJAGI_E_AGAIN, bojagi_socket_recv(pair.client, data, 4,
                               bojagi_deadline_left(deadline)));
    EXPECT(-1, bojagi_deadline_left(bojagi_deadline_after(-1)));
    EXPECT(BOJAGI_E_ARG, bojagi_socket_recv(pair.client, data, 4,
                             bojagi_deadline_left(bojagi_deadline_after(-7))));

    EXPECT(BOJAGI_E_AGAIN,
           bojagi_listener_accept(pair.listener, 0, &pair.server));
    EXPECT(BOJAGI_E_TIMEOUT,
           bojagi_listener_accept(pair.listener, 30, &pair.server));
    pair_free(&pair);
}

static void *fire(void *cancel)
{
    GOOD(bojagi_cancel_fire(cancel));
    return NULL;
}

static void cancel_ends_a_call_from_another_thread(void)
{
    struct pair pair;
    bojagi_cancel *cancel;
    pthread_t thread;
    char data[4];

    pair_make(&pair);
    GOOD(bojagi_cancel_new(&cancel));
    EXPECT(0, bojagi_cancel_fired(cancel));
    GOOD(bojagi_socket_set_cancel(pair.client, cancel));
    CHECK(pthread_create(&thread, NULL, fire, cancel) == 0);
    EXPECT(BOJAGI_E_CANCELLED, bojagi_socket_recv(pair.client, data, 4, SOON));
    CHECK(pthread_join(thread, NULL) == 0);
    EXPECT(1, bojagi_cancel_fired(cancel));
    EXPECT(BOJAGI_E_CANCELLED, bojagi_socket_recv(pair.client, data, 4, -1));

    GOOD(bojagi_cancel_reset(cancel));
    GOOD(bojagi_socket_send(pair.server, "on", 2, SOON));
    EXPECT(2, bojagi_socket_recv(pair.client, data, 4, SOON));
    GOOD(bojagi_cancel_fire(cancel));
    GOOD(bojagi_listener_set_cancel(pair.listener, cancel));
    EXPECT(BOJAGI_E_CANCELLED,
           bojagi_listener_accept(pair.listener, -1, &pair.server));
    GOOD(bojagi_socket_set_cancel(pair.client, NULL));
    EXPECT(BOJAGI_E_AGAIN, bojagi_socket_recv(pair.client, data, 4, 0));
    bojagi_cancel_free(cancel);     /* before the listener that it serves */
    pair_free(&pair);
}

static bojagi_cancel *on_alarm_fire;
static volatile sig_atomic_t alarms;

static void on_alarm(int number)
{
    (void)number;
    alarms++;
    errno = E2BIG;
    if (on_alarm_fire != NULL) {
        if (bojagi_cancel_fire(on_alarm_fire) < 0 || errno != E2BIG)
            abort();
    }
}

/* SIGALRM again and again, so that no signal can be missed. */
static void alarm_every(timer_t timer, long ms)
{
    struct itimerspec when;

    memset(&when, 0, sizeof when);
    when.it_value.tv_nsec = when.it_interval.tv_nsec = ms * 1000000;
    CHECK(timer_settime(timer, 0, &when, NULL) == 0);
}

static void signals_cancel_interrupt_or_are_passed_over(void)
{
    bojagi_connect_options options;
    struct sigaction action;
    struct pair pair;
    bojagi_socket *socket;
    timer_t timer;
    char data[4];

    memset(&action, 0, sizeof action);
    action.sa_handler = on_alarm;
    CHECK(sigaction(SIGALRM, &action, NULL) == 0);
    CHECK(timer_create(CLOCK_MONOTONIC, NULL, &timer) == 0);
    pair_make(&pair);
    bojagi_connect_options_init(&options);
    options.flags = BOJAGI_INTERRUPTIBLE;
    GOOD(bojagi_tcp_connect("127.0.0.1", pair.port, &options, SOON, &socket));

    alarm_every(timer, 20);
    EXPECT(BOJAGI_E_TIMEOUT, bojagi_socket_recv(pair.client, data, 4, 150));
    CHECK(alarms > 0);
    EXPECT(BOJAGI_E_INTERRUPTED, bojagi_socket_recv(socket, data, 4, SOON));

    GOOD(bojagi_cancel_new(&on_alarm_fire));
    GOOD(bojagi_socket_set_cancel(pair.client, on_alarm_fire));
    EXPECT(BOJAGI_E_CANCELLED, bojagi_socket_recv(pair.client, data, 4, SOON));

    alarm_every(timer, 0);
    CHECK(timer_delete(timer) == 0);
    bojagi_socket_free(socket);
    pair_free(&pair);
    bojagi_cancel_free(on_alarm_fire);
    on_alarm_fire = NULL;
}

static void datagrams_keep_their_bounds(void)
{
    bojagi_socket *bound, *client;
    bojagi_address local, from, client_at;
    bojagi_error error;
    char data[8];

    GOOD(bojagi_udp_bind("127.0.0.1", 0, NULL, &bound));
    GOOD(bojagi_socket_local(bound, &local));
    GOOD(bojagi_udp_connect("127.0.0.1", (uint32_t)bojagi_address_port(&local),
                            NULL, SOON, &client));
    GOOD(bojagi_socket_local(client, &client_at));

    EXPECT(3, bojagi_socket_send(client, "one", 3, SOON));
    EXPECT(0, bojagi_socket_send(client, NULL, 0, SOON));
    EXPECT(20, bojagi_socket_send(client, "twenty bytes of data", 20, SOON));
    EXPECT(3, bojagi_socket_recv_from(bound, data, 8, SOON, &from));
    EXPECT(bojagi_address_port(&client_at), bojagi_address_port(&from));
    EXPECT(0, bojagi_socket_recv_from(bound, data, 8, SOON, &from));
    EXPECT(bojagi_address_port(&client_at), bojagi_address_port(&from));
    EXPECT(BOJAGI_E_SPACE, bojagi_socket_recv_from(bound, data, 8, SOON, &from));
    CHECK(memcmp(data, "twenty b", 8) == 0);
    EXPECT(bojagi_address_port(&client_at), bojagi_address_port(&from));
    bojagi_error_init(&error);
    GOOD(bojagi_error_last(&error));
    CHECK(error.code == BOJAGI_E_SPACE && error.offset == 20);

    EXPECT(2, bojagi_socket_send_to(bound, "ok", 2, &from, SOON));
    EXPECT(2, bojagi_socket_recv(client, data, 8, SOON));
    bojagi_socket_free(bound);
    bojagi_socket_free(client);
}

static void unix_sockets_carry_bytes(const char *path)
{
    bojagi_listener *listener, *second = NULL;
    bojagi_socket *client, *server;
    bojagi_address local;
    struct stat about;
    char text[140], data[4];

    GOOD(bojagi_unix_listen(path, NULL, &listener));
    EXPECT(BOJAGI_E_IN_USE, bojagi_unix_listen(path, NULL, &second));
    CHECK(second == NULL);
    GOOD(bojagi_listener_local(listener, &local));
    EXPECT(BOJAGI_FAMILY_UNIX, bojagi_address_family(&local));
    EXPECT(BOJAGI_E_UNSUPPORTED, bojagi_address_port(&local));
    EXPECT((int64_t)strlen(path),
           bojagi_address_host(&local, text, sizeof text));
    CHECK(strcmp(text, path) == 0);
    GOOD(bojagi_unix_connect(path, NULL, SOON, &client));
    GOOD(bojagi_listener_accept(listener, SOON, &server));
    EXPECT(2, bojagi_socket_send(client, "hi", 2, SOON));
    EXPECT(2, bojagi_socket_recv(server, data, 4, SOON));
    bojagi_listener_free(listener);
    CHECK(path[0] == '@' || stat(path, &about) != 0);
    EXPECT(BOJAGI_E_REFUSED, bojagi_unix_connect(path, NULL, SOON, &client));
    bojagi_socket_free(client);
    bojagi_socket_free(server);
}

static void unix_datagrams_carry_bytes(void)
{
    bojagi_socket *bound, *client, *unnamed;
    bojagi_address to, from;
    char path[64], data[8];

    sprintf(path, "%s/datagram", place);
    GOOD(bojagi_unix_datagram_bind(path, NULL, &bound));
    GOOD(bojagi_unix_datagram_connect(path, NULL, &client));
    GOOD(bojagi_unix_datagram_bind(NULL, NULL, &unnamed));
    GOOD(bojagi_address_unix(path, &to));
    EXPECT(2, bojagi_socket_send(client, "hi", 2, SOON));
    EXPECT(2, bojagi_socket_recv_from(bound, data, 8, SOON, &from));
    EXPECT(BOJAGI_FAMILY_NONE, bojagi_address_family(&from));
    EXPECT(3, bojagi_socket_send_to(unnamed, "hey", 3, &to, SOON));
    EXPECT(3, bojagi_socket_recv(bound, data, 8, SOON));
    bojagi_socket_free(client);
    bojagi_socket_free(unnamed);
    bojagi_socket_free(bound);
}

static void descriptors_go_in_and_out(void)
{
    bojagi_socket *left, *right;
    struct pair pair;
    char data[4];
    int fd[2];

    pair_make(&pair);
    CHECK(fcntl((int)GOOD(bojagi_socket_fd(pair.client)), F_GETFD) & FD_CLOEXEC);
    CHECK(fcntl((int)GOOD(bojagi_socket_fd(pair.server)), F_GETFD) & FD_CLOEXEC);
    CHECK(fcntl((int)GOOD(bojagi_listener_fd(pair.listener)), F_GETFD)
          & FD_CLOEXEC);
    pair_free(&pair);

    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, fd) == 0);
    GOOD(bojagi_socket_from_fd(fd[0], NULL, &left));
    GOOD(bojagi_socket_from_fd(fd[1], NULL, &right));
    EXPECT(fd[0], bojagi_socket_fd(left));
    EXPECT(3, bojagi_socket_send(left, "abc", 3, SOON));
    EXPECT(3, bojagi_socket_recv(right, data, 4, SOON));
    bojagi_socket_free(left);
    bojagi_socket_free(right);
    CHECK(fcntl(fd[0], F_GETFD) == -1 && fcntl(fd[1], F_GETFD) == -1);
}

static void addresses_are_read_and_written(void)
{
    bojagi_address address, many[8];
    char text[64];

    GOOD(bojagi_address_parse("127.0.0.1", 80, &address));
    EXPECT(BOJAGI_FAMILY_IPV4, bojagi_address_family(&address));
    EXPECT(12, bojagi_address_format(&address, NULL, 0));
    EXPECT(BOJAGI_E_SPACE, bojagi_address_format(&address, text, 12));
    EXPECT(12, bojagi_address_format(&address, text, 13));
    CHECK(strcmp(text, "127.0.0.1:80") == 0);
    GOOD(bojagi_address_parse("[::1]", 443, &address));
    EXPECT(443, bojagi_address_port(&address));
    GOOD(bojagi_address_format(&address, text, sizeof text));
    CHECK(strcmp(text, "[::1]:443") == 0);
    GOOD(bojagi_address_host(&address, text, sizeof text));
    CHECK(strcmp(text, "::1") == 0);
    EXPECT(BOJAGI_E_ARG, bojagi_address_parse("localhost", 80, &address));
    EXPECT(BOJAGI_E_ARG, bojagi_address_parse("127.0.0.1", 65536, &address));
    CHECK(bojagi_resolve("localhost", 80, NULL, SOON, many, 8) >= 1);
    EXPECT(1, bojagi_resolve("127.0.0.1", 80, NULL, 0, many, 8));
}

static void a_child_may_free_handles_after_fork(void)
{
    struct pair pair;
    char data[4];
    int status;
    pid_t child;

    pair_make(&pair);
    child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        pair_free(&pair);
        _exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    EXPECT(2, bojagi_socket_send(pair.client, "hi", 2, SOON));
    EXPECT(2, bojagi_socket_recv(pair.server, data, 4, SOON));
    pair_free(&pair);
}

int main(void)
{
    char path[64];

    CHECK(BOJAGI_VERSION_MATCHES());
    CHECK(mkdtemp(place) != NULL);
    a_child_may_free_handles_after_fork();    /* while there is no other thread */
    bytes_go_both_ways_and_ends_are_seen();
    send_all_says_how_far_it_got();
    budgets_are_kept();
    cancel_ends_a_call_from_another_thread();
    signals_cancel_interrupt_or_are_passed_over();
    datagrams_keep_their_bounds();
    sprintf(path, "%s/stream", place);
    unix_sockets_carry_bytes(path);
    sprintf(path, "@%s", place + 5);
    unix_sockets_carry_bytes(path);
    unix_datagrams_carry_bytes();
    descriptors_go_in_and_out();
    addresses_are_read_and_written();
    CHECK(rmdir(place) == 0);
    return 0;
}
