/* cc -std=c99 http_get.c -lbojagi && ./a.out [-v] [-d DATA] URL
 * GETs http://host:port/path, or POSTs DATA to it, and prints the body. */
#include "show.h"
#include "url.h"
static int64_t send_request(bojagi_socket *socket, const struct url *url)
{
    static char out[131072];
    size_t body = strlen(url->data), target_len = strlen(url->target);
    size_t count = strcmp(url->method, "GET") ? 2 : 1;
    bojagi_field_line fields[] = {
        {"Host", 4, url->site, strlen(url->site), 0, 0},
        {"Content-Length", 14, url->size, strlen(url->size), 0, 0}};
    int64_t len = bojagi_request_encode(out, sizeof out, url->method,
        strlen(url->method), url->target, target_len, fields, count, NULL);
    if (len < 0) return len;
    memcpy(out + len, url->data, body);
    show_message("encode", url->method, url->target, target_len, count, body);
    show_bytes("send", out, (size_t)len + body);
    return bojagi_socket_send_all(socket, out, (size_t)len + body, 10000, NULL);
}

static int64_t recv_response(bojagi_socket *socket, uint32_t method)
{
    static unsigned char in[131072];
    bojagi_field fields[256];
    bojagi_buffer buffer;
    bojagi_head head;
    bojagi_body body;
    int64_t n;
    bojagi_buffer_init(&buffer, in, sizeof in);
    do {    /* a 1xx comes before the response proper */
        size_t held = buffer.end - buffer.next;
        bojagi_head_init(&head, NULL);
        n = bojagi_socket_recv_response(socket, &buffer, &head, fields, 256,
                                        method, 10000);
        show_received(&buffer, buffer.start, held);
    } while (n > 0 && head.status < 200 && head.status != 101);
    if (n <= 0) return n < 0 ? n : BOJAGI_E_CLOSED;
    bojagi_body_init(&body, &head);
    do {
        if ((n = show_recv_body(socket, &buffer, &body)) < 0)
            return n;
        fwrite(in + buffer.body, 1, (size_t)n, stdout);
    } while (body.state != BOJAGI_BODY_DONE);
    show_decoded(&buffer, &head, &body);
    return fflush(stdout) == 0 ? 0 : BOJAGI_E_OS;
}

int main(int argc, char **argv)
{
    bojagi_socket *socket = NULL;
    struct url url;
    if (!url_parse(&url, argc, argv)) return 2;
    show_start("client", url.verbose);
    int64_t n = bojagi_tcp_connect(url.host, url.port, NULL, 10000, &socket);
    if (n >= 0 && (n = send_request(socket, &url)) >= 0)
        n = recv_response(socket, url.method_id);
    bojagi_socket_free(socket);
    return n < 0 ? show_error(url.site, n) : 0;
}
