/* The reader of graph files. libinih finds the keys and values. The sections are found here, because libinih reports a
 * section only together with a key, and so never an empty one. */
#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/text_file.h"
#include "harness/linkage/graph_model.h"

enum { FILE_SIZE_MAX = 1 << 20, EDGES_MAX = 2 * CRATES_MAX };

struct reader {
    struct graph *graph;
    const char *rest, *end; /* the part of the text that is still to be read */
    int line, current;      /* the crate of the section; NO_CRATE in [target] and before the first section */
    bool in_target, has_target;
    struct error *error;
};

/* ---- messages ---- */

/* Sets a message that begins with the place. Bytes that a terminal could act on are replaced. */
__attribute__((format(printf, 2, 3))) static bool refuse(struct reader *reader, const char *format, ...)
{
    char text[700];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    for (char *c = text; *c != '\0'; c++)
        *c = isprint((unsigned char)*c) ? *c : '?';
    return error_set(reader->error, "%s:%d: %s", reader->graph->path, reader->line, text);
}

/* ---- words ---- */

/* Takes the next word of a list. Returns false at its end. */
static bool next_word(const char **text, const char **word, size_t *length)
{
    *word = *text + strspn(*text, " \t\r\n");
    *length = strcspn(*word, " \t\r\n");
    *text = *word + *length;
    return *length > 0;
}

static bool is_name(const char *word, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (!isalnum((unsigned char)word[i]) && word[i] != '_' && word[i] != '-')
            return false;
    return length > 0 && length < CRATE_NAME_SIZE;
}

/* Returns the crate of that name, which may be described further down, or NO_CRATE after an error. */
static int take_crate(struct reader *reader, const char *word, size_t length)
{
    struct graph *graph = reader->graph;
    if (!is_name(word, length))
        return refuse(reader, "found \"%.*s\", expected a name of letters, digits, _ and -, shorter than %d",
                      (int)(length < 80 ? length : 80), word, CRATE_NAME_SIZE),
               NO_CRATE;
    for (int i = 0; i < graph->count; i++)
        if (strlen(graph->crates[i].name) == length && memcmp(graph->crates[i].name, word, length) == 0)
            return i;
    if (graph->count == CRATES_MAX)
        return refuse(reader, "found more than %d crates, expected fewer", CRATES_MAX), NO_CRATE;
    struct crate *crate = &graph->crates[graph->count];
    memcpy(crate->name, word, length);
    crate->line = reader->line;
    return graph->count++;
}

/* ---- values ---- */

static bool parse_flag(struct reader *reader, const char *value, bool *flag)
{
    *flag = strcmp(value, "yes") == 0;
    return *flag || strcmp(value, "no") == 0 || refuse(reader, "found \"%s\", expected yes or no", value);
}

static bool parse_types(struct reader *reader, const char *value, unsigned allowed, const char *expected,
                        unsigned *types)
{
    const char *word;
    size_t length;
    *types = 0;
    while (next_word(&value, &word, &length)) {
        enum crate_type type = crate_type_find(word, length);
        if (type == CRATE_TYPES || !(allowed & TYPE_BIT(type)))
            return refuse(reader, "found \"%.*s\", expected some of %s", (int)(length < 80 ? length : 80), word,
                          expected);
        *types |= TYPE_BIT(type);
    }
    if (*types == 0)
        return refuse(reader, "found nothing, expected some of %s", expected);
    if ((*types & TYPE_BIT(TYPE_PROC_MACRO)) && *types != TYPE_BIT(TYPE_PROC_MACRO))
        return refuse(reader, "found proc-macro beside another, expected it alone");
    return true;
}

static bool parse_edges(struct reader *reader, const char *value, enum dep_kind kind)
{
    struct crate *crate = &reader->graph->crates[reader->current];
    const char *word;
    size_t length;
    while (next_word(&value, &word, &length)) {
        int to = take_crate(reader, word, length);
        if (to == NO_CRATE)
            return false;
        if (crate->edge_count == EDGES_MAX)
            return refuse(reader, "found more than %d dependencies, expected fewer", EDGES_MAX);
        struct edge *grown = realloc(crate->edges, (crate->edge_count + 1) * sizeof *grown);
        if (grown == NULL)
            return refuse(reader, "out of memory");
        crate->edges = grown;
        crate->edges[crate->edge_count++] = (struct edge){.to = to, .line = reader->line, .kind = kind};
    }
    return true;
}

static bool parse_allocation_crate(struct reader *reader, const char *value, int *crate)
{
    if (*crate != NO_CRATE)
        return refuse(reader, "found a second default, expected one");
    *crate = take_crate(reader, value, strlen(value));
    return *crate != NO_CRATE;
}

