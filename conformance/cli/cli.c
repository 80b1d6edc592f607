#include "conformance/cli/cli.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "conformance/contract.h"
#include "harness/base/platform.h"
#include "harness/base/utf8.h"

static bool has_complained;

bool cli_has_complained(void) { return has_complained; }

int cli_error(const char *format, ...)
{
    char text[8192];
    va_list arguments;
    va_start(arguments, format);
    has_complained = true;
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    utf8_clean_here(text, false); /* names of files and messages of a loader may hold anything */
    fprintf(stderr, "assay: %s\n", text);
    return STATUS_UNASKED;
}

bool cli_number(const char *option, const char *text, unsigned long long low, unsigned long long high,
                unsigned long long *number)
{
    char *end = NULL;
    errno = 0;
    *number = strtoull(text, &end, 0);
    if (errno == 0 && end != text && *end == '\0' && text[0] != '-' && *number >= low && *number <= high)
        return true;
    cli_error("%s: '%s' is not a number from %llu to %llu", option, text, low, high);
    return false;
}

bool cli_may_judge(void)
{
    enum { COMMON = 8 << 20, LEAST = 1 << 20 };
    struct rlimit limit;
    if (getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur >= COMMON)
        return true;
    limit.rlim_cur = limit.rlim_max < COMMON ? limit.rlim_max : COMMON;
    if (limit.rlim_cur >= LEAST && setrlimit(RLIMIT_STACK, &limit) == 0)
        return true;
    cli_error("the stack may grow to %llu KiB only (ulimit -s), expected %d KiB or more: a correct library might crash",
              (unsigned long long)limit.rlim_cur >> 10, LEAST >> 10);
    return false;
}

/* ASSAY_BINDINGS, or the directory beside the program. Static storage. */
static const char *bindings_directory(void)
{
    static char directory[PATH_MAX];
    const char *set = getenv("ASSAY_BINDINGS");
    if (set != NULL)
        return set;
    char self[PATH_MAX / 2];
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    self[length > 0 ? length : 0] = '\0';
    char *slash = strrchr(self, '/');
    if (slash != NULL)
        *slash = '\0';
    static const char *const places[] = {"../conformance/bindings", "../../conformance/bindings",
                                         "../share/assay/bindings"};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        snprintf(directory, sizeof directory, "%s/%s", self, places[i]);
        if (access(directory, R_OK) == 0)
            break;
    }
    return directory;
}

/* The factor for deadlines: ASSAY_TIME_SCALE, at least 1. */
static uint32_t time_scale(void)
{
    const char *set = getenv("ASSAY_TIME_SCALE");
    long scale = set == NULL ? 1 : strtol(set, NULL, 10);
    return scale < 1 ? 1 : scale > 1000 ? 1000 : (uint32_t)scale;
}

struct judge_options cli_default_options(void)
{
    return (struct judge_options){.bindings_directory = bindings_directory(),
                                  .level = LEVEL_MUST,
                                  .effort = EFFORT_STANDARD,
                                  .seed = 1,
                                  .jobs = platform_processors(),
                                  .time_scale = time_scale(),
                                  .shrink_s = 5};
}

bool cli_contract(const char *name)
{
    char all[256] = "";
    if (contract_select(name))
        return true;
    for (size_t i = 0; i < contract_count(); i++)
        snprintf(all + strlen(all), sizeof all - strlen(all), "%s%s", i == 0 ? "" : ", ", contract_at(i)->name);
    cli_error("--contract: there is no '%s'; there are %s", name, all);
    return false;
}

int cli_usage(const char *text) { return fputs(text, stdout) >= 0 ? STATUS_CONFORMS : STATUS_UNDECIDED; }

bool cli_is_dash(const char *path) { return path != NULL && strcmp(path, "-") == 0; }
