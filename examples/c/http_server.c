/* cc -std=c99 http_server.c -lbojagi -o http_server && ./http_server [-v] PORT
 * GET gets a page, POST its body, one connection after the other. Port 0 lets
 * the system choose. Ends on SIGTERM and SIGINT. */
#include "answer.h"
#include <signal.h>
#include <stdlib.h>
static unsigned char in[262144], text[65536];
static bojagi_cancel *stop;   /* never freed: a second signal may still come */
static void end(int number) { (void)number; bojagi_cancel_fire(stop); }

/* 1: another exchange may follow; 0: the connection is done; else a code. */
static int64_t serve(bojagi_socket *socket, bojagi_buffer *buffer)
{
    static bojagi_field fields[256];
    size_t held = buffer->end - buffer->next, len = 0;
    bojagi_rules rules;
    bojagi_head head;
    bojagi_body body;
    bojagi_rules_init(&rules);
    rules.body_max = sizeof text;
    bojagi_head_init(&head, &rules);
    int64_t n = bojagi_socket_recv_request(socket, buffer, &head, fields,
        256, 5000);
    show_received(buffer, buffer->start, held);
    if (n <= 0 || (n = answer_continue(socket, &head)) < 0)
        return n < 0 ? answer_fault(socket, n, &head.fault) : 0;
    bojagi_body_init(&body, &head);
    do {
        if ((n = show_recv_body(socket, buffer, &body)) < 0)
            return answer_fault(socket, n, &body.fault);
        memcpy(text + len, buffer->data + buffer->body, (size_t)n);
        len += (size_t)n;
    } while (body.state != BOJAGI_BODY_DONE);
    show_decoded(buffer, &head, &body);
    return answer_request(socket, &head, text, len);
}

int main(int argc, char **argv)
{
    unsigned port = argc > 1 ? (unsigned)atoi(argv[argc - 1]) : 0;
    bojagi_listener *listener = NULL;
    int64_t n = bojagi_cancel_new(&stop);
    show_start("server", argc > 2 && strcmp(argv[1], "-v") == 0);
    if (signal(SIGTERM, end) == SIG_ERR || signal(SIGINT, end) == SIG_ERR)
        n = BOJAGI_E_OS;
    if (n >= 0) n = bojagi_tcp_listen("127.0.0.1", port, NULL, &listener);
    if (n >= 0) n = bojagi_listener_set_cancel(listener, stop);
    if (n >= 0) n = show_address(listener);
    for (bojagi_socket *socket; n >= 0; bojagi_socket_free(socket)) {
        bojagi_buffer buffer;
        bojagi_buffer_init(&buffer, in, sizeof in);
        if ((n = bojagi_listener_accept(listener, -1, &socket)) < 0)
            break;
        n = bojagi_socket_set_cancel(socket, stop);
        while (n >= 0 && serve(socket, &buffer) > 0) {}
        answer_last(socket);
    }
    bojagi_listener_free(listener);
    return n == BOJAGI_E_CANCELLED ? 0 : show_error("http_server", n);
}
