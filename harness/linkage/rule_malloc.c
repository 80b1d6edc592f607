/* The special cases of malloc: libc hands out memory of its malloc, holds a malloc of its own, and takes part in the
 * search order.
 *
 * Source: The GNU C Library Reference Manual, "Replacing malloc". It says which functions a replacement must provide
 * (malloc, free, calloc, realloc) and which it should provide (aligned_alloc, malloc_usable_size, memalign,
 * posix_memalign, pvalloc, valloc). A program must not use a function of these that the replacement leaves to libc.
 */
#include "harness/linkage/rule_parts.h"

enum { LIST_TEXT = 1024 };

static uint64_t bit_of(const struct inquiry *inquiry, const char *name)
{
    return UINT64_C(1) << family_function(inquiry->family, name);
}

/* ---- memory that libc hands out ---- */

/* libc's functions call the malloc that everybody binds to. An object that keeps free private, and does not import
 * libc's, cannot give their memory back. A library may leave that to its callers; a program has no callers. */
static void judge_handed(struct inquiry *inquiry, const struct linkage_party *party)
{
    char text[LIST_TEXT];
    const struct symbol_sets *sets = party->sets;
    uint64_t gives = sets->needed & family_set(inquiry->family, ROLE_GIVES);
    uint64_t may_give = sets->needed & family_set(inquiry->family, ROLE_MAY_GIVE);
    bool frees_elsewhere = (sets->needed & (bit_of(inquiry, "free") | bit_of(inquiry, "realloc"))) != 0;
    if ((gives | may_give) == 0 || frees_elsewhere)
        return;
    bool is_program = party->order == 0 && shape_is_executable(inquiry->artifact->shape);
    bool is_open = !is_program || gives == 0 || may_forward(inquiry, party) || !is_all_seen(inquiry);
    add_finding(inquiry->linkage, LINKAGE_AT_MOST_ONE, is_open,
                "%s keeps malloc and free to itself, so that libc does not see them, and calls %s: "
                "memory of libc's malloc is passed to another free%s",
                party->label, family_list(inquiry->family, gives != 0 ? gives : may_give, text, sizeof text),
                is_open ? ", unless other code frees it or passes a buffer for it, which no file shows" : "");
}

/* ---- libc's own malloc in a static program ---- */

/* In glibc, malloc is another name of __libc_malloc. When the two have different addresses, a replacement stands beside
 * libc's malloc, which fork, malloc_trim and others have pulled in. In musl they are two functions in every program. */
static void judge_inner(struct inquiry *inquiry)
{
    const struct symbol_sets *sets = &inquiry->artifact->sets;
    uint64_t defined = sets->private | sets->exported;
    if (!shape_is_static(inquiry->artifact->shape) || sets->first_at == 0 || sets->inner_at == 0 ||
        sets->first_at == sets->inner_at || (defined & bit_of(inquiry, "__libc_malloc_impl")) != 0)
        return;
    bool is_open = (defined & bit_of(inquiry, "_int_malloc")) == 0;
    add_finding(inquiry->linkage, LINKAGE_AT_MOST_ONE, is_open,
                "%s holds libc's own malloc beside another one: malloc is at %#llx and __libc_malloc at %#llx%s",
                object_name(inquiry->artifact), (unsigned long long)sets->first_at, (unsigned long long)sets->inner_at,
                is_open ? ", unless one calls the other, which no file shows" : "");
}

/* ---- without effect, without companions ---- */

static void note_behind(struct inquiry *inquiry, const struct linkage_party *party)
{
    char text[LIST_TEXT];
    const struct linkage_party *first = parties_find(inquiry, PARTY_DEFAULT, party->functions & inquiry->core);
    add_note(inquiry->linkage,
             "%s stands behind %s in the search order: nothing binds to its %s, and the replacement has no effect",
             party->label, first == NULL ? inquiry->family->default_name : first->label,
             family_list(inquiry->family, party->functions & inquiry->core, text, sizeof text));
}

/* For a program, all its uses are known, and rule.c has judged them. For a replacement alone, its users are not
 * known. */
static void judge_missing_companions(struct inquiry *inquiry, const struct linkage_party *party, uint64_t functions)
{
    char text[LIST_TEXT];
    uint64_t cfree = bit_of(inquiry, "cfree"); /* glibc has not had one since 2.26 */
    uint64_t missing = inquiry->companions & ~functions & ~cfree;
    if ((inquiry->core & ~functions) != 0 || missing == 0)
        return;
    family_list(inquiry->family, missing, text, sizeof text);
    bool is_alone = party->order == 0 && inquiry->linkage->kind != KIND_EXECUTABLE;
    if (!is_alone || may_forward(inquiry, party))
        add_note(inquiry->linkage, "%s is incomplete: it replaces malloc and free but not %s", party->label, text);
    else
        add_finding(inquiry->linkage, LINKAGE_COMPLETE, true,
                    "%s is incomplete: it replaces malloc and free but not %s, and a program that uses one of "
                    "these gets memory of libc, which the replacement cannot free",
                    party->label, text);
}

void judge_malloc_edges(struct inquiry *inquiry)
{
    bool is_archive = shape_is_archive(inquiry->artifact->shape), told = false;
    bool is_replaced = parties_find(inquiry, PARTY_PROVIDER, inquiry->family->essence) != NULL;
    judge_inner(inquiry);
    for (size_t i = 0; i < inquiry->linkage->party_count; i++) {
        const struct linkage_party *party = &inquiry->linkage->parties[i];
        /* beside a replacement, it is already reported as a second allocator */
        if (party->role == PARTY_HIDDEN && !is_replaced)
            judge_handed(inquiry, party);
        if (party->role == PARTY_BEHIND)
            note_behind(inquiry, party);
        if (party->role == PARTY_PROVIDER && !parties_use_private(inquiry, party->order) && !(is_archive && told)) {
            judge_missing_companions(inquiry, party, is_archive ? inquiry->artifact->sets.exported : party->functions);
            told = true;
        }
    }
}
