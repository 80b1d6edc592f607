/* harness/linkage/rule_parts.h: what the files of the rule share: how a finding is written down, and the questions
 * that more than one of them asks.
 *
 * Promises: a finding of a clause that says nothing of the artifact's kind is dropped (linkage_applies). The
 * functions only add to inquiry->linkage.
 */
#pragma once

#include "harness/linkage/parties.h"

void add_finding(struct linkage *linkage, enum linkage_clause clause, bool is_open, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void add_note(struct linkage *linkage, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What cannot be read may hold a provider, or one more. */
bool is_all_seen(const struct inquiry *inquiry);

/* Does it import what calls can be passed on with? */
bool may_forward(const struct inquiry *inquiry, const struct linkage_party *party);

/* Who can ask for the next one's functions, and has a part only or no memory to give, may pass every call on, and be no
 * allocator. Who has all and takes memory from the system is taken for one: allocators import dlsym too. */
bool may_be_tracer(const struct inquiry *inquiry, const struct linkage_party *party);

/* What is special about malloc: memory that libc itself hands out, libc's own malloc left in a static program,
 * replacements without effect and without companions. */
void judge_malloc_edges(struct inquiry *inquiry);

/* C++'s operators are replaced in pairs: what gives memory, and what takes it back. */
void judge_operators(struct inquiry *inquiry);

/* An allocator depends on nothing, at any depth, that needs an allocator: no library, and no member of its archive. */
void judge_no_circular(struct inquiry *inquiry);
