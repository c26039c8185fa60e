/* cc -std=c99 tcp_echo.c -lbojagi -o tcp_echo
 * ./tcp_echo serve 7000 & ./tcp_echo 7000 WORD...  (port 0: the system chooses)
 * A protocol of one's own: two bytes of length, then that many of text. The
 * server sends one client's texts back to it, and ends when the client does. */
#include "show.h"
#include <stdlib.h>

static int64_t put(bojagi_socket *socket, const void *text, size_t len)
{
    static unsigned char frame[2 + 65535];
    if (len > 65535)
        return BOJAGI_E_ARG;
    frame[0] = (unsigned char)(len >> 8);
    frame[1] = (unsigned char)(len & 255);
    memcpy(frame + 2, text, len);
    return bojagi_socket_send_all(socket, frame, 2 + len, 5000, NULL);
}

/* The length of the text that came in; CLOSED when the peer has ended. */
static int64_t take(bojagi_socket *socket, char *text)
{
    unsigned char size[2];
    int64_t n = bojagi_socket_recv_exact(socket, size, 2, 5000, NULL);
    size_t len = n < 0 ? 0 : (size_t)size[0] << 8 | size[1];
    if (len > 0)
        n = bojagi_socket_recv_exact(socket, text, len, 5000, NULL);
    return n < 0 ? n : (int64_t)len;
}

int main(int argc, char **argv)
{
    static char text[65535];
    int serve = argc == 3 && strcmp(argv[1], "serve") == 0;
    unsigned port = argc < 3 ? 65536 : (unsigned)atoi(argv[1 + serve]);
    bojagi_listener *listener = NULL;
    bojagi_socket *socket = NULL;
    int64_t n;
    if (!serve) {
        n = bojagi_tcp_connect("127.0.0.1", port, NULL, 5000, &socket);
        for (int i = 2; i < argc && n >= 0; i++)
            if ((n = put(socket, argv[i], strlen(argv[i]))) >= 0 &&
                (n = take(socket, text)) >= 0)
                printf("%.*s\n", (int)n, text);
        goto done;
    }
    n = bojagi_tcp_listen("127.0.0.1", port, NULL, &listener);
    if (n < 0 || (n = show_address(listener)) < 0)
        goto done;
    n = bojagi_listener_accept(listener, -1, &socket);
    while (n >= 0 && (n = take(socket, text)) >= 0)
        n = put(socket, text, (size_t)n);
    n = n == BOJAGI_E_CLOSED ? 0 : n;
done:
    bojagi_socket_free(socket);
    bojagi_listener_free(listener);
    return n < 0 ? show_error("tcp_echo", n) : 0;
}
