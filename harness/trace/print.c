/* Recorded events as the calls they were, with numbers where the trace says only places. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "harness/candidate/c_function.h"
#include "harness/trace/text.h"

/* What is known of one block at this point of the trace. */
struct known {
    uint32_t block;
    uint64_t requested; /* 0: not known, the trace begins behind its making */
    uint64_t align;
};

struct printer {
    struct known *known;
    size_t count;
};

static struct known *known_of(struct printer *printer, const struct event *event)
{
    for (size_t i = printer->count; i-- > 0;)
        if (printer->known[i].block == event->block)
            return &printer->known[i];
    printer->known[printer->count] =
        (struct known){.block = event->block, .align = UINT64_C(1) << (event->align_log2 & 63)};
    return &printer->known[printer->count++];
}

/* The size that counts as requested from here on, as far as the recorded answer tells. */
static void learn(struct known *known, const struct event *event, uint64_t old_size)
{
    bool made = event->kind == OP_ALLOCATE || event->kind == OP_ALLOCATE_ZEROED;
    if (made)
        known->align = UINT64_C(1) << (event->align_log2 & 63);
    if (made || (event->kind == OP_REALLOCATE && event->answer != 0))
        known->requested = event->size;
    else if (event->kind == OP_REALLOCATE_INPLACE && known->requested != 0) {
        bool grown = event->size > old_size && event->answer >= event->size;
        bool shrunk = event->size < old_size && event->answer < old_size;
        if (grown || shrunk || (event->size <= old_size && event->size > known->requested))
            known->requested = event->size;
    }
}

/* The old_size that was passed, or the place it had where the number is not known. */
static uint64_t old_size_of(const struct known *known, const struct event *event, char *text, size_t size)
{
    static const char *const places[] = {"requested", "usable", "in between"};
    static const char *const notes[] = {"", " (usable)", " (in between)"};
    unsigned place = event->old_size_place % 3;
    bool has_step = place == OLD_SIZE_REQUESTED || event->old_size_step != 0;
    if (known->requested != 0 && has_step) {
        uint64_t old_size = known->requested + (place == OLD_SIZE_REQUESTED ? 0 : event->old_size_step);
        snprintf(text, size, "%" PRIu64 "%s", old_size, notes[place]);
        return old_size;
    }
    snprintf(text, size, "%s", places[place]);
    return known->requested;
}

static void answer_text(char *text, size_t size, const struct event *event)
{
    if (!event->returned)
        snprintf(text, size, "  had not returned");
    else if (event->kind == OP_DEALLOCATE)
        text[0] = '\0';
    else if (event->kind == OP_REALLOCATE_INPLACE || event->kind == OP_USABLE_SIZE)
        snprintf(text, size, "  -> %" PRIu64, event->answer);
    else if (event->answer == 0)
        snprintf(text, size, "  -> null");
    else
        snprintf(text, size, "  -> %#" PRIx64, event->answer);
}

static void c_answer_text(char *text, size_t size, const struct event *event)
{
    enum c_role role = event->align_log2 < C_FUNCTIONS ? c_shape((enum c_function)event->align_log2)->role : C_FREES;
    if (!event->returned)
        snprintf(text, size, "  had not returned");
    else if (role == C_FREES)
        text[0] = '\0';
    else if (role == C_ASKS)
        snprintf(text, size, "  -> %" PRIu64, event->answer);
    else if (event->answer == 0)
        snprintf(text, size, "  -> null");
    else
        snprintf(text, size, "  -> %#" PRIx64, event->answer);
}

static void call_text(char *text, size_t size, const struct event *event, const char *old_size, uint64_t align)
{
    const char *name = operation_name((enum operation)event->kind);
    uint32_t block = event->block;
    if (event->kind == OP_USABLE_SIZE)
        snprintf(text, size, "%s(size %" PRIu64 ", align %" PRIu64 ")", name, event->size, align);
    else if (event->kind == OP_DEALLOCATE)
        snprintf(text, size, "%s(p%" PRIu32 ", old_size %s, align %" PRIu64 ")", name, block, old_size, align);
    else if (event->kind == OP_REALLOCATE)
        snprintf(text, size, "p%" PRIu32 " = %s(p%" PRIu32 ", old_size %s, size %" PRIu64 ", align %" PRIu64 ")", block,
                 name, block, old_size, event->size, align);
    else if (event->kind == OP_REALLOCATE_INPLACE)
        snprintf(text, size, "%s(p%" PRIu32 ", old_size %s, size %" PRIu64 ", align %" PRIu64 ")", name, block,
                 old_size, event->size, align);
    else
        snprintf(text, size, "p%" PRIu32 " = %s(size %" PRIu64 ", align %" PRIu64 ")", block, name, event->size, align);
}

static void other_text(char *text, size_t size, const struct event *event)
{
    if (event->kind == EVENT_VERIFY)
        snprintf(text, size, "(the contents of all live blocks are checked)");
    else if (event->kind == EVENT_THREAD_END)
        snprintf(text, size, "(the thread ends)");
    else if (event->kind == EVENT_GUARD)
        snprintf(text, size, "(an inaccessible page behind where the next %" PRIu64 " bytes are mapped)", event->size);
    else if (event->size == 0)
        snprintf(text, size, "(the system grants memory again)");
    else
        snprintf(text, size, "(the system refuses mapping call %" PRIu64 "%s from here)", event->size,
                 event->kind == EVENT_REFUSE ? " and all that follow," : "");
}

static size_t line_text(struct printer *printer, char *line, size_t size, const struct event *event)
{
    char thread[24] = "", old_size[48], call[EVENT_TEXT], answer[32] = "";
    if (event->thread != 0)
        snprintf(thread, sizeof thread, "thread %u: ", event->thread);
    if (event->kind == EVENT_C) {
        c_event_text(call, sizeof call, event, "p");
        c_answer_text(answer, sizeof answer, event);
    } else if (event->kind < OPERATIONS) {
        struct known *known = known_of(printer, event);
        uint64_t passed = old_size_of(known, event, old_size, sizeof old_size);
        learn(known, event, passed);
        call_text(call, sizeof call, event, old_size, known->align);
        answer_text(answer, sizeof answer, event);
    } else {
        other_text(call, sizeof call, event);
    }
    snprintf(line, size, "%s%s%s\n", thread, call, answer);
    return strlen(line);
}

size_t trace_print(char *out, size_t size, const struct event *events, size_t count)
{
    struct printer printer = {.known = malloc((count + 1) * sizeof *printer.known)};
    size_t length = 0;
    if (size > 0)
        out[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        char line[2 * EVENT_TEXT];
        size_t one = line_text(&printer, line, sizeof line, &events[i]);
        if (length + one + 1 > size)
            break;
        memcpy(out + length, line, one + 1);
        length += one;
    }
    free(printer.known);
    return length;
}
