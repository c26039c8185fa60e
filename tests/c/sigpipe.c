/* A host that has left SIGPIPE as it is sends twice to a closed peer and
 * lives: the library sends without the signal. */
#include "check.h"

#include <signal.h>

int main(void)
{
    struct pair pair;
    char byte;
    int64_t n = 0;
    int i;

    CHECK(signal(SIGPIPE, SIG_DFL) != SIG_ERR);
    pair_make(&pair);
    bojagi_socket_free(pair.server);
    pair.server = NULL;
    /* The peer's end is in once this returns. */
    EXPECT(0, bojagi_socket_recv(pair.client, &byte, 1, SOON));
    /* The first send is answered by a reset, the next finds it. */
    for (i = 0; i < 1000 && n >= 0; i++)
        n = bojagi_socket_send(pair.client, "x", 1, SOON);
    CHECK(i >= 2 && (n == BOJAGI_E_CLOSED || n == BOJAGI_E_RESET));
    n = bojagi_socket_send_all(pair.client, "x", 1, SOON, NULL);
    CHECK(n == BOJAGI_E_CLOSED || n == BOJAGI_E_RESET);
    pair_free(&pair);
    return 0;
}
