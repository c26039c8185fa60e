#include "scenario.h"

#include <stdio.h>
#include <string.h>

#ifdef BOJAGI_FRAME_U8

/* What comes in pieces of memory goes on at the byte that is next. */
void pieces(struct run *run)
{
    static unsigned char out[3000], back[3000];
    bojagi_socket *pair[2];
    bojagi_iovec list[3];
    int64_t result;
    size_t done, sent, come = 0;

    ends(run, NULL, pair);
    fill(out, sizeof out, run->seed, 0);
    for (sent = 0; sent < sizeof out; sent += done) {
        size_t first = (sizeof out - sent) / 3;

        list[0].data = out + sent;
        list[0].len = first;
        list[1].data = NULL;
        list[1].len = 0;
        list[2].data = out + sent + first;
        list[2].len = sizeof out - sent - first;
        inject_arm();
        result = bojagi_socket_send_all_vectored(pair[0], list, 3,
                                                 run->mode->timeout_ms, &done);
        CHECK(done <= sizeof out - sent);
        failed(run, result);
    }
    memset(back, 0, sizeof back);
    while (come < sizeof back) {
        size_t first = (sizeof back - come) / 2;

        list[0].data = back + come;
        list[0].len = first;
        list[1].data = back + come + first;
        list[1].len = sizeof back - come - first;
        inject_arm();
        result = bojagi_socket_recv_vectored(pair[1], list, 2,
                                             run->mode->timeout_ms);
        if (!failed(run, result)) {
            CHECK(result > 0);
            come += (size_t)result;
        }
    }
    compare(back, sizeof back, run->seed, 0);
    bojagi_socket_free(pair[0]);
    bojagi_socket_free(pair[1]);
}

/* Frames come whole and in order, whatever they were cut into. */
void frames(struct run *run)
{
    static const uint32_t kinds[] = {BOJAGI_FRAME_U8, BOJAGI_FRAME_DELIMITED};
    unsigned char out[200], memory[512];
    bojagi_frame_format format;
    bojagi_buffer buffer;
    bojagi_socket *pair[2];
    int64_t result;
    size_t kind, round, len, i, done;

    ends(run, NULL, pair);
    bojagi_buffer_init(&buffer, memory, sizeof memory);
    for (kind = 0; kind < 2; kind++) {
        bojagi_frame_format_init(&format, kinds[kind]);
        for (round = 0; round < 3; round++) {
            len = round * 90;
            fill(out, len, run->seed, round);
            for (i = 0; i < len; i++)
                if (out[i] == '\n')
                    out[i] = '.';
            done = 0;
            REPEAT(run, bojagi_socket_send_frame(pair[0], &format, out, len,
                                                 run->mode->timeout_ms, &done));
            CHECK(done == 0);
            do {
                inject_arm();
                result = bojagi_socket_recv_frame(pair[1], &buffer, &format,
                                                  run->mode->timeout_ms);
            } while (failed(run, result));
            CHECK(result == (int64_t)len);
            CHECK(memcmp((unsigned char *)buffer.data + buffer.body, out,
                         len) == 0);
        }
    }
    bojagi_socket_free(pair[0]);
    bojagi_socket_free(pair[1]);
}

/* What was not sent of a file is still there. */
void file(struct run *run)
{
    static unsigned char out[20000], back[20000];
    bojagi_socket *pair[2];
    FILE *kept = tmpfile();
    uint64_t sent, done;
    int64_t result;

    CHECK(kept != NULL);
    fill(out, sizeof out, run->seed, 0);
    CHECK(fwrite(out, 1, sizeof out, kept) == sizeof out && fflush(kept) == 0);
    ends(run, NULL, pair);
    for (sent = 0; sent < sizeof out; sent += done) {
        done = 0;
        inject_arm();
        result = bojagi_socket_sendfile(pair[0], fileno(kept), (int64_t)sent,
                                        sizeof out - sent,
                                        run->mode->timeout_ms, &done);
        failed(run, result);
        CHECK(done <= sizeof out - sent);
    }
    memset(back, 0, sizeof back);
    recv_exact(run, pair[1], back, sizeof back);
    compare(back, sizeof back, run->seed, 0);
    fclose(kept);
    bojagi_socket_free(pair[0]);
    bojagi_socket_free(pair[1]);
}

#endif
