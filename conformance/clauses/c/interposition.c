/* What libc hands out for its caller to free: where the library is the process's malloc, these blocks are the
 * library's. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conformance/clauses/c/c.h"

static const char TEXT[] = "What libc hands out is freed by its caller, and so it is a block of the allocator's. ";

/* ---- libc's functions: each makes one string of about `length` bytes ---- */

/* The length of the string with its end; 0: libc says that it failed. */
struct made {
    char *text;
    size_t size;
};

static struct made by_strdup(const char *text) { return (struct made){strdup(text), strlen(text) + 1}; }

static struct made by_strndup(const char *text)
{
    return (struct made){strndup(text, strlen(text) / 2), strlen(text) / 2 + 1};
}

static struct made by_asprintf(const char *text)
{
    struct made made = {NULL, strlen(text) + 1};
    return asprintf(&made.text, "%s", text) < 0 ? (struct made){NULL, 0} : made;
}

static __attribute__((format(printf, 2, 3))) int pass_on(char **text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(text, format, arguments);
    va_end(arguments);
    return length;
}

static struct made by_vasprintf(const char *text)
{
    struct made made = {NULL, strlen(text) + 1};
    return pass_on(&made.text, "%s", text) < 0 ? (struct made){NULL, 0} : made;
}

/* The text is one line of a stream in memory; libc allocates the line, and grows it. */
static struct made read_line(const char *text, bool to_delimiter)
{
    struct made made = {NULL, 0};
    size_t room = 0;
    FILE *stream = fmemopen((void *)text, strlen(text), "r");
    if (stream == NULL)
        return made;
    ssize_t length = to_delimiter ? getdelim(&made.text, &room, '\t', stream) : getline(&made.text, &room, stream);
    fclose(stream);
    made.size = length < 0 ? 0 : (size_t)length + 1;
    return made;
}

static struct made by_getline(const char *text) { return read_line(text, false); }
static struct made by_getdelim(const char *text) { return read_line(text, true); }

static struct made by_open_memstream(const char *text)
{
    struct made made = {NULL, 0};
    size_t size = 0;
    FILE *stream = open_memstream(&made.text, &size);
    if (stream == NULL)
        return made;
    bool written = fputs(text, stream) >= 0;
    fclose(stream);
    made.size = written ? size + 1 : 0;
    return made;
}

static const struct maker {
    const char *name;
    struct made (*make)(const char *text);
    bool is_half; /* of the text */
} makers[] = {
    {"strdup", by_strdup, false},
    {"strndup", by_strndup, true},
    {"asprintf", by_asprintf, false},
    {"vasprintf", by_vasprintf, false},
    {"getline", by_getline, false},
    {"getdelim", by_getdelim, false},
    {"open_memstream", by_open_memstream, false},
};

/* ---- the blocks ---- */

/* NULL: libc failed, which it may, or what it made is no string of that text. */
static struct block *take(struct run *run, const struct maker *maker, const char *text)
{
    heap_c_libc_begin(&run->heap, strlen(text) + 1);
    struct made made = maker->make(text);
    heap_c_libc_end(&run->heap);
    if (made.text == NULL || made.size == 0)
        return NULL;
    size_t length = maker->is_half ? strlen(text) / 2 : strlen(text);
    run_exercised(run, "c/interposition");
    if (made.size != length + 1 || memcmp(made.text, text, length) != 0 || made.text[length] != '\0') {
        run_violated(run, "c/interposition", maker->name, "the text, in a block of the allocator's",
                     "another text of %zu bytes at %#zx", made.size, (size_t)made.text);
        taint(&run->heap);
        return NULL;
    }
    return heap_c_adopt(&run->heap, made.text, made.size);
}

static void use(struct run *run, struct block *block, size_t round)
{
    if (block == NULL || !run_goes_on(run))
        return;
    if (round % 3 == 0)
        heap_c_resize(&run->heap, C_REALLOC, block, 0, block->requested * 2 + 100);
    if (round % 3 == 1)
        heap_c_resize(&run->heap, C_REALLOC, block, 0, block->requested / 2 + 1);
    if (run_goes_on(run))
        heap_c_ask(&run->heap, block);
}

static void strings(struct run *run)
{
    struct pool pool = pool_create(run, 128);
    size_t rounds = run_rounds(run, 60, 400), most = 20000;
    char *text = run_scratch(run, most + 1);
    heap_blame_crashes_on(&run->heap, "c/interposition");
    for (size_t round = 0; round < rounds && run_goes_on(run); round++) {
        size_t length = round < 40 ? round + 1 : run_size(run, most);
        for (size_t i = 0; i < length; i++)
            text[i] = TEXT[(i + round) % (sizeof TEXT - 1)];
        text[length] = '\0';
        for (size_t i = 0; i < sizeof makers / sizeof *makers && run_goes_on(run); i++) {
            struct block *block = take(run, &makers[i], text);
            use(run, block, round + i);
            pool_add(&pool, block);
        }
        while (pool.count > 60 && run_goes_on(run))
            c_free(run, pool_take_any(run, &pool));
    }
    while (pool.count > 0 && run_goes_on(run))
        c_free(run, pool_take_any(run, &pool));
}

/* Names of files, for which some libcs ask for PATH_MAX bytes and some for no more than the name. */
static void names(struct run *run)
{
    heap_blame_crashes_on(&run->heap, "c/interposition");
    for (size_t round = 0; round < 20 && run_goes_on(run); round++) {
        heap_c_libc_begin(&run->heap, PATH_MAX);
        char *name = round % 2 ? realpath("/proc/../tmp/.", NULL) : getcwd(NULL, 0);
        heap_c_libc_end(&run->heap);
        if (name == NULL)
            continue;
        run_exercised(run, "c/interposition");
        struct block *block = heap_c_adopt(&run->heap, name, strlen(name) + 1);
        use(run, block, round);
        c_free(run, block);
    }
}

#define AS_EVER \
    "block/disjoint block/undisturbed c/alignment usable-size/at-least-size reallocate/contents c/free-keeps-errno "

static const struct scenario scenarios[] = {
    {.name = "c/strings-of-libc",
     .about = "strings that libc makes: resized, asked about and freed by the library's functions",
     .clauses = "c/interposition " AS_EVER,
     .tags = "quick",
     .needs = NEEDS_C | NEEDS_MALLOC_REPLACED,
     .run = strings},
    {.name = "c/names-of-libc",
     .about = "names of files that libc makes",
     .clauses = "c/interposition " AS_EVER,
     .tags = "quick",
     .needs = NEEDS_C | NEEDS_MALLOC_REPLACED,
     .run = names},
};

SCENARIOS_OF("malloc", c_interposition, "c", C_ORDER + 6, scenarios);
