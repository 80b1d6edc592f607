#include "harness/refusal/refuse.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "harness/base/platform.h"
#include "harness/refusal/count.h"

/* What is refused. The scenario writes it, and whichever thread maps memory reads it, perhaps in a signal handler. */
static struct {
    _Atomic uint64_t seen, refused, first; /* `first` 0: nothing */
    _Atomic bool only, never;
    _Atomic uint64_t *_Atomic told; /* refusals are counted there, too */
} refusal;

static void choose(uint64_t n, bool only)
{
    refusal.first = 0;
    refusal.seen = refusal.refused = 0;
    refusal.only = only;
    refusal.first = refusal.never ? 0 : n;
}

void refuse_never(void)
{
    refusal.never = true;
    refusal.first = 0;
}

bool refuse_is_never(void) { return refusal.never; }

void refuse_from(uint64_t n) { choose(n, false); }
void refuse_only(uint64_t n) { choose(n, true); }
uint64_t refuse_seen(void) { return refusal.seen; }
uint64_t refuse_refused(void) { return refusal.refused; }

bool count_is_refused(void)
{
    uint64_t number = atomic_fetch_add(&refusal.seen, 1) + 1, first = refusal.first;
    bool refused = first != 0 && (refusal.only ? number == first : number >= first);
    if (refused)
        count_failed();
    return refused;
}

void count_failed(void)
{
    _Atomic uint64_t *told = refusal.told;
    atomic_fetch_add(&refusal.refused, 1);
    if (told != NULL)
        atomic_fetch_add(told, 1);
}

void refuse_count_into(_Atomic uint64_t *refusals) { refusal.told = refusals; }

enum refuse_means refuse_prepare(void)
{
    static enum refuse_means means = REFUSE_BY_NOTHING;
    if (means != REFUSE_BY_NOTHING)
        return means;
    _Atomic uint64_t *told = atomic_exchange(&refusal.told, NULL); /* what is refused on trial is not counted */
    bool is_seen = !platform_lacks("seccomp") && seccomp_install();
    refusal.told = told;
    if (is_seen)
        return means = REFUSE_BY_SECCOMP;
    interpose_install();
    return means = REFUSE_BY_INTERPOSING;
}

/* ---- the address space ---- */

/* Bytes of address space the process has; 0 when that cannot be read. */
static uint64_t address_space(void)
{
    unsigned long long pages = 0;
    char text[64] = "";
    FILE *file = fopen("/proc/self/statm", "re");
    if (file == NULL || fgets(text, sizeof text, file) == NULL || sscanf(text, "%llu", &pages) != 1)
        pages = 0;
    if (file != NULL)
        fclose(file);
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* Is so much refused now? Emulators accept the limit and do not keep it. */
static bool is_out_of_reach(uint64_t bytes)
{
    _Atomic uint64_t *told = atomic_exchange(&refusal.told, NULL);
    void *map = mmap(NULL, (size_t)bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    refusal.told = told;
    if (map != MAP_FAILED)
        munmap(map, (size_t)bytes);
    return map == MAP_FAILED;
}

static bool set_limit(uint64_t wanted)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_AS, &limit) != 0)
        return false;
    limit.rlim_cur = wanted > (uint64_t)limit.rlim_max ? limit.rlim_max : (rlim_t)wanted;
    return setrlimit(RLIMIT_AS, &limit) == 0;
}

bool refuse_limit_address_space(uint64_t bytes)
{
    enum { BEYOND = 16 << 20 };
    if (bytes == UINT64_MAX)
        return set_limit(UINT64_MAX);
    uint64_t now = address_space();
    if (refusal.never || platform_lacks("rlimit-as") || now == 0 || !set_limit(now + bytes))
        return false;
    if (is_out_of_reach(bytes + BEYOND))
        return true;
    set_limit(UINT64_MAX);
    return false;
}