/* ---- sections ---- */

enum key { ALLOCATOR, NEEDS_ALLOCATOR, PREFER_DYNAMIC, FORMATS, CRATE_TYPES_KEY, DEPENDS, IMPLICIT, NO_LINK, KEYS };

static const char *const keys[KEYS] = {"allocator",   "needs_allocator", "prefer_dynamic", "formats",
                                       "crate_types", "depends",         "implicit",       "no_link"};

/* The compiler ignores the tags of the crate that it compiles, so a session has no keys for them. */
enum { CRATE_ALONE = 1 << ALLOCATOR | 1 << NEEDS_ALLOCATOR | 1 << FORMATS, SESSION_ALONE = 1 << CRATE_TYPES_KEY };
enum { LISTS = 1 << DEPENDS | 1 << IMPLICIT | 1 << NO_LINK };

static bool parse_of_crate(struct reader *reader, const char *name, const char *value)
{
    static const unsigned formats = TYPE_BIT(TYPE_RLIB) | TYPE_BIT(TYPE_DYLIB) | TYPE_BIT(TYPE_PROC_MACRO);
    struct crate *crate = &reader->graph->crates[reader->current];
    int key = 0;
    while (key < KEYS && strcmp(name, keys[key]) != 0)
        key++;
    if (key == KEYS || (1 << key & (crate->is_session ? CRATE_ALONE : SESSION_ALONE)))
        return refuse(reader, "found \"%s\", expected %s, prefer_dynamic, depends, implicit or no_link", name,
                      crate->is_session ? "crate_types" : "allocator, needs_allocator, formats");
    if (crate->seen & ~(unsigned)LISTS & 1u << key)
        return refuse(reader, "found a second \"%s\", expected one", name);
    crate->seen |= 1u << key;
    switch ((enum key)key) {
    case ALLOCATOR: return parse_flag(reader, value, &crate->is_allocator);
    case NEEDS_ALLOCATOR: return parse_flag(reader, value, &crate->needs_allocator);
    case PREFER_DYNAMIC: return parse_flag(reader, value, &crate->prefer_dynamic);
    case FORMATS: return parse_types(reader, value, formats, "rlib, dylib and proc-macro", &crate->types);
    case CRATE_TYPES_KEY:
        return parse_types(reader, value, ~0u, "executable, dylib, rlib, staticlib, cdylib and proc-macro",
                           &crate->types);
    case DEPENDS: return parse_edges(reader, value, DEP_EXPLICIT);
    case IMPLICIT: return parse_edges(reader, value, DEP_IMPLICIT);
    default: return parse_edges(reader, value, DEP_MACROS);
    }
}

static bool parse_of_target(struct reader *reader, const char *name, const char *value)
{
    if (strcmp(name, "exe_allocation_crate") == 0)
        return parse_allocation_crate(reader, value, &reader->graph->exe_allocation_crate);
    if (strcmp(name, "lib_allocation_crate") == 0)
        return parse_allocation_crate(reader, value, &reader->graph->lib_allocation_crate);
    return refuse(reader, "found \"%s\", expected exe_allocation_crate or lib_allocation_crate", name);
}

static bool open_crate(struct reader *reader, const char *word, size_t length, bool is_session)
{
    reader->current = take_crate(reader, word, length);
    if (reader->current == NO_CRATE)
        return false;
    struct crate *crate = &reader->graph->crates[reader->current];
    if (crate->is_described)
        return refuse(reader, "found a second description of %s, expected one (line %d)", crate->name, crate->line);
    crate->is_described = true;
    crate->is_session = is_session;
    crate->line = reader->line;
    crate->types = TYPE_BIT(is_session ? TYPE_EXECUTABLE : TYPE_RLIB);
    return true;
}

