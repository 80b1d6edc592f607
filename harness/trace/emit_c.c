#include "harness/trace/emit_c.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "harness/candidate/binding.h"
#include "harness/candidate/binding_c.h"
#include "harness/sandbox/sandbox.h"
#include "harness/trace/reduce.h"
#include "harness/trace/text.h"

/* The parts that are the same in every program, kept as the C they are. */
__asm__(".pushsection .rodata\n"
        "repro_text: .incbin \"harness/trace/repro.c.in\"\n"
        ".byte 0\n"
        "repro_c_text: .incbin \"harness/trace/repro_c.c.in\"\n"
        ".byte 0\n"
        "repro_run_text: .incbin \"harness/trace/repro_run.c.in\"\n"
        ".byte 0\n"
        ".popsection\n");
extern const char repro_text[] __attribute__((visibility("hidden")));
extern const char repro_c_text[] __attribute__((visibility("hidden")));
extern const char repro_run_text[] __attribute__((visibility("hidden")));

/* The clauses that the program checks by name. Any other clause is about a crash, or about something that only shows in
 * the state that the calls lead to: then whatever is broken counts. */
static const char *const named_clauses[] = {
    "alignment/allocate",
    "alignment/allocate-zeroed",
    "alignment/reallocate",
    "alignment/above-page",
    "block/disjoint",
    "block/undisturbed",
    "block/no-wrapped-size",
    "usable-size/at-least-size",
    "usable-size/pure",
    "usable-size/slack-owned",
    "zeroing/allocate-zeroed",
    "reallocate/contents",
    "reallocate/slack-contents",
    "reallocate/failure-intact",
    "in-place/answer",
    "in-place/no-op",
    "in-place/contents",
    "in-place/refusal-intact",
    "c/alignment",
    "c/aligned",
    "c/product",
    "c/above-ptrdiff-max",
    "c/posix-memalign-code",
    "c/posix-memalign-out",
    "c/reallocarr-code",
    "c/errno-on-failure",
    "c/errno-of-old-functions",
    "c/free-keeps-errno",
    "c/usable-size-null",
};

static const char *decisive_clause(const char *clause)
{
    for (size_t i = 0; clause != NULL && i < sizeof named_clauses / sizeof *named_clauses; i++)
        if (strcmp(clause, named_clauses[i]) == 0)
            return clause;
    return "";
}

/* ---- comments and strings ---- */

/* `text` within a comment: nothing in it can end the comment. */
static void print_comment(FILE *out, const char *label, const char *text)
{
    if (text == NULL || *text == '\0')
        return;
    fprintf(out, " * %-9s ", label);
    for (char before = ' '; *text != '\0'; before = *text++)
        fputc((unsigned char)*text < ' ' || (*text == '/' && before == '*') ? ' ' : *text, out);
    fputc('\n', out);
}

static void print_string(FILE *out, const char *text)
{
    fputc('"', out);
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            fprintf(out, "\\%c", *text);
        else if ((unsigned char)*text < ' ' || *text == '?')
            fprintf(out, "\\%03o", (unsigned char)*text);
        else
            fputc(*text, out);
    }
    fputc('"', out);
}

static void print_head(FILE *out, const struct reproducer *reproducer)
{
    fputs("/* Shows whether an allocator keeps a clause of its contract, by the calls below.\n *\n", out);
    print_comment(out, "clause:", reproducer->clause);
    print_comment(out, "what:", reproducer->message);
    print_comment(out, "expected:", reproducer->expected);
    print_comment(out, "seen:", reproducer->actual);
    print_comment(out, "library:", reproducer->library);
    fputs(" *\n *     cc repro.c -ldl -pthread && ./a.out [LIBRARY]\n *\n"
          " * exits 1 while the clause is broken, 0 once it is kept, 2 when the library cannot be loaded.\n"
          " * ./a.out LIBRARY here    runs the calls in this very process, for a debugger.\n */\n",
          out);
    fputs("#define _GNU_SOURCE\n#include <dlfcn.h>\n#include <errno.h>\n#include <pthread.h>\n#include <signal.h>\n"
          "#include <stdarg.h>\n#include <stdint.h>\n#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n"
          "#include <stddef.h>\n#include <sys/mman.h>\n#include <sys/personality.h>\n#include <sys/wait.h>\n#include "
          "<unistd.h>\n\n",
          out);
}

/* ---- what the program is made for ---- */

static bool uses(const struct reproducer *reproducer, int kind)
{
    for (size_t i = 0; i < reproducer->count; i++)
        if (reproducer->events[i].kind == kind)
            return true;
    return false;
}

static bool prints(const struct reproducer *reproducer, enum operation operation)
{
    return binding_has(reproducer->binding, operation) && uses(reproducer, operation);
}

