/* The child's side: maps the record, notes which thread and which address caused a fault, and says when the end is
 * reached. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/base/own_memory.h"
#include "harness/base/prng.h"
#include "harness/sandbox/channel.h"
#include "harness/sandbox/sandbox.h"

static struct flight *own_flight; /* for the signal handler */

static const int FATAL_SIGNALS[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS};

/* Notes who faulted where, then lets the signal have its usual end, so that the supervisor sees it too. */
static void note_fault(int signal_number, siginfo_t *info, void *context)
{
    (void)context;
    struct flight *flight = own_flight;
    bool sent = info->si_code <= 0; /* a signal that was sent has no address, and does not come again by itself */
    if (flight->fault.signal == 0) {
        flight->fault.slot = flight_thread;
        flight->fault.sent = sent;
        flight->fault.address = sent ? 0 : (uint64_t)(uintptr_t)info->si_addr;
        flight->fault.signal = signal_number;
    }
    signal(signal_number, SIG_DFL);
    if (sent)
        raise(signal_number);
}

static void install_handlers(void)
{
    static unsigned char stack[64 << 10];
    sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = sizeof stack}, NULL);
    struct sigaction action = {.sa_sigaction = note_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    for (size_t i = 0; i < sizeof FATAL_SIGNALS / sizeof *FATAL_SIGNALS; i++)
        sigaction(FATAL_SIGNALS[i], &action, NULL);
}

/* Chance does not move addresses any more, so the seed does: mappings that happen to be aligned to more than a page
 * shall not be so in every scenario. The candidate and its mappings go below this one. */
static void shift_addresses(uint64_t seed)
{
    size_t pages = 1 + (size_t)(prng_mix(seed) % 1024);
    mmap(NULL, pages * (size_t)sysconf(_SC_PAGESIZE), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}

/* Maps the record between pages that nobody may touch, where a write that runs over the end of another mapping stops.
 * The part that holds what is asked becomes read-only. */
static struct flight *map_record(int fd, size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), room = (size + page - 1) / page * page;
    char *place = mmap(NULL, room + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (place == MAP_FAILED)
        return NULL;
    void *map = mmap(place + page, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0);
    if (map == MAP_FAILED)
        return NULL;
    mprotect(map, FLIGHT_ASKED / page * page, PROT_READ);
    own_memory_add(place, room + 2 * page);
    return map;
}

struct flight *sandbox_enter(int fd)
{
    struct stat file;
    if (fstat(fd, &file) != 0 || file.st_size < (off_t)sizeof(struct flight))
        return NULL;
    own_flight = map_record(fd, (size_t)file.st_size);
    if (own_flight == NULL)
        return NULL;
    close(fd);
    if (!channel_open(own_flight->channel_fd, own_flight->nonce))
        return NULL;
    own_flight->slots[0].tid = (int32_t)syscall(SYS_gettid);
    atomic_store(&own_flight->threads, 1);
    own_memory_add_program();
    install_handlers();
    shift_addresses(own_flight->seed);
    return own_flight;
}

/* A candidate may have forked: only the process that was started may speak for it. */
static bool is_original(struct flight *flight) { return atomic_load(&flight->pid) == (int32_t)syscall(SYS_getpid); }

void sandbox_ready(struct flight *flight)
{
    channel_say_ready(flight->capabilities);
    atomic_store(&flight->loaded, true);
}

void sandbox_complete(struct flight *flight)
{
    if (is_original(flight)) {
        atomic_store(&flight->completed, flight->nonce);
        channel_say_end(flight->finding_count);
    }
    _exit(0);
}

void sandbox_written_over(void)
{
    static const char text[] = "assay: the memory of the harness was written over by the candidate\n";
    if (write(2, text, sizeof text - 1) < 0)
        _exit(4);
    _exit(3); /* outside any call: the supervisor reads it as the harness's failure */
}

void sandbox_not_loaded(struct flight *flight, const struct error *error)
{
    if (is_original(flight))
        snprintf(flight->setup_error, sizeof flight->setup_error, "%s", error->text);
    _exit(0);
}
