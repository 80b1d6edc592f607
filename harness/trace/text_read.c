#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/lexer.h"
#include "harness/base/text_file.h"
#include "harness/candidate/c_function.h"
#include "harness/sandbox/flight.h"
#include "harness/trace/setting.h"
#include "harness/trace/text.h"

enum { FILE_LIMIT = 256 << 20 };

struct reader {
    const char *name;
    int line;
    const char *at; /* what is still to be read of the line */
    struct event *events;
    size_t count, capacity;
    struct error *error;
};

/* Always false. The message says what was found and what was expected. */
#define refuse(reader, ...) error_at((reader)->error, (reader)->name, (reader)->line, __VA_ARGS__)

static bool expect(struct reader *reader, const char *token)
{
    return text_take(&reader->at, token) || refuse(reader, "found %s, expected \"%s\"", text_found(reader->at), token);
}

/* ---- numbers ---- */

static bool read_number(struct reader *reader, const char *what, uint64_t least, uint64_t most, uint64_t *value)
{
    const char *at = text_skip_space(reader->at);
    char *end = (char *)at;
    errno = 0;
    if (isdigit((unsigned char)*at))
        *value = strtoull(at, &end, 0);
    if (end == at || text_word(end) > 0 || errno == ERANGE || *value < least || *value > most)
        return refuse(reader, "found %s, expected %s from %llu to %llu", text_found(at), what,
                      (unsigned long long)least, (unsigned long long)most);
    reader->at = end;
    return true;
}

/* A trace of a 64-bit platform may have numbers that a narrower size_t cannot hold. */
#if SIZE_MAX < UINT64_MAX
#define OF_THIS_PLATFORM " of this 32-bit platform"
#else
#define OF_THIS_PLATFORM ""
#endif

static bool read_size(struct reader *reader, struct event *event)
{
    return expect(reader, "size") && read_number(reader, "a size" OF_THIS_PLATFORM, 1, SIZE_MAX, &event->size);
}

static bool read_align(struct reader *reader, struct event *event)
{
    uint64_t align;
    if (!expect(reader, "align"))
        return false;
    const char *at = reader->at;
    if (!read_number(reader, "an alignment" OF_THIS_PLATFORM, 1, SIZE_MAX / 2 + 1, &align))
        return false;
    if ((align & (align - 1)) != 0)
        return refuse(reader, "found %s, expected a power of two", text_found(at));
    event->align_log2 = (uint8_t)__builtin_ctzll(align);
    return true;
}

/* b7 */
static bool read_block(struct reader *reader, uint32_t *number)
{
    const char *at = text_skip_space(reader->at);
    uint64_t value;
    if (*at != 'b' || !isdigit((unsigned char)at[1]))
        return refuse(reader, "found %s, expected a block, such as b1", text_found(at));
    reader->at = at + 1;
    if (!read_number(reader, "the number of a block", 1, UINT32_MAX, &value))
        return false;
    *number = (uint32_t)value;
    return true;
}

static bool read_old_size(struct reader *reader, struct event *event)
{
    if (!expect(reader, "old_size"))
        return false;
    if (text_take(&reader->at, "usable")) {
        event->old_size_place = OLD_SIZE_USABLE;
        return true;
    }
    if (!text_take(&reader->at, "requested"))
        return refuse(reader, "found %s, expected \"requested\", \"usable\" or \"requested + N\"",
                      text_found(reader->at));
    if (!text_take(&reader->at, "+"))
        return true;
    event->old_size_place = OLD_SIZE_WITHIN;
    return read_number(reader, "a number of bytes", 0, UINT64_MAX, &event->old_size_step);
}

/* ---- events ---- */

/* A block, or "null". */
static bool read_c_block(struct reader *reader, struct event *event, bool assigned)
{
    uint32_t taken = 0;
    const char *at = reader->at;
    if (text_take(&reader->at, "null")) {
        event->old_size_place = 1;
        return true;
    }
    if (!read_block(reader, &taken))
        return false;
    if (assigned && taken != event->block)
        return refuse(reader, "found %s, expected b%u, the block on the left, or null", text_found(at),
                      (unsigned)event->block);
    event->block = taken;
    return true;
}

