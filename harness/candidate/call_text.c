#include "harness/candidate/call_text.h"

#include <inttypes.h>
#include <stdio.h>

#include "harness/candidate/c_function.h"
#include "harness/candidate/operation.h"

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

void call_text(char *text, size_t size, const struct call_words *words)
{
    if (words->operation >= OPERATIONS) {
        c_text(text, size, words);
        return;
    }
    const char *name = operation_name((enum operation)words->operation);
    char block[64];
    block_text(block, sizeof block, words);
    if (words->operation == OP_ALLOCATE || words->operation == OP_ALLOCATE_ZEROED || words->operation == OP_USABLE_SIZE)
        snprintf(text, size, "%s(size %" PRIu64 ", align %" PRIu64 ")", name, words->size, words->align);
    else if (words->operation == OP_DEALLOCATE)
        snprintf(text, size, "%s(%s, old_size %" PRIu64 ", align %" PRIu64 ")", name, block, words->old_size,
                 words->align);
    else
        snprintf(text, size, "%s(%s, old_size %" PRIu64 ", size %" PRIu64 ", align %" PRIu64 ")", name, block,
                 words->old_size, words->size, words->align);
}
