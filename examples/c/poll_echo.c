/* cc -std=c99 poll_echo.c -lbojagi -o poll_echo && ./poll_echo 7000
 * Sends all its clients their own bytes back, on one thread. Port 0 lets the
 * system choose. Ends on SIGTERM and SIGINT. */
#include "echo.h"
#include "show.h"
#include <signal.h>
#include <stdlib.h>

static bojagi_poller *poller;  /* never freed: a second signal may still come */
static int full;     /* somebody waits for whom there was no descriptor left */
static void end(int number) { (void)number; bojagi_poller_wake(poller); }

/* Takes all who have come. */
static int64_t welcome(bojagi_listener *listener)
{
    bojagi_socket *socket = NULL;
    int64_t n = 0;
    while (n == 0) {
        n = bojagi_listener_accept(listener, 0, &socket);
        if (n == 0)
            n = join(poller, socket);
    }
    full = n == BOJAGI_E_LIMIT;
    return full || n == BOJAGI_E_AGAIN ? 0 : n;
}

int main(int argc, char **argv)
{
    unsigned port = argc > 1 ? (unsigned)atoi(argv[1]) : 0;
    bojagi_listener *listener = NULL;
    bojagi_event events[64];
    int64_t i, count, running = 1, n = bojagi_poller_new(&poller);
    if (signal(SIGTERM, end) == SIG_ERR || signal(SIGINT, end) == SIG_ERR)
        n = BOJAGI_E_OS;
    if (n >= 0) n = bojagi_tcp_listen("127.0.0.1", port, NULL, &listener);
    if (n >= 0) n = bojagi_poller_add(poller, bojagi_listener_fd(listener),
        BOJAGI_READABLE, 0);
    if (n >= 0) n = show_address(listener);
    while (n >= 0 && running) {
        count = n = bojagi_poller_wait(poller, events, 64, -1);
        for (i = 0; i < count && n >= 0; i++)
            if (events[i].events == BOJAGI_WOKEN)
                running = 0;
            else if (events[i].token == 0)
                n = welcome(listener);
            else
                echo(poller, (struct client *)(uintptr_t)events[i].token);
        if (n >= 0 && full)   /* no news of the listener; one may be gone */
            n = welcome(listener);
    }
    while (clients != NULL)
        leave(poller, clients);
    bojagi_listener_free(listener);
    return n < 0 ? show_error("poll_echo", n) : 0;
}
