/* harness/candidate/call_text.h: one call as one line of text, for findings and for the evidence of a crash.
 *
 * Promises: allocates nothing. The text is cut to `size` bytes. Examples: `reallocate(block 3 at 0x7f10, old_size 24,
 * size 48, align 16)`, `calloc(3, 8)`, `free(null)`.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "harness/candidate/operation.h"

struct call_words {
    unsigned operation; /* enum operation, or OPERATIONS + enum c_function */
    uint32_t number;    /* of the block taken, as findings name it; 0: not known */
    uint64_t address;   /* of the block taken; 0: none */
    uint64_t old_size, size, align;
    uint64_t first; /* of a C function: its count or alignment */
};

void call_text(char *text, size_t size, const struct call_words *words);

/* The same of one of the six operations, for whoever names blocks and sizes otherwise. */
struct operation_words {
    enum operation operation;
    const char *block, *old_size; /* as they are to be written; looked at where the operation takes a block */
    uint64_t size;
    uint64_t align; /* 0: it is not written */
};

void operation_text(char *text, size_t size, const struct operation_words *words);