static unsigned highest_thread(const struct reproducer *reproducer)
{
    unsigned most = 0;
    for (size_t i = 0; i < reproducer->count; i++)
        most = reproducer->events[i].thread > most ? reproducer->events[i].thread : most;
    return most;
}

/* Where usable_size is no function of size and align, the oracle asks it of the block. */
static bool asks_blocks(const struct reproducer *reproducer)
{
    return !binding_has(reproducer->binding, OP_USABLE_SIZE) && binding_has_block_usable_size(reproducer->binding);
}

static bool print_operations(FILE *out, const struct reproducer *reproducer)
{
    unsigned wanted = 1u << OP_ALLOCATE | 1u << OP_DEALLOCATE | 1u << OP_REALLOCATE | 1u << OP_USABLE_SIZE;
    if (prints(reproducer, OP_ALLOCATE_ZEROED))
        wanted |= 1u << OP_ALLOCATE_ZEROED;
    if (prints(reproducer, OP_REALLOCATE_INPLACE))
        wanted |= 1u << OP_REALLOCATE_INPLACE;
    if (asks_blocks(reproducer))
        wanted |= BINDING_C_BLOCK_USABLE_SIZE;
    if (highest_thread(reproducer) > 0)
        wanted |= BINDING_C_THREADS;
    return binding_print_c(reproducer->binding, wanted, out);
}

static void print_settings(FILE *out, const struct reproducer *reproducer, size_t blocks)
{
    const struct binding *binding = reproducer->binding;
    char *whole = realpath(reproducer->library, NULL); /* the program may be run elsewhere */
    fputs("\n/* ---- what this program is about ---- */\n\n#define LIBRARY ", out);
    print_string(out, whole != NULL ? whole : reproducer->library);
    free(whole);
    fputs("\nstatic const char CLAUSE[] = ", out);
    print_string(out, decisive_clause(reproducer->clause));
    fputs("; /* empty: whatever is broken counts */\n", out);
    fprintf(out, "#define PRELOADED %d\n", binding_load_mode(binding) == BINDING_PRELOAD);
    fprintf(out, "#define OLD_SIZE_IS_EXACT %d\n", binding_old_size(binding) == OLD_SIZE_EXACT);
    fprintf(out, "#define HAS_ALLOCATE_ZEROED %d\n", prints(reproducer, OP_ALLOCATE_ZEROED));
    fprintf(out, "#define HAS_REALLOCATE_INPLACE %d\n", prints(reproducer, OP_REALLOCATE_INPLACE));
    fprintf(out, "#define HAS_USABLE_SIZE %d\n", binding_has(binding, OP_USABLE_SIZE));
    fprintf(out, "#define HAS_BLOCK_USABLE_SIZE %d\n", asks_blocks(reproducer));
    fprintf(out, "#define REFUSES %d\n", uses(reproducer, EVENT_REFUSE) || uses(reproducer, EVENT_REFUSE_ONCE));
    fprintf(out, "#define GUARDS %d\n", uses(reproducer, EVENT_GUARD));
    fprintf(out, "#define SETTINGS %d\n", uses(reproducer, EVENT_SETTING));
    fprintf(out, "#define THREADS %u\n", highest_thread(reproducer));
    fprintf(out, "#define HAS_C %d\n#define C_PREFIX \"%s\"\n", uses(reproducer, EVENT_C), binding_prefix(binding));
    fprintf(out, "enum { BLOCKS = %zu, PATIENCE_S = %d };\n\n", blocks, HANG_ASLEEP_S + HANG_AWAKE_S);
}

/* ---- the steps ---- */

static const char *const kind_names[EVENT_KINDS] = {
    [OP_ALLOCATE] = "ALLOCATE",
    [OP_ALLOCATE_ZEROED] = "ALLOCATE_ZEROED",
    [OP_DEALLOCATE] = "DEALLOCATE",
    [OP_REALLOCATE] = "REALLOCATE",
    [OP_REALLOCATE_INPLACE] = "REALLOCATE_INPLACE",
    [OP_USABLE_SIZE] = "USABLE_SIZE",
    [EVENT_VERIFY] = "VERIFY",
    [EVENT_REFUSE] = "REFUSE",
    [EVENT_REFUSE_ONCE] = "REFUSE_ONCE",
    [EVENT_THREAD_END] = "END",
    [EVENT_GUARD] = "GUARD",
    [EVENT_C] = "C_CALL",
    [EVENT_SETTING] = "SETTING",
};

