/* A fuzz target for the readers of untrusted files. libFuzzer and AFL++ can run it, and so can any engine that calls
 * LLVMFuzzerTestOneInput.
 *
 * Each input is written to a file. That file is judged as an artifact of every family and every kind, and then read as
 * the cache of the dynamic linker. It may need itself (as input or libsix.so.1, through $ORIGIN or the directories of a
 * sysroot), and it may name itself as a member of a thin archive. The sanitizers find faults of the code. This target
 * also asserts promises of rule.h: there is an error exactly when the verdict says so, and it is one line that names
 * the file; the text is printable and the JSON valid, whatever the file holds; a file that is judged again gets the
 * same verdict.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/linkage/ld_cache.h"
#include "harness/linkage/rule.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PATH_TEXT = 128 };
static pid_t owner;
static char sysroot[PATH_TEXT], input[2 * PATH_TEXT];

/* The input stands in a library directory of the sysroot and has a second name there. A row without a target is a
 * directory. */
static const struct {
    const char *path, *target;
} PLACES[] = {
    {"usr", NULL},
    {"usr/lib", NULL},
    {"lib", "/usr/lib"}, /* leads into the sysroot, not into this machine's directory */
    {"usr/lib/libsix.so.1", "../lib/./input"},
    {"usr/lib/libloop.so", "libloop.so"},
};
enum { PLACE_COUNT = sizeof PLACES / sizeof *PLACES };

static void give_up(const char *why)
{
    fprintf(stderr, "fuzz-files: %s\n", why);
    exit(2);
}

/* ---- one file after another, all with one name ---- */

/* Engines fork. The children use the files of the first process, so only that one removes them. */
static void remove_files(void)
{
    char path[2 * PATH_TEXT];
    if (getpid() != owner)
        return;
    unlink(input);
    for (int i = PLACE_COUNT - 1; i >= 0; i--) {
        snprintf(path, sizeof path, "%s/%s", sysroot, PLACES[i].path);
        remove(path);
    }
    rmdir(sysroot);
}

static void prepare(void)
{
    char path[2 * PATH_TEXT];
    const char *parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"; /* a disk would be slower */
    snprintf(sysroot, sizeof sysroot, "%s/fuzz-files-XXXXXX", parent);
    if (mkdtemp(sysroot) == NULL)
        give_up("no directory can be made for the inputs");
    for (int i = 0; i < PLACE_COUNT; i++) {
        snprintf(path, sizeof path, "%s/%s", sysroot, PLACES[i].path);
        if ((PLACES[i].target == NULL ? mkdir(path, 0700) : symlink(PLACES[i].target, path)) != 0)
            give_up("the directories of the sysroot cannot be made");
    }
    snprintf(input, sizeof input, "%s/usr/lib/input", sysroot);
    owner = getpid();
    if (atexit(remove_files) != 0)
        give_up("nothing can be left for the end");
}

static void write_input(const uint8_t *data, size_t size)
{
    int descriptor = open(input, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (descriptor < 0 || write(descriptor, data, size) != (ssize_t)size || close(descriptor) != 0)
        give_up("the input cannot be written");
}

/* ---- what must hold of any file ---- */

static void require(bool holds, const char *promise, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "fuzz-files: broken promise: %s (%s)\n", promise, what);
    abort();
}

/* Every item is one row of the output. A name that could begin a row of its own could forge a verdict. */
static size_t rows_of(const struct linkage *linkage)
{
    if (linkage->verdict == LINKAGE_ERROR)
        return 1;
    return 1 + linkage->party_count + (linkage->default_name != NULL) + linkage->finding_count + linkage->note_count;
}

static void check_text(const struct linkage *linkage)
{
    char *text = NULL;
    size_t length = 0, rows = 0;
    bool printable = true;
    FILE *out = open_memstream(&text, &length);
    if (out == NULL)
        give_up("out of memory");
    linkage_print(out, linkage, true);
    fclose(out);
    for (const char *at = text; *at != '\0'; at++) {
        rows += *at == '\n';
        printable = printable && (*at == '\n' || ((unsigned char)*at >= ' ' && *at != 0x7f));
    }
    require(printable, "what is printed has no control characters", text);
    require(rows == rows_of(linkage), "what is printed has a line a row", text);
    free(text);
}

static void check_json(const struct linkage *linkage)
{
    json_t *value = linkage_json(linkage);
    char *text = json_dumps(value, JSON_COMPACT);
    require(text != NULL, "the JSON is valid", linkage->artifact);
    free(text);
    json_decref(value);
}

static void check(const struct linkage *linkage)
{
    bool failed = linkage->verdict == LINKAGE_ERROR;
    require(failed == (linkage->error != NULL), "an error has a text, and nothing else has", input);
    require(!failed || strncmp(linkage->error, input, strlen(input)) == 0, "an error names the file", linkage->error);
    require(!failed || strpbrk(linkage->error, "\n\r\t\033") == NULL, "an error is one line", linkage->error);
    check_text(linkage);
    check_json(linkage);
}

/* ---- every way of reading it ---- */

static void judge(struct object_cache *cache, enum linkage_kind kind, struct linkage *linkage)
{
    linkage_judge(linkage, cache, input, kind);
    check(linkage);
}

static void judge_family(const char *family)
{
    struct search_options options = {.family = family_find(family), .sysroot = sysroot};
    struct object_cache *cache = object_cache_create(&options);
    struct linkage first, linkage;
    judge(cache, KIND_INFERRED, &first);
    for (enum linkage_kind kind = KIND_INFERRED; kind <= KIND_ALLOCATOR; kind++) {
        judge(cache, kind, &linkage);
        require(kind != KIND_INFERRED || linkage.verdict == first.verdict, "the second verdict is the first", input);
        linkage_free(&linkage);
    }
    linkage_free(&first);
    object_cache_free(cache);
}

static void read_cache(void)
{
    static const char *const names[] = {"libc.so.6", "", "input"};
    struct ld_cache *cache = ld_cache_read(input);
    size_t length = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        for (size_t position = 0; (cache != NULL);) {
            const char *path = ld_cache_find(cache, names[i], &position);
            if (path == NULL)
                break;
            length += strlen(path);
        }
    require(length < SIZE_MAX / 2, "paths of the cache end", input);
    ld_cache_free(cache);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (sysroot[0] == '\0')
        prepare();
    write_input(data, size);
    judge_family("rust-1.19");
    judge_family("malloc");
    judge_family("cxx");
    read_cache();
    return 0;
}
