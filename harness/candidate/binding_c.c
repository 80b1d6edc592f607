#include "harness/candidate/binding_c.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "harness/candidate/binding_model.h"

enum { EXPRESSION_MAX = 2048 };

static const char *const c_types[] = {
    [TYPE_UNKNOWN] = "size_t", [TYPE_VOID] = "void",  [TYPE_POINTER] = "void *", [TYPE_SIZE] = "size_t",
    [TYPE_INT] = "int",        [TYPE_BOOL] = "_Bool", [TYPE_OUT] = "void **",
};

/* The functions that an expression may call. Each is printed only where one does. */
static const struct helper {
    const char *name, *text;
} helpers[] = {
    {"lg", "static size_t lg(size_t a)\n{\n    size_t n = 0;\n    while (a >>= 1)\n        n++;\n    return "
           "n;\n}\n"},
    {"max", "static size_t max(size_t a, size_t b) { return a > b ? a : b; }\n"},
    {"min", "static size_t min(size_t a, size_t b) { return a < b ? a : b; }\n"},
    {"choose", "static size_t choose(size_t c, size_t a, size_t b) { return c ? a : b; }\n"},
    {"shift_left", "static size_t shift_left(size_t a, size_t n) { return n < sizeof a * 8 ? a << n : 0; }\n"},
    {"shift_right", "static size_t shift_right(size_t a, size_t n) { return n < sizeof a * 8 ? a >> n : 0; }\n"},
    {"page_size", "static size_t page_size(void) { return (size_t)sysconf(_SC_PAGESIZE); }\n"},
};

/* How each operation's definition begins: its result and its parameters. */
static const struct head {
    const char *result, *parameters[4];
    const char *otherwise; /* where no alternative holds, which binding_check has ruled out */
} heads[SLOTS] = {
    [OP_ALLOCATE] = {"void *", {"size", "align"}, "NULL"},
    [OP_ALLOCATE_ZEROED] = {"void *", {"size", "align"}, "NULL"},
    [OP_DEALLOCATE] = {"void ", {"ptr", "old_size", "align"}, ""},
    [OP_REALLOCATE] = {"void *", {"ptr", "old_size", "size", "align"}, "NULL"},
    [OP_REALLOCATE_INPLACE] = {"size_t ", {"ptr", "old_size", "size", "align"}, "0"},
    [OP_USABLE_SIZE] = {"size_t ", {"size", "align"}, "0"},
    [BLOCK_USABLE_SIZE] = {"size_t ", {"ptr"}, "0"},
};

static const char *printed(const struct expression *expression)
{
    static char text[EXPRESSION_MAX];
    if (!expression_print_c(expression, text, sizeof text))
        return "0 /* too long to print */";
    int depth = 0;
    const char *at = text;
    do {
        depth += (*at == '(') - (*at == ')');
        at++;
    } while (depth > 0 && *at != '\0');
    if (text[0] != '(' || *at != '\0')
        return text;
    text[strlen(text) - 1] = '\0'; /* its first and last characters are one pair of parentheses, which is not needed */
    return text + 1;
}

static bool has_word(const char *text, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = text; (at = strstr(at, word)) != NULL; at += length) {
        bool begins = at == text || !(isalnum((unsigned char)at[-1]) || at[-1] == '_');
        bool ends = !(isalnum((unsigned char)at[length]) || at[length] == '_');
        if (begins && ends)
            return true;
    }
    return false;
}

/* ---- operations ---- */

static void print_call(const struct binding *binding, const struct binding_call *call, FILE *stream)
{
    const struct function *function = &binding->functions[call->function];
    fprintf(stream, "call_%s(", function->symbol);
    for (int i = 0; i < function->argument_count; i++) {
        fputs(i > 0 ? ", " : "", stream);
        if (function->argument[i] == TYPE_OUT)
            fputs("&out", stream);
        else if (expression_is_variable(&call->argument[i], VAR_PTR))
            fputs("ptr", stream);
        else
            fprintf(stream, "%s%s", function->argument[i] == TYPE_POINTER ? "(void *)" : "",
                    printed(&call->argument[i]));
    }
    fputs(")", stream);
}

