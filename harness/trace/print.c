/* Recorded events as the calls that were made, with numbers where the trace has only places. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "harness/candidate/c_function.h"
#include "harness/trace/text.h"
#include "harness/trace/setting.h"

/* What is known of one block at this point of the trace. */
struct known {
    uint32_t block;
    uint64_t requested; /* 0: not known, as the trace begins after the block was made */
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
    printer->known[printer->count] = (struct known){.block = event->block, .align = event_align(event)};
    return &printer->known[printer->count++];
}

/* Notes the size that counts as requested from here on, as far as the recorded answer tells it. */
static void learn(struct known *known, const struct event *event, uint64_t old_size)
{
    bool made = event->kind == OP_ALLOCATE || event->kind == OP_ALLOCATE_ZEROED;
    if (made || event->kind == OP_USABLE_SIZE) /* of no block: each says an alignment of its own */
        known->align = event_align(event);
    if (made || (event->kind == OP_REALLOCATE && event->answer != 0))
        known->requested = event->size;
    else if (event->kind == OP_REALLOCATE_INPLACE && known->requested != 0) {
        bool grown = event->size > old_size && event->answer >= event->size;
        bool shrunk = event->size < old_size && event->answer < old_size;
        if (grown || shrunk || (event->size <= old_size && event->size > known->requested))
            known->requested = event->size;
    }
}

/* Writes the old_size that was passed, or its place in the legal range where the number is not known. Returns the
 * number, or the last requested size. */
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

/* What the call answered is a number of bytes, an address, or nothing. */
enum answer { ANSWER_NOTHING, ANSWER_SIZE, ANSWER_ADDRESS };

static enum answer answer_of(const struct event *event)
{
    if (event->kind == EVENT_C) {
        enum c_role role =
            event->align_log2 < C_FUNCTIONS ? c_shape((enum c_function)event->align_log2)->role : C_FREES;
        return role == C_FREES ? ANSWER_NOTHING : role == C_ASKS ? ANSWER_SIZE : ANSWER_ADDRESS;
    }
    if (event->kind == OP_DEALLOCATE)
        return ANSWER_NOTHING;
    return event->kind == OP_REALLOCATE_INPLACE || event->kind == OP_USABLE_SIZE ? ANSWER_SIZE : ANSWER_ADDRESS;
}

static void answer_text(char *text, size_t size, const struct event *event)
{
    enum answer answer = answer_of(event);
    if (!event->returned)
        snprintf(text, size, "  had not returned");
    else if (answer == ANSWER_NOTHING)
        text[0] = '\0';
    else if (answer == ANSWER_SIZE)
        snprintf(text, size, "  -> %" PRIu64, event->answer);
    else if (event->answer == 0)
        snprintf(text, size, "  -> null");
    else
        snprintf(text, size, "  -> %#" PRIx64, event->answer);
}

static void call_line(struct printer *printer, char *text, size_t size, const struct event *event)
{
    char old_size[48];
    struct known *known = known_of(printer, event);
    uint64_t passed = old_size_of(known, event, old_size, sizeof old_size);
    learn(known, event, passed);
    operation_event_text(text, size, event, "p", &(struct event_words){.old_size = old_size, .align = known->align});
}

static void other_text(char *text, size_t size, const struct event *event)
{
    if (event->kind == EVENT_VERIFY)
        snprintf(text, size, "(the contents of all live blocks are checked)");
    else if (event->kind == EVENT_THREAD_END)
        snprintf(text, size, "(the thread ends)");
    else if (event->kind == EVENT_GUARD)
        snprintf(text, size, "(an inaccessible page behind where the next %" PRIu64 " bytes are mapped)", event->size);
    else if (event->kind == EVENT_SETTING)
        setting_print(text, size, event);
    else if (event->size == 0)
        snprintf(text, size, "(the system grants memory again)");
    else
        snprintf(text, size, "(the system refuses mapping call %" PRIu64 "%s from here)", event->size,
                 event->kind == EVENT_REFUSE ? " and all that follow," : "");
}

static size_t line_text(struct printer *printer, char *line, size_t size, const struct event *event)
{
    char thread[24] = "", what[EVENT_TEXT], answer[32] = "";
    if (event->thread != 0)
        snprintf(thread, sizeof thread, "thread %u: ", event->thread);
    if (event->kind == EVENT_C)
        c_event_text(what, sizeof what, event, "p");
    else if (event->kind < OPERATIONS)
        call_line(printer, what, sizeof what, event);
    else
        other_text(what, sizeof what, event);
    if (event->kind == EVENT_C || event->kind < OPERATIONS)
        answer_text(answer, sizeof answer, event);
    snprintf(line, size, "%s%s%s\n", thread, what, answer);
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
