/* harness/linkage/rule_parts.h: what the files of the rule share: functions that add findings, and questions that
 * several files ask.
 *
 * Promises: a finding is dropped when its clause does not apply to the kind of the artifact (linkage_applies). The
 * functions only add to inquiry->linkage.
 */
#pragma once

#include "harness/linkage/parties.h"

void add_finding(struct linkage *linkage, enum linkage_clause clause, bool is_open, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void add_note(struct linkage *linkage, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Could every object be read? One that could not may hold a provider, perhaps a second one. */
bool is_all_seen(const struct inquiry *inquiry);

/* Does it import a function through which it can pass calls on? */
bool may_forward(const struct inquiry *inquiry, const struct linkage_party *party);

/* May the party pass every call on, and so be no allocator? That is possible when it can look up the functions of the
 * next allocator, and defines only a part of the core or cannot get memory from the system. A party that defines the
 * whole core and takes memory from the system counts as an allocator, because allocators import dlsym too. */
bool may_be_tracer(const struct inquiry *inquiry, const struct linkage_party *party);

/* Judges the special cases of malloc: memory that libc itself hands out, libc's own malloc in a static program, and
 * replacements without effect or without companions. */
void judge_malloc_edges(struct inquiry *inquiry);

/* Judges C++'s operators, which are replaced in pairs of one that gives memory and one that takes it back. */
void judge_operators(struct inquiry *inquiry);

/* Judges the rule that an allocator depends, directly or through others, on no library and no member of its archive
 * that needs an allocator. */
void judge_no_circular(struct inquiry *inquiry);