static bool has_out(const struct function *function)
{
    for (int i = 0; i < function->argument_count; i++)
        if (function->argument[i] == TYPE_OUT)
            return true;
    return false;
}

static void print_steps(enum form form, const char *indent, FILE *stream)
{
    fprintf(stream, "%svoid *block = allocate(size, align);\n", indent);
    if (form == FORM_ZERO) {
        fprintf(stream, "%sreturn block != NULL ? memset(block, 0, size) : NULL;\n", indent);
        return;
    }
    fprintf(stream, "%sif (block != NULL) {\n", indent);
    fprintf(stream, "%s    memcpy(block, ptr, old_size < size ? old_size : size);\n", indent);
    fprintf(stream, "%s    deallocate(ptr, old_size, align);\n%s}\n%sreturn block;\n", indent, indent, indent);
}

static void print_alternative(const struct binding *binding, const struct alternative *alternative, bool answers,
                              const char *indent, FILE *stream)
{
    if (alternative->form == FORM_ZERO || alternative->form == FORM_MOVE) {
        print_steps(alternative->form, indent, stream);
        return;
    }
    bool is_call = alternative->form == FORM_CALL;
    bool out = is_call && has_out(&binding->functions[alternative->call.function]);
    if (out)
        fprintf(stream, "%svoid *out = NULL;\n", indent);
    fprintf(stream, "%s%s", indent, answers ? "return " : "");
    if (is_call)
        print_call(binding, &alternative->call, stream);
    if (out)
        fputs(" == 0 ? out : NULL", stream);
    if (alternative->yes.length > 0)
        fprintf(stream, "%s%s", is_call ? " ? " : "", printed(&alternative->yes));
    if (alternative->no.length > 0)
        fprintf(stream, " : %s", printed(&alternative->no));
    fputs(";\n", stream);
    if (!answers && alternative->guard.length > 0)
        fprintf(stream, "%sreturn;\n", indent);
}

static void print_body(const struct binding *binding, int operation, FILE *stream)
{
    const struct alternatives *alternatives = &binding->slots[operation];
    bool open = true; /* is there a case left? */
    for (int i = 0; i < alternatives->count; i++) {
        const struct alternative *alternative = &alternatives->list[i];
        open = alternative->guard.length > 0;
        if (open)
            fprintf(stream, "    if (%s) {\n", printed(&alternative->guard));
        print_alternative(binding, alternative, operation != OP_DEALLOCATE, open ? "        " : "    ", stream);
        fputs(open ? "    }\n" : "", stream);
    }
    if (open && operation != OP_DEALLOCATE)
        fprintf(stream, "    return %s;\n", heads[operation].otherwise);
}

static bool print_operation(const struct binding *binding, int operation, FILE *stream)
{
    const struct head *head = &heads[operation];
    char *body = NULL;
    size_t length;
    FILE *inner = open_memstream(&body, &length);
    if (inner == NULL)
        return false;
    print_body(binding, operation, inner);
    bool whole = fclose(inner) == 0 && body != NULL;
    fprintf(stream, "\nstatic %s%s(", head->result,
            operation == BLOCK_USABLE_SIZE ? "block_usable_size" : operation_name((enum operation)operation));
    for (int i = 0; i < 4 && head->parameters[i] != NULL; i++)
        fprintf(stream, "%s%s%s", i > 0 ? ", " : "", strcmp(head->parameters[i], "ptr") == 0 ? "void *" : "size_t ",
                head->parameters[i]);
    fputs(")\n{\n", stream);
    for (int i = 0; whole && i < 4 && head->parameters[i] != NULL; i++)
        if (!has_word(body, head->parameters[i]))
            fprintf(stream, "    (void)%s;\n", head->parameters[i]);
    fprintf(stream, "%s}\n", whole ? body : "");
    free(body);
    return whole;
}

