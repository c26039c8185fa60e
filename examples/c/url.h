/* What http_get is asked for on its command line. */
#ifndef URL_H
#define URL_H

#include <bojagi.h>
#include <stdio.h>
#include <string.h>

struct url {
    char site[256];     /* "host:port", as the Host field has it */
    char host[256];
    unsigned port;
    char target[4096];
    uint32_t method_id;
    const char *method; /* GET, or POST when there is data */
    const char *data;   /* of -d, 64 KiB at most, else "" */
    char size[24];      /* of the data, as Content-Length has it */
    int verbose;        /* -v */
};

/* 1, or 0 when the arguments are no URL of the form http://host:port/path. */
static inline int url_parse(struct url *url, int argc, char **argv)
{
    const char *text = "";
    char *colon;
    int i;

    memset(url, 0, sizeof *url);
    url->method = "GET";
    url->data = "";
    for (i = 1; i < argc; i++)
        if (strcmp(argv[i], "-v") == 0)
            url->verbose = 1;
        else if (strcmp(argv[i], "-d") == 0 && i + 1 < argc) {
            url->method = "POST";
            url->data = argv[++i];
        } else
            text = argv[i];
    url->method_id = bojagi_method_id(url->method, strlen(url->method));
    sprintf(url->size, "%lu", (unsigned long)strlen(url->data));
    strcpy(url->target, "/");
    if (strlen(text) >= sizeof url->target || strlen(url->data) > 65536 ||
        sscanf(text, "http://%255[^/]%4095s", url->site, url->target) < 1)
        return fprintf(stderr, "use: %s [-v] [-d DATA] http://host:port/path\n",
                       argv[0]), 0;
    colon = strrchr(strcpy(url->host, url->site), ':');
    url->port = 80;
    if (colon == NULL || strchr(colon, ']') != NULL)
        return 1;
    *colon = '\0';
    return sscanf(colon + 1, "%5u", &url->port) == 1;
}

#endif
