/* The answers of http_server: text, always with its length. */
#ifndef ANSWER_H
#define ANSWER_H

#include "show.h"

/* Sends the answer to the request that `head` is of. 1: the connection may go
 * on; 0: close it, as after every error; else a code. */
static inline int64_t answer(bojagi_socket *socket, const bojagi_head *head,
                             unsigned status, const void *text, size_t len)
{
    static unsigned char out[131072];
    int keep = status < 400 && (head->flags & BOJAGI_HEAD_KEEP_ALIVE) != 0;
    const char *reason = bojagi_status_phrase(status);
    char code[16], size[24];
    bojagi_field_line fields[3] = {
        {"Content-Type", 12, "text/plain", 10, 0, 0},
        {"Content-Length", 14, NULL, 0, 0, 0},
        {"Connection", 10, "close", 5, 0, 0}
    };
    int64_t n;

    sprintf(code, "%u", status);
    fields[1].value_len = (size_t)sprintf(size, "%lu", (unsigned long)len);
    fields[1].value = size;
    if (keep) {
        fields[2].value = "keep-alive";
        fields[2].value_len = 10;
    }
    n = bojagi_response_encode(out, sizeof out, status, reason, strlen(reason),
                               fields, 3, NULL);
    if (n < 0)
        return n;
    if (head->method_id == BOJAGI_METHOD_HEAD)
        len = 0;    /* the fields speak of the page, which is not sent */
    if (len > sizeof out - (size_t)n)
        return BOJAGI_E_SPACE;
    memcpy(out + n, text, len);
    show_message("encode", code, reason, strlen(reason), 3, len);
    show_bytes("send", out, (size_t)n + len);
    n = bojagi_socket_send_all(socket, out, (size_t)n + len, 5000, NULL);
    return n < 0 ? n : keep;
}

/* What this server has to say: a page to GET and HEAD, its body to POST. */
static inline int64_t answer_request(bojagi_socket *socket,
                                     const bojagi_head *head,
                                     const void *body, size_t len)
{
    static const char page[] = "Wrapped here, unwrapped there.\n";

    if (head->method_id == BOJAGI_METHOD_POST)
        return answer(socket, head, 200, body, len);
    if (head->method_id == BOJAGI_METHOD_GET ||
        head->method_id == BOJAGI_METHOD_HEAD)
        return answer(socket, head, 200, page, sizeof page - 1);
    return answer(socket, head, 405, "GET, HEAD or POST.\n", 19);
}

/* To a message that is at fault: the status that the codec gives. Where the
 * failure was none of the message's, there is nobody to answer. */
static inline int64_t answer_fault(bojagi_socket *socket, int64_t code,
                                   const bojagi_fault *fault)
{
    const char *why = bojagi_reason_text(fault->reason);
    bojagi_head none;

    bojagi_head_init(&none, NULL);
    if ((code == BOJAGI_E_SYNTAX || code == BOJAGI_E_LIMIT) && fault->status)
        return answer(socket, &none, fault->status, why, strlen(why));
    return code;
}

/* Tells a client that waits for it to go on with the body of its request. */
static inline int64_t answer_continue(bojagi_socket *socket,
                                      const bojagi_head *head)
{
    char out[64];
    int64_t n = 0;

    if (head->flags & BOJAGI_HEAD_EXPECT_CONTINUE) {
        n = bojagi_response_encode(out, sizeof out, 100, "Continue", 8, NULL, 0,
                                   NULL);
        if (n > 0) {
            show_message("encode", "100", "Continue", 8, 0, 0);
            show_bytes("send", out, (size_t)n);
            n = bojagi_socket_send_all(socket, out, (size_t)n, 5000, NULL);
        }
    }
    return n;
}

/* Lets the peer read the last answer: a close with bytes unread resets it. */
static inline void answer_last(bojagi_socket *socket)
{
    static char rest[65536];
    int64_t deadline = bojagi_deadline_after(1000), n;

    n = bojagi_socket_shutdown(socket, BOJAGI_SHUTDOWN_SEND);
    while (n >= 0) {
        n = bojagi_socket_recv(socket, rest, sizeof rest,
                               bojagi_deadline_left(deadline));
        if (n == 0)
            return;
    }
}

#endif