/* The arguments of a C function, in its own order. */
static bool read_c_arguments(struct reader *reader, struct event *event)
{
    const struct c_shape *shape = c_shape((enum c_function)event->align_log2);
    bool is_first = true;
    for (int i = 0; i < C_ARGUMENTS_MAX && shape->arguments[i] != C_NO_ARGUMENT; i++) {
        enum c_argument argument = shape->arguments[i];
        bool is_block = argument == C_POINTER || (argument == C_OUT && shape->role == C_RESIZES);
        if (argument == C_OUT && !is_block)
            continue;
        if (!is_first && !expect(reader, ","))
            return false;
        is_first = false;
        bool read = is_block ? read_c_block(reader, event, shape->role == C_RESIZES)
                             : read_number(reader, "a number" OF_THIS_PLATFORM, 0, SIZE_MAX,
                                           argument == C_SIZE ? &event->size : &event->old_size_step);
        if (!read)
            return false;
    }
    return true;
}

/* Takes the name of a C function: of one that makes a block if `assigned`, else of one that does not. False: no such
 * name comes next. */
static bool take_c_function(struct reader *reader, bool assigned, struct event *event)
{
    const char *at = text_skip_space(reader->at);
    size_t length = text_word(at);
    enum c_function function = c_function_find(at, length);
    if (function == C_FUNCTIONS)
        return false;
    enum c_role role = c_shape(function)->role;
    if ((role == C_MAKES || role == C_RESIZES) != assigned)
        return false;
    event->kind = EVENT_C;
    event->align_log2 = (uint8_t)function;
    reader->at = at + length;
    return true;
}

/* The arguments of each operation, in the brackets. */
static bool read_arguments(struct reader *reader, struct event *event)
{
    if (event->kind == OP_ALLOCATE || event->kind == OP_ALLOCATE_ZEROED || event->kind == OP_USABLE_SIZE)
        return read_size(reader, event) && expect(reader, ",") && read_align(reader, event);
    uint32_t taken;
    const char *at = reader->at;
    if (!read_block(reader, &taken))
        return false;
    if (event->kind == OP_REALLOCATE && taken != event->block)
        return refuse(reader, "found %s, expected b%u, the block on the left", text_found(at), (unsigned)event->block);
    event->block = taken;
    if (!expect(reader, ",") || !read_old_size(reader, event))
        return false;
    return event->kind == OP_DEALLOCATE || (expect(reader, ",") && read_size(reader, event));
}

static bool read_refusal(struct reader *reader, struct event *event)
{
    event->kind = EVENT_REFUSE;
    if (text_take(&reader->at, "none"))
        return true;
    if (!text_take(&reader->at, "from")) {
        event->kind = EVENT_REFUSE_ONCE;
        if (!text_take(&reader->at, "only"))
            return refuse(reader, "found %s, expected \"from\", \"only\" or \"none\"", text_found(reader->at));
    }
    return read_number(reader, "a number of mapping calls", 0, UINT64_MAX, &event->size);
}

static bool read_setting(struct reader *reader, struct event *event)
{
    for (unsigned setting = 0; setting < SETTINGS; setting++)
        if (text_take(&reader->at, setting_name(setting))) {
            event->align_log2 = (uint8_t)setting;
            return read_number(reader, "a value of the setting", 0, SETTING_MOST, &event->size);
        }
    return refuse(reader, "found %s, expected stack, processor, pause, keep or exit", text_found(reader->at));
}

/* The word before the bracket. `assigned`: "b1 =" stood before it. */
static bool read_word(struct reader *reader, bool assigned, struct event *event)
{
    for (int kind = 0; kind < OPERATIONS; kind++) {
        bool makes = kind == OP_ALLOCATE || kind == OP_ALLOCATE_ZEROED || kind == OP_REALLOCATE;
        if (makes != assigned || !text_take(&reader->at, operation_name((enum operation)kind)))
            continue;
        event->kind = (uint8_t)kind;
        return true;
    }
    if (take_c_function(reader, assigned, event))
        return true;
    if (assigned)
        return refuse(reader, "found %s, expected allocate, allocate_zeroed, reallocate or a function of C's",
                      text_found(reader->at));
    event->kind = text_take(&reader->at, "verify")   ? EVENT_VERIFY
                  : text_take(&reader->at, "refuse") ? EVENT_REFUSE
                  : text_take(&reader->at, "end")    ? EVENT_THREAD_END
                  : text_take(&reader->at, "guard")  ? EVENT_GUARD
                  : text_take(&reader->at, "set")    ? EVENT_SETTING
                                                     : EVENT_KINDS;
    return event->kind != EVENT_KINDS ||
           refuse(
               reader,
               "found %s, expected a block and \"=\", or reallocate_inplace, deallocate, usable_size, verify, refuse, "
               "end, guard, set",
               text_found(reader->at));
}

