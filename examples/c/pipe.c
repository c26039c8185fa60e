/* cc -std=c99 pipe.c -lbojagi -o pipe && ./pipe
 * HTTP without a socket: a client and a server in one process, two buffers
 * between them. What each may do next, its bojagi_connection says. */
#include "pipe.h"
#define LINE(name, value) {name, sizeof name - 1, value, sizeof value - 1, 0, 0}

/* A POST whose body waits for 100, a GET that closes, and one too many. */
static int64_t client_write(struct side *client)
{
    static const bojagi_field_line post[] = {LINE("Host", "pipe"),
        LINE("Expect", "100-continue"), LINE("Content-Length", "7")};
    static const bojagi_field_line last[] = {LINE("Host", "pipe"),
        LINE("Connection", "close")};
    static int count;
    char out[256];
    if (side_may(client, BOJAGI_MAY_WRITE_BODY))
        return side_may(client, BOJAGI_AWAITS_CONTINUE)
            ? 0 : side_send_body(client, "wrapped", 0);
    if (!side_may(client, BOJAGI_MAY_REUSE | BOJAGI_MUST_CLOSE))
        return 0;
    return side_send_head(client, out, count++ == 0
        ? bojagi_request_encode(out, sizeof out, "POST", 4, "/", 1, post, 3, 0)
        : bojagi_request_encode(out, sizeof out, "GET", 3, "/", 1, last, 2, 0));
}

/* 100 where it is awaited, else one answer to all, once the body is in. */
static int64_t server_write(struct side *server)
{
    static const bojagi_field_line fields[] = {
        LINE("Transfer-Encoding", "chunked"), LINE("Connection", "close")};
    char out[256];
    if (side_may(server, BOJAGI_AWAITS_CONTINUE))
        return side_send_head(server, out, bojagi_response_encode(out,
            sizeof out, 100, NULL, 0, NULL, 0, NULL));
    if (side_may(server, BOJAGI_MAY_WRITE_BODY))
        return side_send_body(server, "unwrapped", 1);
    if (side_may(server, BOJAGI_MAY_READ_BODY) ||
        !side_may(server, BOJAGI_MAY_WRITE_HEAD))
        return 0;
    return side_send_head(server, out, bojagi_response_encode(out, sizeof out,
        200, NULL, 0, fields,
        side_may(server, BOJAGI_MUST_SAY_CLOSE) ? 2 : 1, NULL));
}

int main(void)
{
    static struct pipe up, down;
    struct side client, server;
    int64_t n = side_init(&client, "client", BOJAGI_ROLE_CLIENT, &down, &up);
    if (n >= 0)
        n = side_init(&server, "server", BOJAGI_ROLE_SERVER, &up, &down);
    while (n >= 0)
        if ((n = side_read(&server, 1)) >= 0 && (n = server_write(&server)) >= 0
            && (n = side_read(&client, 0)) >= 0)
            n = client_write(&client);
    printf("client: %s\n", bojagi_reason_text(client.connection.fault.reason));
    return n != BOJAGI_E_STATE || !side_may(&server, BOJAGI_MUST_CLOSE) ||
        up.len + down.len != 0 || fflush(stdout) != 0;
}
