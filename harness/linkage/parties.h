/* harness/linkage/parties.h: who provides and who needs functions of the family, in one artifact.
 *
 * Promises: filled once, in the order of the closure (of an archive: of its members); the questions below are
 * what the clauses in rule.c are written in.
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

/* Is object `order` of the closure the artifact, and what it keeps private the allocator of everything in it?
 */
bool parties_use_private(const struct inquiry *inquiry, size_t order);

/* Functions that parties of this role have between them. */
uint64_t parties_functions(const struct inquiry *inquiry, enum party_role role);

/* The first of this role that has any of the functions; NULL: nobody. */
const struct linkage_party *parties_find(const struct inquiry *inquiry, enum party_role role, uint64_t functions);

/* Does it yield all of `functions` to the strong or earlier definitions of others? Only in a link: the loader
 * makes no difference. */
bool party_is_fallback(const struct inquiry *inquiry, const struct linkage_party *party, uint64_t functions);
