/* A fuzz target for the reader and the judge of crate graphs. Any bytes are a description. It is refused with one line
 * that names it, or it is judged, and the verdict is printed and written as JSON. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "harness/linkage/graph.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds, const char *promise, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "fuzz-graph: broken promise: %s (%s)\n", promise, what);
    abort();
}

static void check_text(const struct graph_verdict *verdict)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    require(out != NULL, "there is memory", "open_memstream");
    graph_print(out, verdict, true);
    fclose(out);
    for (const char *at = text; *at != '\0'; at++)
        require(*at == '\n' || ((unsigned char)*at >= ' ' && *at != 0x7f), "what is printed is printable", text);
    free(text);
}

static void check_json(const struct graph_verdict *verdict)
{
    json_t *value = graph_json(verdict);
    char *text = json_dumps(value, JSON_COMPACT);
    require(text != NULL && json_array_size(value) >= 1, "the JSON is valid and not empty", "graph_json");
    free(text);
    json_decref(value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error error = {0};
    struct graph *graph = graph_parse("input", (const char *)data, size, &error);
    require((graph == NULL) == error_is_set(&error), "an error is there when nothing else is", error.text);
    if (graph == NULL) {
        require(strncmp(error.text, "input:", 6) == 0, "an error names the file", error.text);
        require(strpbrk(error.text, "\n\r\t\033") == NULL, "an error is one line", error.text);
        return 0;
    }
    struct graph_verdict verdict = graph_judge(graph);
    check_text(&verdict);
    check_json(&verdict);
    require(graph_worst(&verdict) <= LINKAGE_ERROR, "there is a worst verdict", "graph_worst");
    graph_verdict_free(&verdict);
    graph_free(graph);
    return 0;
}
