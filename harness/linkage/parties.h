/* harness/linkage/parties.h: the parties of one artifact. A party is an object or an archive member that provides or
 * needs functions of the family.
 *
 * Promises: the list is filled once, in the order of the closure (for an archive, in the order of its members). The
 * clauses in rule.c are written with the questions below.
 */
#pragma once

#include "harness/linkage/rule.h"

struct inquiry {
    struct linkage *linkage;
    struct object_cache *cache;
    const struct family *family;
    const struct object *artifact;
    struct closure closure;
    uint64_t core, companions;
};

/* Fills linkage->parties from the closure, or from the members of the archive that the artifact is. */
void parties_note(struct inquiry *inquiry);

/* Is object `order` of the closure the artifact, and are its private functions the allocator of everything in it? */
bool parties_use_private(const struct inquiry *inquiry, size_t order);

/* Returns the functions that the parties of this role have together. */
uint64_t parties_functions(const struct inquiry *inquiry, enum party_role role);

/* Returns the first party of this role that has any of the functions, or NULL. */
const struct linkage_party *parties_find(const struct inquiry *inquiry, enum party_role role, uint64_t functions);

/* Does the party yield all of `functions` to strong or earlier definitions of others? This happens only in a link,
 * because the loader ignores weakness. */
bool party_is_fallback(const struct inquiry *inquiry, const struct linkage_party *party, uint64_t functions);
