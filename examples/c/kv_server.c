/* cc -std=c99 kv_server.c -lbojagi -lpthread -o kv_server && ./kv_server PORT
 * Keeps any bytes by any key, for as many clients at once as it has threads. A
 * request is a frame: G (get), S (set), D (delete) or L (list), the key as a
 * frame in it, the value. So is an answer: + and what was asked for, or - and
 * the reason. Port 0: the system chooses. Ends on SIGTERM and SIGINT. */
#include "show.h"
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
enum { FRAME = 32768, ROOM = FRAME + 4, ITEMS = 10000, THREADS = 64 };
struct item { unsigned char *key; size_t key_len, len; };   /* value behind */
static struct item items[ITEMS];
static size_t count;
static pthread_mutex_t store = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t accepting = PTHREAD_MUTEX_INITIALIZER;
static bojagi_frame_format frames, keys;
static bojagi_cancel *stop;   /* never freed: a second signal may still come */
static void end(int number) { (void)number; bojagi_cancel_fire(stop); }

static size_t say(unsigned char *out, char sign, const void *data, size_t len)
{
    out[0] = (unsigned char)sign;
    memcpy(out + 1, data, len);
    return 1 + len;
}

/* Writes the answer to a request, at most FRAME bytes; its length. */
static size_t answer(const unsigned char *in, size_t len, unsigned char *out)
{
    bojagi_frame key = { 0, 0, 0 };
    int64_t n = len ? bojagi_frame_decode(&keys, in + 1, len - 1, &key) : 0;
    const unsigned char *name = in + 1 + key.off;
    size_t i = 0, at = 1, all = len - 1 - key.off;   /* of key and value */
    if (n <= 0 || !memchr("GSDL", *in, 4)) return say(out, '-', "malformed", 9);
    for (; in[0] == 'L' && i < count; at += items[i++].key_len) {
        n = bojagi_frame_encode(out + at, FRAME - at, &keys, items[i].key_len);
        if (n < 0 || (at += (size_t)n) + items[i].key_len > FRAME)
            return say(out, '-', "too many keys", 13);
        memcpy(out + at, items[i].key, items[i].key_len);
    }
    if (in[0] == 'L') return at - 1 + say(out, '+', "", 0);
    while (i < count && (items[i].key_len != key.len ||
        memcmp(items[i].key, name, key.len) != 0)) i++;
    if (in[0] != 'S' && i == count) return say(out, '-', "no such key", 11);
    if (*in == 'G') return say(out, '+', items[i].key + key.len, items[i].len);
    struct item made = { NULL, key.len, all - key.len };
    if (in[0] == 'S' && (i == ITEMS || !(made.key = malloc(all + 1))))
        return say(out, '-', "full", 4);
    if (i < count) free(items[i].key);
    if (in[0] == 'S') memcpy(made.key, name, all), count += i == count;
    else made = items[--count];
    items[i] = made;
    return say(out, '+', "", 0);
}

static void *work(void *listener)
{
    unsigned char room[ROOM + FRAME], *out = room + ROOM;
    for (;;) {
        bojagi_socket *socket = NULL; bojagi_buffer buffer;
        bojagi_buffer_init(&buffer, room, ROOM);
        pthread_mutex_lock(&accepting);
        int64_t n = bojagi_listener_accept(listener, -1, &socket);
        pthread_mutex_unlock(&accepting);
        if (n == BOJAGI_E_CANCELLED) return NULL;
        if (n >= 0) n = bojagi_socket_set_cancel(socket, stop);
        while (n >= 0 && (n = bojagi_socket_recv_frame(socket, &buffer,
            &frames, 60000)) >= 0) {
            pthread_mutex_lock(&store);
            size_t len = answer(buffer.data + buffer.body, (size_t)n, out);
            pthread_mutex_unlock(&store);
            n = bojagi_socket_send_frame(socket, &frames, out, len, 5000, NULL);
        }
        bojagi_socket_free(socket);
    }
}

int main(int argc, char **argv)
{
    bojagi_listener *listener = NULL;
    pthread_t threads[THREADS];
    unsigned i = 0, port = argc > 1 ? (unsigned)atoi(argv[1]) : 0;
    int64_t n = bojagi_cancel_new(&stop);
    bojagi_frame_format_init(&frames, BOJAGI_FRAME_U32);
    bojagi_frame_format_init(&keys, BOJAGI_FRAME_U16);
    frames.limit = FRAME;
    if (signal(SIGTERM, end) == SIG_ERR || signal(SIGINT, end) == SIG_ERR)
        n = BOJAGI_E_OS;
    if (n >= 0) n = bojagi_tcp_listen("127.0.0.1", port, NULL, &listener);
    if (n >= 0) n = bojagi_listener_set_cancel(listener, stop);
    if (n >= 0) n = show_address(listener);
    while (n >= 0 && i < THREADS &&
        pthread_create(&threads[i], NULL, work, listener) == 0) i++;
    if (n >= 0 && i == 0) n = BOJAGI_E_LIMIT;   /* not one thread */
    while (i > 0) pthread_join(threads[--i], NULL);
    while (count > 0) free(items[--count].key);
    bojagi_listener_free(listener);
    return n < 0 ? show_error("kv_server", n) : 0;
}
