#include "harness/sandbox/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base/own_memory.h"
#include "harness/base/prng.h"
#include "harness/base/utf8.h"

enum { SAID_FINDING = 1, SAID_END = 2, SAID_READY = 3 };
enum { HIGH_NUMBER = 5000, PACKETS_READ = 4096, EMPTY_READ = 64 };

_Static_assert(sizeof(struct said) % sizeof(uint64_t) == 0, "a packet is made of words");

static uint64_t seal_of(const struct said *said, uint64_t nonce)
{
    uint64_t seal = prng_mix(nonce);
    for (size_t at = sizeof said->seal; at < sizeof *said; at += sizeof seal) {
        uint64_t word;
        memcpy(&word, (const char *)said + at, sizeof word);
        seal = prng_mix(seal + word);
    }
    return seal;
}

/* ---- the supervisor ---- */

bool channel_create(int ends[2]) { return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0; }

int channel_hand_over(int end)
{
    struct rlimit limit, raised;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return -1;
    raised = (struct rlimit){limit.rlim_max, limit.rlim_max};
    rlim_t most = setrlimit(RLIMIT_NOFILE, &raised) == 0 ? limit.rlim_max : limit.rlim_cur;
    int fd = fcntl(end, F_DUPFD, most > HIGH_NUMBER ? HIGH_NUMBER : (int)most - 1);
    setrlimit(RLIMIT_NOFILE, &limit); /* what is open above the limit stays open */
    return fd >= 0 ? fd : dup(end);
}

static bool is_heard_of(const struct heard *heard, int32_t clause)
{
    for (uint32_t i = 0; i < heard->count; i++)
        if (heard->said[i].clause == clause)
            return true;
    return heard->count == FLIGHT_FINDINGS;
}

static void take_in(struct heard *heard, struct said *said)
{
    said->message[sizeof said->message - 1] = '\0';
    utf8_clean_here(said->message, true);
    said->expected[sizeof said->expected - 1] = '\0';
    utf8_clean_here(said->expected, true);
    said->actual[sizeof said->actual - 1] = '\0';
    utf8_clean_here(said->actual, true);
    if (said->kind == SAID_END) {
        heard->ended = true;
        heard->findings = said->number;
    } else if (said->kind == SAID_READY) {
        heard->capabilities = (uint32_t)said->number;
    } else if (said->kind == SAID_FINDING && said->clause >= 0 && said->clause < FLIGHT_CLAUSES &&
               !is_heard_of(heard, said->clause)) {
        heard->said[heard->count++] = *said;
    }
}

void channel_hear(int end, uint64_t nonce, struct heard *heard)
{
    struct said said;
    for (int i = 0, empty = 0; i < PACKETS_READ && empty < EMPTY_READ; i++) {
        ssize_t length = recv(end, &said, sizeof said, MSG_DONTWAIT | MSG_TRUNC);
        if (length < 0)
            return;
        empty += length == 0; /* an empty packet, or nobody is left who could say anything */
        if (length == sizeof said && said.seal == seal_of(&said, nonce))
            take_in(heard, &said);
    }
}

/* ---- the child ---- */

static const struct channel {
    int fd;
    uint64_t nonce;
} * channel;

bool channel_open(int fd, uint64_t nonce)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    struct channel *own = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (own == MAP_FAILED)
        return false;
    *own = (struct channel){fd, nonce};
    channel = own;
    own_memory_add(own, page);
    return mprotect(own, page, PROT_READ) == 0;
}

static void say(struct said *said)
{
    int before = errno;
    if (channel == NULL)
        return;
    said->seal = seal_of(said, channel->nonce);
    while (send(channel->fd, said, sizeof *said, MSG_NOSIGNAL) < 0 && errno == EINTR)
        continue;
    errno = before; /* a candidate's errno is under watch */
}

void channel_say_finding(const struct flight_finding *finding)
{
    struct said said = {.kind = SAID_FINDING, .clause = finding->clause};
    memcpy(said.message, finding->message, sizeof said.message);
    memcpy(said.expected, finding->expected, sizeof said.expected);
    memcpy(said.actual, finding->actual, sizeof said.actual);
    say(&said);
}

void channel_say_end(uint64_t findings)
{
    struct said said = {.kind = SAID_END, .number = findings};
    say(&said);
}

void channel_say_ready(uint32_t capabilities)
{
    struct said said = {.kind = SAID_READY, .number = capabilities};
    say(&said);
}
