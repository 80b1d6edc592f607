/* The program `assay`: finds the verb and hands over. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "conformance/judging/child.h"
#include "conformance/cli/cli.h"
#include "harness/base/own_memory.h"
#include "harness/base/nearest.h"
#include "harness/base/terminal.h"
#include "harness/report/report.h"
#include "harness/sandbox/sandbox.h"

static const struct verb {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *usage, *about;
} verbs[] = {
    {"run", cmd_run, "CANDIDATE... [OPTIONS]", "judge a library, clause by clause"},
    {"probe", cmd_probe, "CANDIDATE [OPTIONS]", "which bindings fit, what is missing, does the binding work at all"},
    {"list", cmd_list, "[--json]", "clauses and scenarios"},
    {"explain", cmd_explain, "CLAUSE", "statement, sources, why it matters, what breaks it"},
    {"replay", cmd_replay, "TRACE CANDIDATE", "run a recorded trace, or write it as a C program"},
    {"linkage", cmd_linkage, "ARTIFACT... | --graph FILE", "the linkage rule: one allocator to an artifact"},
    {"compare", cmd_compare, "REPORT...", "several verdicts side by side"},
};

static int help(FILE *out)
{
    fputs("assay: does an allocator keep its contract?\n\n"
          "  assay run ./libmine.so                 a verdict on a library\n"
          "  assay probe ./libmine.so               how it can be called\n"
          "  assay explain alignment/allocate       what a clause says, and why\n\n",
          out);
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        fprintf(out, "  %-8s %-27s %s\n", verbs[i].name, verbs[i].usage, verbs[i].about);
    fputs("\n  `assay VERB --help` says more.\n"
          "  Exit status: 0 conforms, 1 does not, 2 could not be asked, 3 undecided.\n",
          out);
    return out == stdout ? STATUS_CONFORMS : STATUS_UNASKED;
}

static int unknown_verb(const char *typed)
{
    struct nearest nearest = {.typed = typed};
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        nearest_offer(&nearest, verbs[i].name);
    if (nearest_is_likely(&nearest))
        return cli_error("unknown verb '%s'; did you mean '%s'? `assay --help` lists them", typed, nearest.best);
    return cli_error("unknown verb '%s'; `assay --help` lists them", typed);
}

/* A candidate runs as the same user: what it could do to this process and those that watch over it, SECURITY.md says.
 * A limit that it sets is an error where it is met, and no silent end. */
static void guard_process(void)
{
    prctl(PR_SET_DUMPABLE, 0);
    signal(SIGXFSZ, SIG_IGN);
    signal(SIGXCPU, SIG_IGN);
    signal(SIGCHLD, SIG_DFL); /* ignored, as a careless parent may leave it, no end of a child is ever told */
    terminal_save();
    atexit(terminal_restore);
}

/* A caller may have closed descriptors 0 to 2. What is opened next would get their numbers, and what is printed
 * would go into it. /dev/null takes their place, the wrong way round, so that reading and writing still fail. False
 * for standard output. */
static bool fill_closed_descriptors(void)
{
    bool has_output = fcntl(STDOUT_FILENO, F_GETFD) >= 0;
    for (int descriptor = 0; descriptor <= 2; descriptor++)
        if (fcntl(descriptor, F_GETFD) < 0 && open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY) < 0)
            break;
    return has_output;
}

/* A verdict that nobody can read is none: the status says so where the text got lost. */
static int end(int status)
{
    errno = 0;
    bool lost = fflush(stdout) != 0 || ferror(stdout);
    if (!lost || (status == STATUS_UNASKED && cli_has_complained())) /* one line has named the cause already */
        return status;
    return cli_error("standard output cannot be written: %s",
                     errno != 0 ? strerror(errno) : "not all of the text got there");
}

static int dispatch(int argc, char **argv)
{
    report_name_program(argv[0]);
    if (argc < 2)
        return help(stderr);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0)
        return help(stdout);
    if (strcmp(argv[1], "--version") == 0)
        return printf("assay " ASSAY_VERSION "\n") > 0 ? STATUS_CONFORMS : STATUS_UNDECIDED;
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (strcmp(argv[1], verbs[i].name) == 0)
            return verbs[i].run(argc - 1, argv + 1);
    return unknown_verb(argv[1]);
}

#ifdef __GLIBC__
/* The dynamic linker calls this before every constructor, those of preloaded libraries included. libc has not set its
 * `environ` yet. In a library's constructor it has, and a candidate may look for its options there. */
static void before_constructors(int argc, char **argv, char **variables)
{
    environ = variables;
    if (argc == 3 && strcmp(argv[1], SANDBOX_VERB) == 0)
        child_early(atoi(argv[2]));
}

typedef void initializer(int argc, char **argv, char **variables);
__attribute__((used, section(".preinit_array"))) static initializer *const preinit = before_constructors;
#endif

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], SANDBOX_VERB) == 0)
        child_main(atoi(argv[2]));
    if (!fill_closed_descriptors())
        return cli_error("standard output is closed, expected a file, a pipe or a terminal: /dev/null will do");
    guard_process();
    own_memory_forgo();
    return end(dispatch(argc, argv));
}
