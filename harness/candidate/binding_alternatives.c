/* The operations of a binding file: [allocate] and its like. */
#include <string.h>

#include "harness/base/lexer.h"
#include "harness/candidate/binding_reader.h"

static const struct slot {
    const char *name;
    unsigned variables;
    enum type result;
} slots[SLOTS] = {
    [OP_ALLOCATE] = {"allocate", 1 << VAR_SIZE | 1 << VAR_ALIGN, TYPE_POINTER},
    [OP_ALLOCATE_ZEROED] = {"allocate_zeroed", 1 << VAR_SIZE | 1 << VAR_ALIGN, TYPE_POINTER},
    [OP_DEALLOCATE] = {"deallocate", 1 << VAR_PTR | 1 << VAR_OLD_SIZE | 1 << VAR_ALIGN, TYPE_VOID},
    [OP_REALLOCATE] = {"reallocate", 1 << VAR_PTR | 1 << VAR_OLD_SIZE | 1 << VAR_SIZE | 1 << VAR_ALIGN, TYPE_POINTER},
    [OP_REALLOCATE_INPLACE] = {"reallocate_inplace", 1 << VAR_PTR | 1 << VAR_OLD_SIZE | 1 << VAR_SIZE | 1 << VAR_ALIGN,
                               TYPE_SIZE},
    [OP_USABLE_SIZE] = {"usable_size", 1 << VAR_SIZE | 1 << VAR_ALIGN, TYPE_SIZE},
    [BLOCK_USABLE_SIZE] = {"usable_size of a block", 1 << VAR_PTR, TYPE_SIZE},
};

static bool result_fits(const struct function *function, enum type wanted)
{
    for (int i = 0; i < function->argument_count; i++)
        if (function->argument[i] == TYPE_OUT)
            return wanted == TYPE_POINTER && function->result == TYPE_INT;
    return wanted == TYPE_VOID || function->result == wanted;
}

/* CALL, or CALL ? EXPRESSION : EXPRESSION */
static bool parse_call_form(struct reader *reader, const char **text, const struct slot *slot,
                            const struct scope *scope, struct alternative *alternative)
{
    if (!reader_call(reader, text, scope, slot->result, &alternative->call))
        return false;
    struct function *function = &reader->binding->functions[alternative->call.function];
    if (!text_take(text, "?")) {
        if (result_fits(function, slot->result))
            return true;
        return reader_refuse(
            reader, "found %s, whose result (line %d) is no %s, expected one that answers %s, or \"? a : b\"",
            function->symbol, function->line, slot->result == TYPE_POINTER ? "pointer" : "size", slot->name);
    }
    if (slot->result != TYPE_SIZE)
        return reader_refuse(reader, "found \"?\", expected it only where the answer is a size");
    if (function->result == TYPE_VOID)
        return reader_refuse(reader, "found \"?\" after %s, which returns nothing, expected a result",
                             function->symbol);
    if (!function->declared)
        return reader_refuse(reader, "found \"?\" after %s, expected its type in [functions]", function->symbol);
    return reader_compile(reader, text, scope, &alternative->yes) && reader_expect(reader, text, ":") &&
           reader_compile(reader, text, scope, &alternative->no);
}

static bool parse_steps(struct reader *reader, const char **text, int index, struct alternative *alternative)
{
    bool zero = index == OP_ALLOCATE_ZEROED;
    if (index != OP_ALLOCATE_ZEROED && index != OP_REALLOCATE)
        return reader_refuse(reader, "found \"steps\", expected it in [allocate_zeroed] or [reallocate] only");
    alternative->form = zero ? FORM_ZERO : FORM_MOVE;
    if (!reader_expect(reader, text, "allocate") || !reader_expect(reader, text, ","))
        return false;
    return zero ? reader_expect(reader, text, "zero")
                : reader_expect(reader, text, "copy") && reader_expect(reader, text, ",") &&
                      reader_expect(reader, text, "deallocate");
}

static bool parse_guard(struct reader *reader, const char *text, const struct scope *scope, struct expression *guard)
{
    if (!text_take(&text, "if"))
        return reader_expect_end(reader, text, "\"if\" and a condition");
    return reader_compile(reader, &text, scope, guard) && reader_expect_end(reader, text, "an operator");
}

bool reader_alternative(struct reader *reader, int index, const char *key, const char *text)
{
    bool is_block = index == OP_USABLE_SIZE && strcmp(key, "block") == 0;
    const struct slot *slot = &slots[is_block ? BLOCK_USABLE_SIZE : index];
    struct alternatives *into = &reader->binding->slots[slot - slots];
    struct alternative alternative = {.call.function = -1, .line = reader->line};
    struct scope scope = reader_scope(reader->binding, slot->variables, index == OP_REALLOCATE_INPLACE);
    bool parsed;
    if (into->count == ALTERNATIVES_MAX)
        return reader_refuse(reader, "found more than %d alternatives, expected fewer", ALTERNATIVES_MAX);
    if (is_block || strcmp(key, "call") == 0) {
        parsed = parse_call_form(reader, &text, slot, &scope, &alternative);
    } else if (strcmp(key, "value") == 0 && slot->result == TYPE_SIZE) {
        alternative.form = FORM_VALUE;
        parsed = reader_compile(reader, &text, &scope, &alternative.yes);
    } else if (strcmp(key, "steps") == 0) {
        parsed = parse_steps(reader, &text, index, &alternative);
    } else {
        return reader_refuse(reader, "found \"%s\", expected call, %s%s", key,
                             slot->result == TYPE_SIZE ? "value" : "steps", index == OP_USABLE_SIZE ? " or block" : "");
    }
    if (!parsed || !parse_guard(reader, text, &scope, &alternative.guard))
        return false;
    into->line = into->line == 0 ? reader->line : into->line;
    into->list[into->count++] = alternative;
    return true;
}