static bool read_thread(struct reader *reader, struct event *event)
{
    uint64_t thread = 0;
    if (text_take(&reader->at, "thread") &&
        (!read_number(reader, "a thread", 0, FLIGHT_THREADS - 1, &thread) || !expect(reader, ":")))
        return false;
    event->thread = (uint8_t)thread;
    return true;
}

static bool read_event(struct reader *reader, struct event *event)
{
    if (!read_thread(reader, event))
        return false;
    const char *at = text_skip_space(reader->at);
    bool assigned = at[0] == 'b' && isdigit((unsigned char)at[1]);
    if (assigned && (!read_block(reader, &event->block) || !expect(reader, "=")))
        return false;
    at = reader->at;
    if (!read_word(reader, assigned, event) || !expect(reader, "("))
        return false;
    if (event->kind == EVENT_THREAD_END && event->thread == 0)
        return refuse(reader, "found %s of the main thread, expected \"thread N:\" before it", text_found(at));
    bool read = event->kind < OPERATIONS       ? read_arguments(reader, event)
                : event->kind == EVENT_C       ? read_c_arguments(reader, event)
                : event->kind == EVENT_REFUSE  ? read_refusal(reader, event)
                : event->kind == EVENT_GUARD   ? read_size(reader, event)
                : event->kind == EVENT_SETTING ? read_setting(reader, event)
                                               : true;
    if (!read || !expect(reader, ")"))
        return false;
    return *text_skip_space(reader->at) == '\0' ||
           refuse(reader, "found %s, expected the end of the line or a comment", text_found(reader->at));
}

static bool add_event(struct reader *reader, const struct event *event)
{
    if (reader->count == reader->capacity) {
        size_t capacity = reader->capacity == 0 ? 256 : 2 * reader->capacity;
        struct event *larger = realloc(reader->events, capacity * sizeof *larger);
        if (larger == NULL)
            return refuse(reader, "found more events than there is memory for");
        reader->events = larger;
        reader->capacity = capacity;
    }
    reader->events[reader->count++] = *event;
    return true;
}

/* ---- lines ---- */

static bool read_header(struct reader *reader)
{
    uint64_t version;
    if (!text_take(&reader->at, "assay") || !text_take(&reader->at, "trace"))
        return refuse(reader, "found %s, expected \"assay trace 1\", the first line of a trace",
                      text_found(reader->at));
    return read_number(reader, "a version of the format", 1, 1, &version) &&
           (*text_skip_space(reader->at) == '\0' ||
            refuse(reader, "found %s, expected the end of the line or a comment", text_found(reader->at)));
}

static bool read_line(struct reader *reader, char *line)
{
    struct event event = {0};
    line[strcspn(line, "#")] = '\0';
    reader->at = line;
    if (reader->line == 1)
        return read_header(reader);
    if (*text_skip_space(line) == '\0')
        return true;
    return read_event(reader, &event) && add_event(reader, &event);
}

long trace_parse(const char *name, char *text, struct event **events, struct error *error)
{
    struct reader reader = {.name = name, .error = error};
    bool well = true;
    do {
        size_t length = strcspn(text, "\n");
        char *next = text[length] == '\n' ? text + length + 1 : NULL;
        text[length] = '\0';
        reader.line++;
        well = read_line(&reader, text);
        text = next;
    } while (well && text != NULL);
    if (!well) {
        free(reader.events);
        reader.events = NULL;
    }
    *events = reader.events;
    return well ? (long)reader.count : -1;
}

long trace_read(const char *path, struct event **events, struct error *error)
{
    char *text = text_file_read(path, "a trace", FILE_LIMIT, error);
    *events = NULL;
    if (text == NULL)
        return -1;
    long count = trace_parse(path, text, events, error);
    free(text);
    return count;
}
