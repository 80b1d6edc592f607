/* Is every alternative of an operation taken in some case, and does every case have an alternative? Both are decided by
 * trying sizes and alignments on both sides of every power of two, and of every number that the guards name. */
#include "harness/candidate/binding_model.h"

#include <unistd.h>

enum { SIZES_MAX = 512 };

struct trial {
    size_t sizes[SIZES_MAX];
    int size_count;
    bool chosen[ALTERNATIVES_MAX], holds[ALTERNATIVES_MAX];
};

static void add_size(struct trial *trial, size_t size)
{
    if (size != 0 && trial->size_count < SIZES_MAX)
        trial->sizes[trial->size_count++] = size;
}

static void collect_sizes(struct trial *trial, const struct alternatives *alternatives)
{
    for (int bit = 0; bit < (int)sizeof(size_t) * 8; bit++)
        for (int step = -1; step <= 1; step++)
            add_size(trial, ((size_t)1 << bit) + (size_t)step);
    add_size(trial, SIZE_MAX);
    for (int i = 0; i < alternatives->count; i++) {
        const struct expression *guard = &alternatives->list[i].guard;
        /* The operands are the numbers, and the small indices of variables, which do no harm. */
        for (int j = 0; j < guard->length; j++)
            for (int step = -1; step <= 1; step++)
                add_size(trial, guard->code[j].value + (size_t)step);
    }
}

/* Notes which guards hold for these arguments, and which alternative is taken. False when none is. */
static bool try_one(struct trial *trial, const struct alternatives *alternatives,
                    const struct expression_inputs *inputs)
{
    int first = -1;
    for (int i = alternatives->count - 1; i >= 0; i--) {
        const struct expression *guard = &alternatives->list[i].guard;
        if (guard->length == 0 || expression_value(guard, inputs) != 0) {
            trial->holds[i] = true;
            first = i;
        }
    }
    if (first >= 0)
        trial->chosen[first] = true;
    return first >= 0;
}

static bool guards_read(const struct alternatives *alternatives, enum variable variable)
{
    for (int i = 0; i < alternatives->count; i++)
        if (expression_reads(&alternatives->list[i].guard, variable))
            return true;
    return false;
}

static bool check_cases(const struct binding *binding, const char *name, struct trial *trial,
                        const struct alternatives *alternatives, struct error *error)
{
    struct expression_inputs inputs = {.variable[VAR_SIZEOF_POINTER] = sizeof(void *),
                                       .variable[VAR_PAGE_SIZE] = (size_t)sysconf(_SC_PAGESIZE),
                                       .variable[VAR_PTR] = 1};
    int old_sizes = guards_read(alternatives, VAR_OLD_SIZE) ? trial->size_count : 1;
    for (size_t align = 1; align != 0 && align <= binding->max_align; align <<= 1)
        for (int i = 0; i < trial->size_count; i++)
            for (int j = 0; j < old_sizes; j++) {
                inputs.variable[VAR_SIZE] = trial->sizes[i];
                inputs.variable[VAR_ALIGN] = align;
                inputs.variable[VAR_OLD_SIZE] = trial->sizes[j];
                if (!try_one(trial, alternatives, &inputs))
                    return error_set(error,
                                     "%s:%d: found no alternative of %s for size %zu, old_size %zu and align %zu, "
                                     "expected one for every case, such as a last one without \"if\"",
                                     binding->path, alternatives->line, name, trial->sizes[i], trial->sizes[j], align);
            }
    return true;
}

static bool check_slot(const struct binding *binding, const char *name, const struct alternatives *alternatives,
                       struct error *error)
{
    struct trial trial = {0};
    if (alternatives->count == 0)
        return true;
    collect_sizes(&trial, alternatives);
    if (!check_cases(binding, name, &trial, alternatives, error))
        return false;
    for (int i = 0; i < alternatives->count; i++) {
        if (!trial.holds[i])
            return error_set(error, "%s:%d: found a condition that never holds, expected one that can", binding->path,
                             alternatives->list[i].line);
        if (!trial.chosen[i])
            return error_set(error,
                             "%s:%d: found an alternative that is never reached, expected the ones above it to leave "
                             "it a case",
                             binding->path, alternatives->list[i].line);
    }
    return true;
}

bool binding_check(const struct binding *binding, struct error *error)
{
    for (int i = 0; i < SLOTS; i++) {
        const char *name = i == BLOCK_USABLE_SIZE ? "usable_size of a block" : operation_name((enum operation)i);
        if (!check_slot(binding, name, &binding->slots[i], error))
            return false;
    }
    return true;
}
