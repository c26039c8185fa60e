/* What tests/strace.sh counts: N exchanges over one kept-alive connection, the
 * client in this process and the server in its child.
 * ./kept_alive N, with a mark on stderr before the first and after the last. */
#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include <sys/wait.h>
#include <unistd.h>

static const char reply[] =
    "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nHello there!";

static int64_t next_head(bojagi_socket *socket, bojagi_buffer *buffer,
                         bojagi_head *head, uint32_t request_method)
{
    bojagi_field fields[16];

    bojagi_head_reset(head);
    if (request_method != BOJAGI_METHOD_OTHER)
        return bojagi_socket_recv_response(socket, buffer, head, fields, 16,
                                           request_method, SOON);
    return bojagi_socket_recv_request(socket, buffer, head, fields, 16, SOON);
}

static void serve(bojagi_socket *socket)
{
    unsigned char room[4096];
    bojagi_buffer buffer;
    bojagi_head head;

    bojagi_buffer_init(&buffer, room, sizeof room);
    bojagi_head_init(&head, NULL);
    while (GOOD(next_head(socket, &buffer, &head, BOJAGI_METHOD_OTHER)) > 0)
        GOOD(bojagi_socket_send_all(socket, reply, sizeof reply - 1, SOON,
                                    NULL));
}

static void exchange(bojagi_socket *socket, bojagi_buffer *buffer,
                     bojagi_head *head)
{
    const bojagi_field_line host = {NULL, 0, "x", 1, BOJAGI_FIELD_HOST, 0};
    bojagi_body body;
    char out[256];
    int64_t len = GOOD(bojagi_request_encode(out, sizeof out, "GET", 3, "/", 1,
                                             &host, 1, NULL));

    GOOD(bojagi_socket_send_all(socket, out, (size_t)len, SOON, NULL));
    CHECK(GOOD(next_head(socket, buffer, head, BOJAGI_METHOD_GET)) > 0);
    bojagi_body_init(&body, head);
    EXPECT(12, bojagi_socket_recv_body(socket, buffer, &body, NULL, 0, SOON));
    CHECK(body.state == BOJAGI_BODY_DONE);
    CHECK(memcmp(buffer->data + buffer->body, "Hello there!", 12) == 0);
}

static void mark(const char *text)
{
    CHECK(write(2, text, strlen(text)) == (ssize_t)strlen(text));
}

int main(int argc, char **argv)
{
    int i, count = argc > 1 ? atoi(argv[1]) : 1, status;
    unsigned char room[4096];
    bojagi_buffer buffer;
    bojagi_head head;
    struct pair pair;
    pid_t child;

    pair_make(&pair);
    child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        bojagi_socket_free(pair.client);
        pair.client = NULL;
        serve(pair.server);
        pair_free(&pair);
        _exit(0);
    }
    bojagi_buffer_init(&buffer, room, sizeof room);
    bojagi_head_init(&head, NULL);
    exchange(pair.client, &buffer, &head);    /* the budgets are set once */
    mark("<begin>\n");
    for (i = 0; i < count; i++)
        exchange(pair.client, &buffer, &head);
    mark("<end>\n");
    GOOD(bojagi_socket_shutdown(pair.client, BOJAGI_SHUTDOWN_SEND));
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    pair_free(&pair);
    return 0;
}
