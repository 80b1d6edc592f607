#include <inttypes.h>
#include <string.h>

#include "harness/candidate/c_function.h"
#include "harness/candidate/call_text.h"
#include "harness/trace/text.h"
#include "harness/trace/setting.h"

static void old_size_text(char *text, size_t size, const struct event *event)
{
    if (event->old_size_place == OLD_SIZE_WITHIN)
        snprintf(text, size, "requested + %" PRIu64, event->old_size_step);
    else
        snprintf(text, size, "%s", event->old_size_place == OLD_SIZE_USABLE ? "usable" : "requested");
}

void operation_event_text(char *text, size_t size, const struct event *event, const char *letter,
                          const struct event_words *words)
{
    char block[24], call[EVENT_TEXT];
    bool makes = event->kind == OP_ALLOCATE || event->kind == OP_ALLOCATE_ZEROED || event->kind == OP_REALLOCATE;
    snprintf(block, sizeof block, "%s%" PRIu32, letter, event->block);
    operation_text(call, sizeof call,
                   &(struct operation_words){.operation = (enum operation)event->kind,
                                             .block = block,
                                             .old_size = words->old_size,
                                             .size = event->size,
                                             .align = words->align});
    snprintf(text, size, "%s%s%s", makes ? block : "", makes ? " = " : "", call);
}

/* The alignment of an existing block is its own: a trace says it where the block is made. */
static void plain_operation_text(char *text, size_t size, const struct event *event)
{
    char old_size[48];
    bool has_align = event->kind == OP_ALLOCATE || event->kind == OP_ALLOCATE_ZEROED || event->kind == OP_USABLE_SIZE;
    old_size_text(old_size, sizeof old_size, event);
    operation_event_text(text, size, event, "b",
                         &(struct event_words){.old_size = old_size, .align = has_align ? event_align(event) : 0});
}

static void other_text(char *text, size_t size, const struct event *event)
{
    if (event->kind == EVENT_VERIFY)
        snprintf(text, size, "verify()");
    else if (event->kind == EVENT_THREAD_END)
        snprintf(text, size, "end()");
    else if (event->kind == EVENT_GUARD)
        snprintf(text, size, "guard(size %" PRIu64 ")", event->size);
    else if (event->kind == EVENT_SETTING)
        snprintf(text, size, "set(%s %" PRIu64 ")", setting_name(event->align_log2), event->size);
    else if (event->kind == EVENT_REFUSE && event->size == 0)
        snprintf(text, size, "refuse(none)");
    else
        snprintf(text, size, "refuse(%s %" PRIu64 ")", event->kind == EVENT_REFUSE ? "from" : "only", event->size);
}

void c_event_text(char *text, size_t size, const struct event *event, const char *letter)
{
    unsigned function = event->align_log2 < C_FUNCTIONS ? event->align_log2 : C_MALLOC;
    const struct c_shape *shape = c_shape((enum c_function)function);
    bool of_null = event->old_size_place != 0, makes = shape->role == C_MAKES || shape->role == C_RESIZES;
    char block[24], list[128] = "";
    snprintf(block, sizeof block, of_null ? "null" : "%s%" PRIu32, letter, event->block);
    for (int i = 0; i < C_ARGUMENTS_MAX && shape->arguments[i] != C_NO_ARGUMENT; i++) {
        char one[32] = "";
        bool is_block = shape->arguments[i] == C_POINTER || (shape->arguments[i] == C_OUT && shape->role == C_RESIZES);
        if (is_block)
            snprintf(one, sizeof one, "%s", block);
        else if (shape->arguments[i] != C_OUT) /* an address that is only for the answer is not written */
            snprintf(one, sizeof one, "%" PRIu64, shape->arguments[i] == C_SIZE ? event->size : event->old_size_step);
        if (one[0] != '\0')
            snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", list[0] == '\0' ? "" : ", ", one);
    }
    if (makes)
        snprintf(text, size, "%s%" PRIu32 " = %s(%s)", letter, event->block, shape->name, list);
    else
        snprintf(text, size, "%s(%s)", shape->name, list);
}

size_t event_text(char *text, size_t size, const struct event *event)
{
    char thread[24] = "", what[EVENT_TEXT];
    if (event->thread != 0)
        snprintf(thread, sizeof thread, "thread %u: ", event->thread);
    if (event->kind < OPERATIONS)
        plain_operation_text(what, sizeof what, event);
    else if (event->kind == EVENT_C)
        c_event_text(what, sizeof what, event, "b");
    else
        other_text(what, sizeof what, event);
    snprintf(text, size, "%s%s", thread, what);
    return strlen(text);
}

static void write_about(FILE *out, const char *about)
{
    while (about != NULL && *about != '\0') {
        size_t length = strcspn(about, "\n");
        fprintf(out, "# %.*s\n", (int)length, about);
        about += length + (about[length] == '\n');
    }
}

bool trace_write(FILE *out, const char *about, const struct event *events, size_t count)
{
    fputs("assay trace 1\n", out);
    write_about(out, about);
    for (size_t i = 0; i < count; i++) {
        char text[EVENT_TEXT];
        event_text(text, sizeof text, &events[i]);
        if (events[i].answer != 0)
            fprintf(out, "%-60s # answered %#" PRIx64 "\n", text, events[i].answer);
        else
            fprintf(out, "%s\n", text);
    }
    return fflush(out) == 0 && !ferror(out);
}
