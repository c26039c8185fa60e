/* A getaddrinfo for the tests, loaded in front of the system's: "hang.test" never returns,
 * "nobody.test" does not exist, and "two.test" is 127.0.0.1 and then 127.0.0.2. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <string.h>
#include <unistd.h>

typedef int look_up(const char *, const char *, const struct addrinfo *, struct addrinfo **);

int getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
                struct addrinfo **out)
{
    look_up *next = (look_up *)dlsym(RTLD_NEXT, "getaddrinfo");
    if (strcmp(host, "hang.test") == 0)
        for (;;)
            pause();
    if (strcmp(host, "nobody.test") == 0)
        return EAI_NONAME;
    if (strcmp(host, "two.test") == 0) {
        int status = next("127.0.0.1", service, hints, out);
        return status != 0 ? status : next("127.0.0.2", service, hints, &(*out)->ai_next);
    }
    return next(host, service, hints, out);
}
