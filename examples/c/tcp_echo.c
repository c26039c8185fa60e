/* cc -std=c99 tcp_echo.c -lbojagi -o tcp_echo
 * ./tcp_echo serve 7000 & ./tcp_echo 7000 WORD...  (port 0: the system chooses)
 * A protocol of one's own: two bytes of length, then that many of text. The
 * server sends one client's texts back to it, and ends when the client does. */
#include "show.h"
#include <stdlib.h>

int main(int argc, char **argv)
{
    static unsigned char memory[2 + 65535];
    int serve = argc == 3 && strcmp(argv[1], "serve") == 0;
    unsigned port = argc < 3 ? 65536 : (unsigned)atoi(argv[1 + serve]);
    bojagi_listener *listener = NULL;
    bojagi_socket *socket = NULL;
    bojagi_frame_format texts;
    bojagi_buffer buffer;
    int64_t n;
    bojagi_frame_format_init(&texts, BOJAGI_FRAME_U16);
    bojagi_buffer_init(&buffer, memory, sizeof memory);
    if (!serve) {
        n = bojagi_tcp_connect("127.0.0.1", port, NULL, 5000, &socket);
        for (int i = 2; i < argc && n >= 0; i++)
            if ((n = bojagi_socket_send_frame(socket, &texts, argv[i],
                    strlen(argv[i]), 5000, NULL)) >= 0 &&
                (n = bojagi_socket_recv_frame(socket, &buffer, &texts,
                    5000)) >= 0)
                printf("%.*s\n", (int)n, buffer.data + buffer.body);
        goto done;
    }
    n = bojagi_tcp_listen("127.0.0.1", port, NULL, &listener);
    if (n < 0 || (n = show_address(listener)) < 0)
        goto done;
    n = bojagi_listener_accept(listener, -1, &socket);
    while (n >= 0 && (n = bojagi_socket_recv_frame(socket, &buffer, &texts,
        5000)) >= 0)
        n = bojagi_socket_send_frame(socket, &texts, buffer.data + buffer.body,
            (size_t)n, 5000, NULL);
    n = n == BOJAGI_E_CLOSED ? 0 : n;
done:
    bojagi_socket_free(socket);
    bojagi_listener_free(listener);
    return n < 0 ? show_error("tcp_echo", n) : 0;
}