/* Reads the line that opens a section: "[target]", "[crate NAME]" or "[session NAME]". */
static bool open_section(struct reader *reader, const char *line)
{
    static const char expected[] = "[target], [crate NAME] or [session NAME]";
    char head[2 * CRATE_NAME_SIZE];
    size_t length = strcspn(line, "]");
    const char *rest = line + length + (line[length] == ']'), *text = head, *first, *name, *more;
    size_t first_length, name_length, more_length;
    rest += strspn(rest, " \t\r\n");
    if (line[length] != ']' || length >= sizeof head || (*rest != '\0' && *rest != '#' && *rest != ';'))
        return refuse(reader, "found \"%.80s\", expected %s", line, expected);
    memcpy(head, line + 1, length - 1);
    head[length - 1] = '\0';
    bool has_first = next_word(&text, &first, &first_length), has_name = next_word(&text, &name, &name_length);
    bool has_more = next_word(&text, &more, &more_length);
    bool is_session = first_length == 7 && strncmp(first, "session", 7) == 0;
    reader->current = NO_CRATE;
    reader->in_target = has_first && !has_name && first_length == 6 && strncmp(first, "target", 6) == 0;
    if (reader->in_target && reader->has_target)
        return refuse(reader, "found a second [target], expected one");
    reader->has_target |= reader->in_target;
    if (reader->in_target)
        return true;
    if (!has_name || has_more || !(is_session || (first_length == 5 && strncmp(first, "crate", 5) == 0)))
        return refuse(reader, "found [%s], expected %s", head, expected);
    return open_crate(reader, name, name_length, is_session);
}

/* ---- the file ---- */

static int handle(void *user, const char *section, const char *key, const char *value)
{
    struct reader *reader = user;
    (void)section;
    if (error_is_set(reader->error))
        return 0;
    if (reader->in_target)
        return parse_of_target(reader, key, value);
    if (reader->current != NO_CRATE)
        return parse_of_crate(reader, key, value);
    return refuse(reader, "found \"%s\" before any section, expected [target], [crate NAME] or [session NAME]", key);
}

/* Works like fgets on the text. libinih would split a line longer than its buffer, and would take an indented section
 * for the continuation of the value before it. Both are refused here. */
static char *next_line(char *line, int capacity, void *user)
{
    struct reader *reader = user;
    if (reader->rest == reader->end || error_is_set(reader->error))
        return NULL;
    const char *newline = memchr(reader->rest, '\n', (size_t)(reader->end - reader->rest));
    size_t length = (size_t)((newline == NULL ? reader->end : newline) - reader->rest);
    reader->line++;
    if (memchr(reader->rest, '\0', length) != NULL)
        return refuse(reader, "found a zero byte, expected text"), NULL;
    if (length + 3 > (size_t)capacity)
        return refuse(reader, "found a line of %zu characters, expected at most %d: lists go on in indented lines",
                      length, capacity - 3),
               NULL;
    memcpy(line, reader->rest, length);
    strcpy(line + length, "\n");
    reader->rest += length + (newline != NULL);
    size_t indent = strspn(line, " \t");
    if (line[indent] == '[' && indent > 0)
        return refuse(reader, "found an indented \"[\", expected a section at the start of its line"), NULL;
    if (line[indent] == '[' && !open_section(reader, line))
        return NULL;
    return line;
}

static bool parse(struct reader *reader)
{
    struct graph *graph = reader->graph;
    int bad_line = ini_parse_stream(next_line, reader, handle, reader);
    if (error_is_set(reader->error))
        return false;
    if (bad_line > 0) {
        reader->line = bad_line;
        return refuse(reader, "found a line that is none of [section], key = value, # comment; expected one of these");
    }
    for (int i = 0; i < graph->count; i++) { /* alloc_system is the default of every target that names none */
        bool is_default = graph->crates[i].is_described && strcmp(graph->crates[i].name, "alloc_system") == 0;
        if (is_default && graph->exe_allocation_crate == NO_CRATE)
            graph->exe_allocation_crate = i;
        if (is_default && graph->lib_allocation_crate == NO_CRATE)
            graph->lib_allocation_crate = i;
    }
    return graph_check(graph, reader->error);
}

struct graph *graph_parse(const char *path, const char *text, size_t length, struct error *error)
{
    struct graph *graph = calloc(1, sizeof *graph + strlen(path) + 1);
    if (graph == NULL)
        return error_set(error, "%s: out of memory", path), NULL;
    strcpy(graph->path, path);
    graph->exe_allocation_crate = graph->lib_allocation_crate = NO_CRATE;
    struct reader reader = {.graph = graph, .rest = text, .end = text + length, .current = NO_CRATE, .error = error};
    if (parse(&reader))
        return graph;
    graph_free(graph);
    return NULL;
}

struct graph *graph_read(const char *path, struct error *error)
{
    size_t length = 0;
    char *text = text_file_read_bytes(path, "a crate graph", FILE_SIZE_MAX, &length, error);
    struct graph *graph = text == NULL ? NULL : graph_parse(path, text, length, error);
    free(text);
    return graph;
}

void graph_free(struct graph *graph)
{
    for (int i = 0; graph != NULL && i < graph->count; i++)
        free(graph->crates[i].edges);
    free(graph);
}
