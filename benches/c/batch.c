/* What C programs do with many datagrams at once, written by hand. As net.c, with
 * which it is one shared object: 0 when everything was done, else -1 and errno. */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

enum { BATCH = 64, LONGEST = 65507, GROUPED = 1 << 16 };

/* A datagram of an application, with a place of its own. */
struct datagram {
    char *data;
    size_t len;
    struct sockaddr_storage peer;
    socklen_t peer_len;
};

/* Each begins with a page, as ours do: how fast the system copies depends on it. */
static char out_room[BATCH * 1472] __attribute__((aligned(4096)));
static char in_room[BATCH * 1472] __attribute__((aligned(4096)));
static struct datagram out[BATCH], in[BATCH];

/* What the system takes and gives: messages of one datagram or many. */
static size_t out_control[BATCH][CMSG_SPACE(sizeof(uint16_t)) / sizeof(size_t)];
static size_t in_control[BATCH][CMSG_SPACE(sizeof(int)) / sizeof(size_t)];
static struct sockaddr_storage senders[BATCH];
static struct mmsghdr messages[BATCH];
static struct iovec parts[BATCH];
static char rooms[BATCH][GROUPED];

/* Datagrams of this size, at most 1472; the receiver may get neighbours as one
 * message (UDP_GRO in udp(7)). */
int net_batch_begin(int receiver, size_t size)
{
    const int on = 1;
    size_t i;

    for (i = 0; i < BATCH; i++) {
        out[i].data = out_room + i * size;
        in[i].data = in_room + i * size;
        out[i].len = in[i].len = size;
    }
    return setsockopt(receiver, IPPROTO_UDP, UDP_GRO, &on, sizeof on);
}

/* Datagrams of so many bytes that the system cuts out of a message. */
static void cut(struct msghdr *message, size_t *control, uint16_t size)
{
    struct cmsghdr *header = (struct cmsghdr *)control;

    message->msg_control = control;
    message->msg_controllen = sizeof out_control[0];
    header->cmsg_level = IPPROTO_UDP;
    header->cmsg_type = UDP_SEGMENT;
    header->cmsg_len = CMSG_LEN(sizeof size);
    memcpy(CMSG_DATA(header), &size, sizeof size);
}

static int send_messages(int fd, unsigned count)
{
    int sent;

    do
        sent = sendmmsg(fd, messages, count, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent == (int)count ? 0 : -1;
}

/* Neighbours of one length go as one message. */
int net_batch_send(int fd, size_t size)
{
    size_t i = 0, here, bytes;
    unsigned count = 0;

    (void)size;
    while (i < BATCH) {
        struct msghdr *message = &messages[count].msg_hdr;

        memset(message, 0, sizeof *message);
        message->msg_iov = &parts[i];
        for (here = i, bytes = 0; i < BATCH && out[i].len == out[here].len &&
                                  bytes + out[i].len <= LONGEST; i++) {
            parts[i].iov_base = out[i].data;
            parts[i].iov_len = out[i].len;
            bytes += out[i].len;
        }
        message->msg_iovlen = i - here;
        if (i - here > 1)
            cut(message, out_control[count], (uint16_t)out[here].len);
        count++;
    }
    return send_messages(fd, count);
}

/* The same for datagrams that stand one behind the other, which nobody has to
 * gather. */
int net_place_send(int fd, size_t size)
{
    const size_t most = LONGEST / size;
    size_t i, here;
    unsigned count = 0;

    for (i = 0; i < BATCH; i += here, count++) {
        struct msghdr *message = &messages[count].msg_hdr;

        here = BATCH - i < most ? BATCH - i : most;
        parts[count].iov_base = out_room + i * size;
        parts[count].iov_len = here * size;
        memset(message, 0, sizeof *message);
        message->msg_iov = &parts[count];
        message->msg_iovlen = 1;
        cut(message, out_control[count], (uint16_t)size);
    }
    return send_messages(fd, count);
}

static int recv_messages(int fd)
{
    int i, got;

    for (i = 0; i < BATCH; i++) {
        parts[i].iov_base = rooms[i];
        parts[i].iov_len = GROUPED;
        memset(&messages[i], 0, sizeof messages[i]);
        messages[i].msg_hdr.msg_name = &senders[i];
        messages[i].msg_hdr.msg_namelen = sizeof senders[i];
        messages[i].msg_hdr.msg_iov = &parts[i];
        messages[i].msg_hdr.msg_iovlen = 1;
        messages[i].msg_hdr.msg_control = in_control[i];
        messages[i].msg_hdr.msg_controllen = sizeof in_control[i];
    }
    do
        got = recvmmsg(fd, messages, BATCH, MSG_WAITFORONE, NULL);
    while (got < 0 && errno == EINTR);
    return got;
}

/* How many bytes a datagram of a message has; the last one may have fewer. */
static size_t length(struct mmsghdr *message)
{
    struct cmsghdr *header;
    int size;

    for (header = CMSG_FIRSTHDR(&message->msg_hdr); header;
         header = CMSG_NXTHDR(&message->msg_hdr, header)) {
        if (header->cmsg_level == IPPROTO_UDP && header->cmsg_type == UDP_GRO) {
            memcpy(&size, CMSG_DATA(header), sizeof size);
            return (size_t)size;
        }
    }
    return message->msg_len;
}

/* Puts the datagrams of a message to their places, each with its sender; how
 * many they are. */
static size_t place(struct mmsghdr *message, const char *data, size_t from, size_t cap)
{
    const size_t size = length(message), all = message->msg_len;
    size_t at, here, i = from;

    for (at = 0; at < all && i < BATCH; at += here, i++) {
        here = all - at < size ? all - at : size;
        if (here > cap)
            return 0;
        memcpy(in[i].data, data + at, here);
        in[i].len = here;
        memcpy(&in[i].peer, message->msg_hdr.msg_name, message->msg_hdr.msg_namelen);
        in[i].peer_len = message->msg_hdr.msg_namelen;
    }
    return i - from;
}

/* A whole batch, each datagram in its place. */
int net_batch_recv(int fd, size_t size)
{
    size_t all = 0, count;
    int i, got;

    while (all < BATCH) {
        got = recv_messages(fd);
        if (got <= 0)
            return -1;
        for (i = 0; i < got; i++) {
            count = place(&messages[i], rooms[i], all, size);
            if (count == 0)
                return -1;
            all += count;
        }
    }
    return 0;
}

/* A whole batch that stays where the system has put it. */
int net_place_recv(int fd, size_t size)
{
    size_t all = 0;
    int i, got;

    while (all < BATCH) {
        got = recv_messages(fd);
        if (got <= 0)
            return -1;
        for (i = 0; i < got; i++) {
            if (length(&messages[i]) != size)
                return -1;
            all += messages[i].msg_len / size;
        }
    }
    return 0;
}

/* One by one. */
int net_single_send(int fd, size_t size)
{
    size_t i;

    for (i = 0; i < BATCH; i++)
        if (send(fd, out[i].data, size, MSG_NOSIGNAL) != (ssize_t)size)
            return -1;
    return 0;
}

int net_single_recv(int fd, size_t size)
{
    size_t i;

    for (i = 0; i < BATCH; i++) {
        in[i].peer_len = sizeof in[i].peer;
        if (recvfrom(fd, in[i].data, size, 0, (struct sockaddr *)&in[i].peer,
                     &in[i].peer_len) != (ssize_t)size)
            return -1;
    }
    return 0;
}
