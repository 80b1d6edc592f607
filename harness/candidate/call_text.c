#include "harness/candidate/call_text.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

#include "harness/candidate/c_function.h"

static void block_text(char *text, size_t size, const struct call_words *words)
{
    if (words->address == 0)
        snprintf(text, size, "null");
    else if (words->number == 0)
        snprintf(text, size, "block at %#" PRIx64, words->address);
    else
        snprintf(text, size, "block %" PRIu32 " at %#" PRIx64, words->number, words->address);
}

static uint64_t number_of(const struct call_words *words, enum c_argument argument)
{
    return argument == C_SIZE ? words->size : words->first;
}

static void c_text(char *text, size_t size, const struct call_words *words)
{
    unsigned function = words->operation - OPERATIONS;
    const struct c_shape *shape = function < C_FUNCTIONS ? c_shape((enum c_function)function) : NULL;
    int at = snprintf(text, size, "%s(", c_function_name(function));
    for (int i = 0; shape != NULL && i < C_ARGUMENTS_MAX && shape->arguments[i] != C_NO_ARGUMENT; i++) {
        char block[64];
        block_text(block, sizeof block, words);
        const char *comma = i == 0 ? "" : ", ";
        size_t left = (size_t)at < size ? size - (size_t)at : 0;
        char *end = text + (left > 0 ? (size_t)at : 0);
        if (shape->arguments[i] == C_POINTER)
            at += snprintf(end, left, "%s%s", comma, block);
        else if (shape->arguments[i] == C_OUT)
            at += snprintf(end, left, "%s&p%s%s", comma, shape->role == C_RESIZES ? " = " : "",
                           shape->role == C_RESIZES ? block : "");
        else
            at += snprintf(end, left, "%s%" PRIu64, comma, number_of(words, shape->arguments[i]));
    }
    if ((size_t)at < size)
        snprintf(text + at, size - (size_t)at, ")");
}

static bool takes_block(enum operation operation)
{
    return operation == OP_DEALLOCATE || operation == OP_REALLOCATE || operation == OP_REALLOCATE_INPLACE;
}

void operation_text(char *text, size_t size, const struct operation_words *words)
{
    char taken[160] = "", wanted[32] = "", align[32] = "";
    bool takes = takes_block(words->operation);
    if (takes)
        snprintf(taken, sizeof taken, "%s, old_size %s", words->block, words->old_size);
    if (words->operation != OP_DEALLOCATE)
        snprintf(wanted, sizeof wanted, "%ssize %" PRIu64, takes ? ", " : "", words->size);
    if (words->align != 0)
        snprintf(align, sizeof align, ", align %" PRIu64, words->align);
    snprintf(text, size, "%s(%s%s%s)", operation_name(words->operation), taken, wanted, align);
}

void call_text(char *text, size_t size, const struct call_words *words)
{
    char block[64], old_size[24];
    if (words->operation >= OPERATIONS) {
        c_text(text, size, words);
        return;
    }
    block_text(block, sizeof block, words);
    snprintf(old_size, sizeof old_size, "%" PRIu64, words->old_size);
    operation_text(text, size,
                   &(struct operation_words){.operation = (enum operation)words->operation,
                                             .block = block,
                                             .old_size = old_size,
                                             .size = words->size,
                                             .align = words->align});
}