/* Adds the operations that these need: steps call allocate and deallocate, and in-place answers may ask usable_size. */
static unsigned with_needed(const struct binding *binding, unsigned operations)
{
    for (int i = 0; i < OPERATIONS; i++)
        for (int j = 0; (operations & 1u << i) && j < binding->slots[i].count; j++) {
            enum form form = binding->slots[i].list[j].form;
            if (form == FORM_ZERO || form == FORM_MOVE)
                operations |= 1u << OP_ALLOCATE;
            if (form == FORM_MOVE)
                operations |= 1u << OP_DEALLOCATE;
            if (has_word(printed(&binding->slots[i].list[j].yes), "usable_size") ||
                has_word(printed(&binding->slots[i].list[j].no), "usable_size"))
                operations |= 1u << OP_USABLE_SIZE;
        }
    return operations;
}

static bool print_operations(const struct binding *binding, unsigned operations, FILE *stream)
{
    static const int callees_first[SLOTS] = {OP_ALLOCATE,    OP_ALLOCATE_ZEROED,    OP_DEALLOCATE,    OP_REALLOCATE,
                                             OP_USABLE_SIZE, OP_REALLOCATE_INPLACE, BLOCK_USABLE_SIZE};
    unsigned needed = with_needed(binding, operations);
    bool whole = true;
    for (int i = 0; i < SLOTS; i++)
        if ((needed & 1u << callees_first[i]) && binding->slots[callees_first[i]].count > 0)
            whole = print_operation(binding, callees_first[i], stream) && whole;
    return whole;
}

static void print_hook(const struct binding *binding, const char *name, const struct binding_call *hook, FILE *stream)
{
    fprintf(stream, "\nstatic void %s(void)\n{\n", name);
    if (hook->function >= 0) {
        fputs("    ", stream);
        print_call(binding, hook, stream);
        fputs(";\n", stream);
    }
    fputs("}\n", stream);
}

/* ---- what stands before them ---- */

static bool is_needed(const struct binding *binding, int index, const char *operations)
{
    char name[80];
    snprintf(name, sizeof name, "call_%s", binding->functions[index].symbol);
    return has_word(operations, name) || index == binding->init.function;
}

static void print_pointers(const struct binding *binding, const char *operations, FILE *stream)
{
    for (int i = 0; i < binding->function_count; i++) {
        const struct function *function = &binding->functions[i];
        if (!is_needed(binding, i, operations))
            continue;
        const char *result = c_types[function->result];
        fprintf(stream, "static %s%s(*call_%s)(", result, function->result == TYPE_POINTER ? "" : " ",
                function->symbol);
        for (int j = 0; j < function->argument_count; j++)
            fprintf(stream, "%s%s", j > 0 ? ", " : "", c_types[function->argument[j]]);
        fprintf(stream, "%s);\n", function->argument_count == 0 ? "void" : "");
    }
}

static void print_binder(const struct binding *binding, const char *operations, FILE *stream)
{
    fputs("\nstatic const char *bind_library(void *library)\n{\n", stream);
    for (int i = 0; i < binding->function_count; i++)
        if (is_needed(binding, i, operations))
            fprintf(stream, "    if (!(*(void **)&call_%s = dlsym(library, \"%s\")))\n        return \"%s\";\n",
                    binding->functions[i].symbol, binding->functions[i].symbol, binding->functions[i].symbol);
    if (binding->init.function >= 0) {
        fputs("    ", stream);
        print_call(binding, &binding->init, stream);
        fputs(";\n", stream);
    }
    fputs("    return NULL;\n}\n", stream);
}

bool binding_print_c(const struct binding *binding, unsigned operations, FILE *stream)
{
    char *text = NULL;
    size_t length;
    FILE *inner = open_memstream(&text, &length);
    if (inner == NULL)
        return false;
    bool whole = print_operations(binding, operations, inner);
    if (operations & BINDING_C_THREADS) {
        print_hook(binding, "enter_thread", &binding->thread_init, inner);
        print_hook(binding, "leave_thread", &binding->thread_exit, inner);
    }
    whole = fclose(inner) == 0 && text != NULL && whole;
    if (whole) {
        fprintf(stream, "/* The operations as the binding %s spells them. */\n", binding->name);
        for (size_t i = 0; i < sizeof helpers / sizeof helpers[0]; i++)
            if (has_word(text, helpers[i].name))
                fputs(helpers[i].text, stream);
        print_pointers(binding, text, stream);
        print_binder(binding, text, stream);
        fputs(text, stream);
    }
    free(text);
    return whole;
}
