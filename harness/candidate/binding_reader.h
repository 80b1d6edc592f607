/* harness/candidate/binding_reader.h: what the parts of the reader of binding files share.
 *
 * Private to harness/candidate. Promises: every function that returns false has set the error, with the place and with
 * what was found and what was expected. A `text` is what stands behind the key, and `*text` is moved past what was
 * read.
 */
#pragma once

#include "harness/candidate/binding_model.h"

struct reader {
    struct binding *binding;
    const char *rest; /* of the text, not read yet */
    int line;
    bool names; /* the first reading takes [constants] and [functions] only, so that these may stand below their use */
    unsigned seen; /* which keys of [binding] have been given */
    struct error *error;
};

/* ---- binding_reader.c: messages and expressions ---- */

/* Sets the error to a message with its place in the file. `format` says what was found and what was expected. Returns
 * false. */
bool reader_refuse(struct reader *reader, const char *format, ...) __attribute__((format(printf, 2, 3)));

bool reader_compile(struct reader *reader, const char **text, const struct scope *scope, struct expression *expression);

/* Takes exactly this word or sign. */
bool reader_expect(struct reader *reader, const char **text, const char *token);

/* Takes the end of the line; `or_else` names what else could have stood there. */
bool reader_expect_end(struct reader *reader, const char *text, const char *or_else);

/* What an expression may read: these variables (VARIABLE_BITs), the platform's, and the constants so far. */
struct scope reader_scope(const struct binding *binding, unsigned variables, bool usable_size);

/* ---- binding_names.c ---- */

/* NAME = VALUE of [constants]. */
bool reader_constant(struct reader *reader, const char *name, const char *text);

/* NAME = RESULT (TYPE, ...) of [functions]. */
bool reader_function(struct reader *reader, const char *name, const char *text);

/* SYMBOL(ARGUMENT, ...). A function without a type in [functions] gets its type here; `result` is its result then. */
bool reader_call(struct reader *reader, const char **text, const struct scope *scope, enum type result,
                 struct binding_call *call);

bool reader_all_are_called(struct reader *reader);

/* Puts the binding's prefix before the names of all functions: they go by their names in the file until all is read. */
bool reader_put_prefix(struct reader *reader);

/* ---- binding_alternatives.c ---- */

/* KEY = TEXT in the section of the operation `index`. */
bool reader_alternative(struct reader *reader, int index, const char *key, const char *text);
