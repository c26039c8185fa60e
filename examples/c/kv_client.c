/* cc -std=c99 kv_client.c -lbojagi -o kv_client
 * ./kv_client PORT [get KEY | set KEY VALUE | delete KEY | list]...
 * Talks to kv_server: as many requests as there are on the command line, over
 * one connection. A VALUE of - is standard input, whatever bytes it holds. */
#include "show.h"
#include <stdlib.h>

enum { FRAME = 32768 };
static unsigned char out[FRAME], in[FRAME + 4];
static bojagi_frame_format frames, keys;

/* Puts a request together; its length, or a code when it does not fit. */
static int64_t request(char letter, const char *key, const char *value)
{
    size_t len = strlen(key);
    int64_t n = bojagi_frame_encode(out + 1, sizeof out - 1, &keys, len);
    out[0] = (unsigned char)letter;
    if (n < 0)
        return n;
    unsigned char *at = out + 1 + n, *last = out + sizeof out;
    if (len > (size_t)(last - at))
        return BOJAGI_E_SPACE;
    memcpy(at, key, len);
    at += len;
    if (strcmp(value, "-") == 0) {
        at += fread(at, 1, (size_t)(last - at), stdin);
        if (ferror(stdin))
            return BOJAGI_E_OS;
        return getc(stdin) == EOF ? at - out : BOJAGI_E_SPACE;
    }
    if (strlen(value) > (size_t)(last - at))
        return BOJAGI_E_SPACE;
    memcpy(at, value, strlen(value));
    return at + strlen(value) - out;
}

/* Sends the request and receives the answer: its length. */
static int64_t ask(bojagi_socket *socket, bojagi_buffer *buffer, int64_t len)
{
    int64_t n = bojagi_socket_send_frame(socket, &frames, out, (size_t)len,
        5000, NULL);
    return n < 0 ? n : bojagi_socket_recv_frame(socket, buffer, &frames, 5000);
}

/* Prints what an answer holds; 1 when it is a refusal. */
static int show_answer(char letter, const unsigned char *data, size_t len)
{
    bojagi_frame key = { 0, 0, 0 };
    size_t at = 1;
    int64_t n;
    if (len == 0 || data[0] != '+') {
        fprintf(stderr, "kv_client: %.*s\n", (int)len - (len > 0), data + 1);
        return 1;
    }
    if (letter == 'G' && fwrite(data + 1, 1, len - 1, stdout) == len - 1)
        putchar('\n');
    while (letter == 'L' && (n = bojagi_frame_decode(&keys, data + at,
        len - at, &key)) > 0) {
        fwrite(data + at + key.off, 1, key.len, stdout);
        putchar('\n');
        at += (size_t)n;
        memset(&key, 0, sizeof key);
    }
    return 0;
}

int main(int argc, char **argv)
{
    unsigned port = argc > 1 ? (unsigned)atoi(argv[1]) : 0;
    bojagi_socket *socket = NULL;
    bojagi_buffer buffer;
    int status = 0;
    bojagi_frame_format_init(&frames, BOJAGI_FRAME_U32);
    bojagi_frame_format_init(&keys, BOJAGI_FRAME_U16);
    bojagi_buffer_init(&buffer, in, sizeof in);
    int64_t n = bojagi_tcp_connect("127.0.0.1", port, NULL, 5000, &socket);
    for (int i = 2; i < argc && n >= 0; i++) {
        const char *words[] = { "get", "set", "delete", "list" };
        int kind = 0, takes[] = { 1, 2, 1, 0 };
        while (kind < 4 && strcmp(argv[i], words[kind]) != 0)
            kind++;
        if (kind == 4 || i + takes[kind] >= argc) {
            fprintf(stderr, "kv_client: what is %s?\n", argv[i]);
            status = 2;
            break;
        }
        n = request("GSDL"[kind], takes[kind] > 0 ? argv[i + 1] : "",
            takes[kind] > 1 ? argv[i + 2] : "");
        if (n >= 0 && (n = ask(socket, &buffer, n)) >= 0)
            status |= show_answer("GSDL"[kind], buffer.data + buffer.body,
                (size_t)n);
        i += takes[kind];
    }
    bojagi_socket_free(socket);
    return n < 0 ? show_error("kv_client", n) : status;
}
