#include <inttypes.h>
#include <string.h>

#include "harness/candidate/c_function.h"
#include "harness/trace/text.h"

static void old_size_text(char *text, size_t size, const struct event *event)
{
    if (event->old_size_place == OLD_SIZE_WITHIN)
        snprintf(text, size, "requested + %" PRIu64, event->old_size_step);
    else
        snprintf(text, size, "%s", event->old_size_place == OLD_SIZE_USABLE ? "usable" : "requested");
}

static void operation_text(char *text, size_t size, const struct event *event)
{
    const char *name = operation_name((enum operation)event->kind);
    uint64_t align = UINT64_C(1) << (event->align_log2 & 63);
    char old_size[48];
    old_size_text(old_size, sizeof old_size, event);
    switch (event->kind) {
    case OP_ALLOCATE:
    case OP_ALLOCATE_ZEROED:
        snprintf(text, size, "b%" PRIu32 " = %s(size %" PRIu64 ", align %" PRIu64 ")", event->block, name, event->size,
                 align);
        break;
    case OP_DEALLOCATE: snprintf(text, size, "%s(b%" PRIu32 ", old_size %s)", name, event->block, old_size); break;
    case OP_REALLOCATE:
        snprintf(text, size, "b%" PRIu32 " = %s(b%" PRIu32 ", old_size %s, size %" PRIu64 ")", event->block, name,
                 event->block, old_size, event->size);
        break;
    case OP_REALLOCATE_INPLACE:
        snprintf(text, size, "%s(b%" PRIu32 ", old_size %s, size %" PRIu64 ")", name, event->block, old_size,
                 event->size);
        break;
    default: snprintf(text, size, "%s(size %" PRIu64 ", align %" PRIu64 ")", name, event->size, align);
    }
}

static void other_text(char *text, size_t size, const struct event *event)
{
    if (event->kind == EVENT_VERIFY)
        snprintf(text, size, "verify()");
    else if (event->kind == EVENT_THREAD_END)
        snprintf(text, size, "end()");
    else if (event->kind == EVENT_GUARD)
        snprintf(text, size, "guard(size %" PRIu64 ")", event->size);
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
        else if (shape->arguments[i] != C_OUT) /* an address that only takes the answer is not written */
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
        operation_text(what, sizeof what, event);
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
