/* A rendering into a file. */
#include "harness/base/whole_file.h"
#include "harness/report/report.h"

struct rendering {
    report_writer *write;
    const struct report *reports;
    size_t count;
};

static bool render(FILE *out, const void *context)
{
    const struct rendering *rendering = context;
    return rendering->write(out, rendering->reports, rendering->count);
}

bool reports_write(const char *path, report_writer *write, const struct report *reports, size_t count,
                   struct error *error)
{
    return whole_file_write(path, render, &(struct rendering){write, reports, count}, error);
}
