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
    {"probe", cmd_probe, "CANDIDATE [OPTIONS]", "say which bindings fit a library"},
    {"list", cmd_list, "[GLOB...] [OPTIONS]", "list clauses and scenarios"},
    {"explain", cmd_explain, "CLAUSE", "explain one clause, with its sources"},
    {"replay", cmd_replay, "TRACE CANDIDATE", "run a trace, or write it as a C program"},
    {"linkage", cmd_linkage, "ARTIFACT... | --graph FILE", "judge the linkage rule on files"},
    {"compare", cmd_compare, "REPORT...", "put several verdicts side by side"},
};

static int help(FILE *out)
{
    fputs("assay: does an allocator keep its contract?\n\n"
          "  assay run ./libmine.so                 judges a library\n"
          "  assay probe ./libmine.so               says how it can be called\n"
          "  assay explain alignment/allocate       explains a clause\n\n",
          out);
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        fprintf(out, "  %-8s %-27s %s\n", verbs[i].name, verbs[i].usage, verbs[i].about);
    fputs("\n`assay help VERB` says more about a verb.\n"
          "Exit status: 0 conforms, 1 does not conform, 2 could not be asked, 3 undecided.\n",
          out);
    return out == stdout ? STATUS_CONFORMS : STATUS_UNASKED;
}

static const struct verb *find_verb(const char *typed)
{
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (strcmp(typed, verbs[i].name) == 0)
            return &verbs[i];
    return NULL;
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

/* Protects this process from a candidate, which runs as the same user (SECURITY.md says from what). A limit that the
 * candidate sets then leads to an error message, and not to a silent end. */
static void guard_process(void)
{
    prctl(PR_SET_DUMPABLE, 0);
    signal(SIGXFSZ, SIG_IGN);
    signal(SIGXCPU, SIG_IGN);
    signal(SIGCHLD, SIG_DFL); /* if a careless parent had it ignored, no end of a child would be told */
    terminal_save();
    atexit(terminal_restore);
}

/* A caller may have closed descriptors 0 to 2. The next file to be opened would get such a number, and printed text
 * would go into it. So /dev/null is opened in their place, the wrong way round: reading and writing still fail. False
 * when standard output was closed. */
static bool fill_closed_descriptors(void)
{
    bool has_output = fcntl(STDOUT_FILENO, F_GETFD) >= 0;
    for (int descriptor = 0; descriptor <= 2; descriptor++)
        if (fcntl(descriptor, F_GETFD) < 0 && open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY) < 0)
            break;
    return has_output;
}

/* A verdict that nobody can read is none. If the text got lost, the exit status says so. */
static int end(int status)
{
    errno = 0;
    bool lost = fflush(stdout) != 0 || ferror(stdout);
    if (!lost || (status == STATUS_UNASKED && cli_has_complained())) /* one line has told the cause already */
        return status;
    return cli_error("standard output cannot be written: %s",
                     errno != 0 ? strerror(errno) : "not all of the text got there");
}

static int dispatch(int argc, char **argv)
{
    report_name_program(argv[0]);
    if (argc < 2)
        return help(stderr);
    bool asks_for_help = strcmp(argv[1], "help") == 0;
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || (asks_for_help && argc == 2))
        return help(stdout);
    if (strcmp(argv[1], "--version") == 0)
        return printf("assay " ASSAY_VERSION "\n") > 0 ? STATUS_CONFORMS : STATUS_UNDECIDED;
    const char *typed = argv[asks_for_help ? 2 : 1];
    const struct verb *verb = find_verb(typed);
    if (verb == NULL)
        return unknown_verb(typed);
    return asks_for_help ? verb->run(2, (char *[]){argv[2], "--help", NULL}) : verb->run(argc - 1, argv + 1);
}

#ifdef __GLIBC__
/* The dynamic linker calls this before every constructor, also before those of preloaded libraries. libc has not set
 * its `environ` yet. A candidate may expect it to be set, as it is in a library's constructor. */
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
