/* The trace decoder as a fuzz target, for libFuzzer, AFL++ and whatever else calls LLVMFuzzerTestOneInput.
 *
 * Each input is a trace, which is made over the candidate named by ASSAY_CANDIDATE (and ASSAY_BINDING, ASSAY_BINDINGS)
 * in this process, through the checked heap. A broken clause ends the process by abort, a crash of the candidate by its
 * signal. Either way all that was done to the candidate since the process began is written first, as a trace file in
 * ASSAY_FINDINGS (a directory; by default the working directory): what an input shows may have been prepared by the
 * inputs before it.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness/candidate/binding.h"
#include "harness/trace/decode.h"
#include "harness/trace/replay.h"
#include "harness/trace/text.h"

enum { MOST_EVENTS = 4096, TAPE = 1 << 20, LIVE_BLOCKS = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct candidate *candidate;
static struct flight *flight;
static struct heap heap;
static bool is_exact;

/* There is no contract here but the oracle's own laws. */
static int law_index(const char *id)
{
    for (int law = 0; law < LAW_COUNT; law++)
        if (strcmp(law_id((enum law)law), id) == 0)
            return law;
    return -1;
}

static void give_up(const char *why)
{
    fprintf(stderr, "assay: %s\n", why);
    exit(2);
}

/* ---- what is left behind ---- */

/* Writes one file for each clause (`name`), with its latest finding: an engine finds the same thing over and over. */
static void write_trace(const char *name, const char *about)
{
    char path[4096], part[4200];
    uint64_t length = atomic_load(&flight->tape_length);
    const char *directory = getenv("ASSAY_FINDINGS") != NULL ? getenv("ASSAY_FINDINGS") : ".";
    int begin = snprintf(path, sizeof path, "%s/assay-", directory);
    snprintf(path + begin, sizeof path - (size_t)begin, "%s.trace", name);
    for (char *at = path + begin; *at != '\0'; at++)
        *at = *at == '/' ? '-' : *at;
    snprintf(part, sizeof part, "%s.%d", path, (int)getpid());
    FILE *out = fopen(part, "we");
    bool well = out != NULL && trace_write(out, about, flight->tape, (size_t)(length < TAPE ? length : TAPE));
    if (out != NULL)
        fclose(out);
    if (well && rename(part, path) == 0)
        fprintf(stderr, "assay replay --shrink %s %s\n", path, getenv("ASSAY_CANDIDATE"));
    else
        fprintf(stderr, "assay: %s: cannot be written\n", path);
}

static void report(const struct flight_finding *finding)
{
    char about[1200];
    const char *clause = law_id((enum law)finding->clause);
    snprintf(about, sizeof about, "%s\n%s\nexpected: %s\nactual: %s", clause, finding->message, finding->expected,
             finding->actual);
    fprintf(stderr, "%s\n", about);
    signal(SIGABRT, SIG_DFL);
    write_trace(clause, about);
    abort();
}

static const int FATAL[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP};
enum { FATALS = sizeof FATAL / sizeof *FATAL };
static struct sigaction engine_does[FATALS];

/* The engine's own handler comes next: the fault happens again when this one returns, or the signal is raised again. */
static void on_crash(int number, siginfo_t *info, void *context)
{
    (void)context;
    for (int i = 0; i < FATALS; i++)
        sigaction(FATAL[i], &engine_does[i], NULL);
    write_trace("crash", "the last call, or the use of its block, ended in a signal");
    if (info->si_code <= 0)
        raise(number);
}

/* ---- one input after another ---- */

static void prepare(void)
{
    struct error error = {0};
    const char *path = getenv("ASSAY_CANDIDATE"), *name = getenv("ASSAY_BINDING"),
               *directory = getenv("ASSAY_BINDINGS");
    if (path == NULL)
        give_up("ASSAY_CANDIDATE is not set, expected the path of a library");
    const struct binding *binding =
        binding_load(name != NULL ? name : "rust-1.19", directory != NULL ? directory : "conformance/bindings", &error);
    candidate = binding == NULL ? NULL : candidate_open(path, binding, &error);
    if (candidate == NULL)
        give_up(error.text);
    is_exact = binding_old_size(binding) == OLD_SIZE_EXACT;
    flight = mmap(NULL, flight_size(TAPE), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (flight == MAP_FAILED)
        give_up("no memory for the flight record");
    flight->tape_capacity = TAPE;
    struct sigaction action = {.sa_sigaction = on_crash, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    for (int i = 0; i < FATALS; i++)
        sigaction(FATAL[i], &action, &engine_does[i]);
}

/* Makes a heap whose blocks have numbers that none had before, so that the tape of all inputs together is one trace. */
static void begin(void)
{
    struct error error = {0};
    uint32_t numbers = heap.next_number, patterns = heap.next_pattern;
    if (atomic_load(&flight->tape_length) > TAPE - 3 * MOST_EVENTS)
        atomic_store(&flight->tape_length, 0); /* there is no room to remember more: the tape begins anew */
    atomic_store(&flight->threads, 1);
    if (!heap_create(&heap, candidate, flight, law_index, LIVE_BLOCKS, &error))
        give_up(error.text);
    heap.old_size_is_exact = is_exact;
    heap.next_number = numbers;
    heap.next_pattern = patterns;
}

/* Gives back what the input left behind. */
static void end(void)
{
    heap_verify_all(&heap);
    for (struct block *block; !heap.tainted && (block = block_above(&heap.blocks, 0)) != NULL;)
        heap_deallocate(&heap, block, block->requested);
    block_set_destroy(&heap.blocks);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct event events[MOST_EVENTS];
    if (candidate == NULL)
        prepare();
    size_t count = trace_decode(data, size, events, MOST_EVENTS);
    begin();
    if (!trace_replay(&heap, events, count))
        give_up("no memory for the replay");
    end();
    if (flight->finding_count > 0)
        report(&flight->findings[0]);
    return 0;
}
