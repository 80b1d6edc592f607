/* harness/candidate/c_call.h: calls the functions of C's malloc family, each as itself.
 *
 * Promises: the same as candidate.h promises for the six operations. Only a function that the candidate itself defines
 * is called: one that it lacks is absent, however many other libraries define it. The binding's `prefix` stands before
 * each name that is looked up.
 */
#pragma once

#include "harness/candidate/c_function.h"

struct candidate;

/* May the function be called? Only where the binding serves a contract of C's functions and the library defines it. */
bool candidate_has_c(const struct candidate *candidate, enum c_function function);

struct c_request {
    enum c_function function;
    void *pointer;    /* for C_POINTER, and what C_OUT's pointer holds before the call */
    size_t first;     /* the count or the alignment, if there is one */
    size_t size;      /* if there is one */
    int errno_before; /* what errno holds when the call begins */
};

struct c_answer {
    uintptr_t result; /* as the function returned it; an int is widened with its sign; 0 for void */
    uintptr_t out;    /* what C_OUT's pointer holds after the call */
    int errno_after;
};

/* Makes one call. The function must be there. */
struct c_answer candidate_call_c(const struct candidate *candidate, const struct c_request *request);
