/* What tests/install.sh builds outside the tree: the library of the header is
 * the one that runs, a socket reaches a socket, a head comes out as encoded. */
#include <bojagi.h>
#include <stdio.h>

int main(void)
{
    static const char host[] = "localhost";
    bojagi_field_line line = {NULL, 0, host, 9, BOJAGI_FIELD_HOST, 0};
    bojagi_listener *listener = NULL;
    bojagi_socket *client = NULL, *server = NULL;
    bojagi_address local;
    bojagi_head head;
    bojagi_field field;
    char out[256], in[256];
    int64_t sent, got = 0;
    int result = 1;

    if (!BOJAGI_VERSION_MATCHES())
        return 1;
    bojagi_head_init(&head, NULL);
    sent = bojagi_request_encode(out, sizeof out, "GET", 3, "/", 1, &line, 1,
                                 NULL);
    if (sent > 0 &&
        bojagi_tcp_listen("127.0.0.1", 0, NULL, &listener) >= 0 &&
        bojagi_listener_local(listener, &local) >= 0 &&
        bojagi_tcp_connect("127.0.0.1", (uint32_t)bojagi_address_port(&local),
                           NULL, 20000, &client) >= 0 &&
        bojagi_listener_accept(listener, 20000, &server) >= 0 &&
        bojagi_socket_send_all(client, out, (size_t)sent, 20000, NULL) >= 0)
        got = bojagi_socket_recv_exact(server, in, (size_t)sent, 20000, NULL);
    if (got >= 0 && sent > 0 &&
        bojagi_request_decode(&head, &field, 1, in, (size_t)sent) == sent &&
        field.id == BOJAGI_FIELD_HOST) {
        printf("bojagi %s answered itself\n", bojagi_version_text());
        result = 0;
    }
    bojagi_socket_free(client);
    bojagi_socket_free(server);
    bojagi_listener_free(listener);
    return result;
}