static void print_step(FILE *out, const struct event *event)
{
    static const char *const places[] = {"REQUESTED", "USABLE", "WITHIN"};
    char text[EVENT_TEXT];
    fprintf(out, "    {.kind = %s", kind_names[event->kind]);
    if (event->block != 0)
        fprintf(out, ", .block = %" PRIu32, event->block);
    if (event->size != 0)
        fprintf(out, ", .size = %" PRIu64 "u", event->size);
    if (event->kind == OP_ALLOCATE || event->kind == OP_ALLOCATE_ZEROED || event->kind == OP_USABLE_SIZE)
        fprintf(out, ", .align = %" PRIu64 "u", UINT64_C(1) << (event->align_log2 & 63));
    if (event->kind == OP_DEALLOCATE || event->kind == OP_REALLOCATE || event->kind == OP_REALLOCATE_INPLACE)
        fprintf(out, ", .place = %s", places[event->old_size_place % 3]);
    if (event->kind == EVENT_C)
        fprintf(out, ", .function = %u, .first = %" PRIu64 "u, .of_null = %d", event->align_log2, event->old_size_step,
                event->old_size_place != 0);
    else if (event->kind == EVENT_SETTING)
        fprintf(out, ", .function = %u", event->align_log2);
    else if (event->old_size_place == OLD_SIZE_WITHIN)
        fprintf(out, ", .within = %" PRIu64 "u", event->old_size_step);
    if (event->thread != 0)
        fprintf(out, ", .thread = %u", event->thread);
    event_text(text, sizeof text, event);
    fprintf(out, "}, /* %s */\n", text);
}

/* Is this the last event of its thread, and not its end? */
static bool ends_thread(const struct event *events, size_t count, size_t at)
{
    if (events[at].thread == 0 || events[at].kind == EVENT_THREAD_END)
        return false;
    for (size_t i = at + 1; i < count; i++)
        if (events[i].thread == events[at].thread)
            return false;
    return true;
}

/* The program refuses to be compiled where sizes are narrower, as it would make other calls there. */
static void print_width(FILE *out, const struct event *events, size_t count)
{
    bool wide = false;
    for (size_t i = 0; i < count; i++)
        wide |= (events[i].kind < OPERATIONS && (events[i].size > UINT32_MAX || events[i].align_log2 > 31)) ||
                (events[i].kind == EVENT_C && (events[i].size > UINT32_MAX || events[i].old_size_step > UINT32_MAX));
    if (wide)
        fputs("_Static_assert(sizeof(size_t) >= 8, \"these calls are a 64-bit platform's\");\n\n", out);
}

static void print_steps(FILE *out, const struct event *events, size_t count)
{
    fputs("enum kind {\n    ALLOCATE, ALLOCATE_ZEROED, DEALLOCATE, REALLOCATE, REALLOCATE_INPLACE, USABLE_SIZE,\n"
          "    VERIFY, REFUSE, REFUSE_ONCE, GUARD, C_CALL, SETTING, END /* of a thread */\n};\n"
          "enum place { REQUESTED, USABLE, WITHIN }; /* of old_size in requested ..= usable */\n\n"
          "static const struct step {\n    enum kind kind;\n    int block;\n    size_t size, align;\n    enum place "
          "place;\n"
          "    unsigned long long within;\n    int thread;\n    int function, of_null; /* of C_CALL; of SETTING: which "
          "*/\n    size_t "
          "first;\n"
          "} steps[] = {\n",
          out);
    for (size_t i = 0; i < count; i++) {
        if (events[i].kind >= EVENT_KINDS)
            continue;
        print_step(out, &events[i]);
        if (ends_thread(events, count, i))
            print_step(out, &(struct event){.kind = EVENT_THREAD_END, .thread = events[i].thread});
    }
    fputs(count == 0 ? "    {.kind = VERIFY},\n};\n" : "};\n", out);
}

/* ---- the whole ---- */

bool emit_c(FILE *out, const struct reproducer *reproducer, struct error *error)
{
    if (reproducer->clause != NULL && strcmp(reproducer->clause, "abi/registers") == 0)
        return error_set(error, "abi/registers: what a call does to registers cannot be shown by a C program");
    struct event *events = malloc((reproducer->count + 1) * sizeof *events);
    if (events == NULL)
        return error_set(error, "no memory to write a program of %zu calls", reproducer->count);
    memcpy(events, reproducer->events, reproducer->count * sizeof *events);
    size_t blocks = renumber_blocks(events, reproducer->count);
    print_head(out, reproducer);
    bool well = print_operations(out, reproducer);
    print_settings(out, reproducer, blocks);
    print_width(out, events, reproducer->count);
    print_steps(out, events, reproducer->count);
    fputs(repro_text, out);
    if (uses(reproducer, EVENT_C))
        fputs(repro_c_text, out);
    fputs(repro_run_text, out);
    free(events);
    if (!well || fflush(out) != 0 || ferror(out))
        return error_set(error, "the program cannot be written: %s", well ? strerror(errno) : "no memory");
    return true;
}
