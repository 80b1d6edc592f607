/* C++'s operators new and delete are replaced one by one, and the default of one calls another (family.c). A program
 * that replaces operator new(size_t) and operator delete(void *) has therefore replaced all except the aligned ones.
 * The rule judges pairs of an operator that gives memory and an operator that takes it back: in the end, both must come
 * from the same maker. A maker is the object that defines an operator.
 *
 * Source: ISO C++, [new.delete.single] and [new.delete.array]: a block that is passed to operator delete has come from
 * the matching operator new; [replacement.functions].
 *
 * A file leaves one thing open: a replacement of one half may take its memory from malloc, as the default of the other
 * half expects.
 */
#include <string.h>

#include "harness/linkage/rule_parts.h"

enum { THE_DEFAULT = -1, LIST_TEXT = 1024 };

struct question {
    struct inquiry *inquiry;
    const struct family *family;
    uint64_t known; /* operators that some object defines or uses */
    char size_letter;
};

static bool is_giver(const struct family_function *function) { return function->name[2] == 'n'; }

/* The letter that stands for size_t in the name, `m` or `j`; 0: the operator takes no size_t. */
static char letter_of(const struct family_function *function)
{
    char letter = function->name[is_giver(function) ? strlen("_Znw") : strlen("_ZdlPv")];
    return letter == 'm' || letter == 'j' ? letter : '\0';
}

static uint64_t known_operators(const struct inquiry *inquiry)
{
    uint64_t known = inquiry->artifact->sets.exported | inquiry->artifact->sets.needed;
    for (size_t i = 0; i < inquiry->closure.count; i++)
        known |= inquiry->closure.loaded[i]->object->sets.exported | inquiry->closure.loaded[i]->object->sets.needed;
    return known & inquiry->core;
}

static char size_letter(const struct inquiry *inquiry, uint64_t known)
{
    bool is_seen[128] = {false};
    for (uint64_t set = known; set != 0; set &= set - 1)
        is_seen[(unsigned char)letter_of(&inquiry->family->functions[__builtin_ctzll(set)])] = true;
    if (is_seen['m'] != is_seen['j'])
        return is_seen['m'] ? 'm' : 'j';
    return inquiry->artifact->class == ELFCLASS64 ? 'm' : 'j';
}

/* ---- which operator is called ---- */

/* The index in the closure of the object that defines the operator first. An archive counts as one object. */
static int definer_of(const struct inquiry *inquiry, unsigned function)
{
    if (shape_is_archive(inquiry->artifact->shape))
        return inquiry->artifact->sets.exported >> function & 1 ? 0 : THE_DEFAULT;
    for (size_t i = 0; i < inquiry->closure.count; i++) {
        const struct object *object = inquiry->closure.loaded[i]->object;
        if (object->sets.exported >> function & 1)
            return family_is_default(inquiry->family, object->soname) ? THE_DEFAULT : (int)i;
    }
    return THE_DEFAULT;
}

/* The operator that does the work when `function` is called. */
static unsigned worker_of(const struct inquiry *inquiry, unsigned function)
{
    const struct family *family = inquiry->family;
    while (family->functions[function].calls != NULL && definer_of(inquiry, function) == THE_DEFAULT)
        function = family_function(family, family->functions[function].calls);
    return function;
}

static const char *label_of(const struct inquiry *inquiry, int definer)
{
    enum party_role role = definer == THE_DEFAULT ? PARTY_DEFAULT : PARTY_PROVIDER;
    if (shape_is_archive(inquiry->artifact->shape) && definer != THE_DEFAULT)
        return object_name(inquiry->artifact);
    for (size_t i = 0; i < inquiry->linkage->party_count; i++) {
        const struct linkage_party *party = &inquiry->linkage->parties[i];
        if (party->role == role && (definer == THE_DEFAULT || party->order == (size_t)definer))
            return party->label;
    }
    return inquiry->family->default_name;
}

/* The operators of other makers that the default version of this operator calls. */
static uint64_t next_of(const struct inquiry *inquiry, unsigned function)
{
    uint64_t next = 0;
    const struct family *family = inquiry->family;
    int definer = definer_of(inquiry, function);
    for (const char *name = family->functions[function].calls; name != NULL;) {
        unsigned called = family_function(family, name);
        next |= definer_of(inquiry, called) == definer ? 0 : UINT64_C(1) << called;
        name = family->functions[called].calls;
    }
    return next;
}

/* Can the maker of this operator do what the default does: call such an operator, or take its memory from malloc? */
static bool may_pass_on(const struct inquiry *inquiry, unsigned function)
{
    uint64_t imported = 0, defined = 0, mallocs = family_set(inquiry->family, ROLE_FORWARD);
    int definer = definer_of(inquiry, function);
    if (definer == THE_DEFAULT)
        return false;
    for (size_t i = 0; i < inquiry->linkage->party_count; i++) {
        const struct linkage_party *party = &inquiry->linkage->parties[i];
        if (party->role != PARTY_PROVIDER || party->order != (size_t)definer)
            continue;
        imported |= party->sets->needed | party->sets->wanted;
        defined |= party->sets->exported;
    }
    return (imported & next_of(inquiry, function)) != 0 || ((imported | defined) & mallocs) != 0;
}

/* ---- pairs ---- */

static uint64_t side_of(const struct question *question, enum family_pair pair, bool givers)
{
    uint64_t side = 0;
    for (size_t i = 0; i < question->family->count; i++) {
        const struct family_function *function = &question->family->functions[i];
        char letter = function->pair == PAIR_NONE ? '\0' : letter_of(function);
        bool is_spelt_so = letter == '\0' || letter == question->size_letter;
        if (function->pair == pair && is_giver(function) == givers && is_spelt_so)
            side |= UINT64_C(1) << i;
    }
    return side;
}

static void tell(const struct question *question, unsigned giver, unsigned taker, bool is_open)
{
    struct inquiry *inquiry = question->inquiry;
    const struct family_function *functions = question->family->functions;
    int from = definer_of(inquiry, giver), to = definer_of(inquiry, taker);
    bool is_giver_replaced = from != THE_DEFAULT;
    add_finding(inquiry->linkage, LINKAGE_COMPLETE, is_open,
                "%s replaces %s but not %s, which comes from %s: "
                "a block is taken back by somebody who did not give it%s",
                label_of(inquiry, is_giver_replaced ? from : to), functions[is_giver_replaced ? giver : taker].shown,
                functions[is_giver_replaced ? taker : giver].shown, label_of(inquiry, is_giver_replaced ? to : from),
                is_open ? ", unless it passes calls on (to malloc or to another operator) or the rest is still to be "
                          "linked, which no file shows"
                        : "");
}

/* A program that contains no operator of the other half gives no block back, or gets none. Code that is still to be
 * linked is different: if it gets blocks, it must give them back; if it only gives them back, it may have none to
 * give. */
static bool is_half_there(const struct question *question, enum family_pair pair, bool givers)
{
    return (question->known & side_of(question, pair, givers)) != 0;
}

static void judge_two(const struct question *question, enum family_pair pair, unsigned giver, unsigned taker)
{
    const struct inquiry *inquiry = question->inquiry;
    bool is_taker_alone = definer_of(inquiry, giver) == THE_DEFAULT;
    bool is_there = is_half_there(question, pair, is_taker_alone);
    bool is_final = inquiry->linkage->kind == KIND_EXECUTABLE;
    if (!is_there && is_final)
        return;
    bool is_open = may_pass_on(inquiry, giver) || may_pass_on(inquiry, taker) || !is_all_seen(inquiry) ||
                   (!is_there && is_taker_alone) || inquiry->linkage->kind == KIND_RLIB;
    tell(question, giver, taker, is_open);
}

/* Reports at most one finding per pair. When neither operator belongs to the pair itself, both are called through
 * another pair, which reports the finding. */
static void judge_pair_of(const struct question *question, enum family_pair pair)
{
    const struct inquiry *inquiry = question->inquiry;
    const struct family_function *functions = question->family->functions;
    for (uint64_t givers = side_of(question, pair, true); givers != 0; givers &= givers - 1)
        for (uint64_t takers = side_of(question, pair, false); takers != 0; takers &= takers - 1) {
            unsigned giver = worker_of(inquiry, (unsigned)__builtin_ctzll(givers));
            unsigned taker = worker_of(inquiry, (unsigned)__builtin_ctzll(takers));
            bool is_own = functions[giver].pair == pair || functions[taker].pair == pair;
            if (is_own && definer_of(inquiry, giver) != definer_of(inquiry, taker)) {
                judge_two(question, pair, giver, taker);
                return;
            }
        }
}

/* ---- operators that are not called, and operators whose maker is unknown ---- */

/* Two makers that both take their memory from malloc can free each other's blocks. */
static bool has_malloc(const struct inquiry *inquiry, const struct linkage_party *party)
{
    uint64_t reached = party->sets->needed | party->sets->wanted | party->sets->exported;
    return (reached & family_set(inquiry->family, ROLE_FORWARD)) != 0;
}

static void judge_shadowed(const struct question *question, const struct linkage_party *party)
{
    struct inquiry *inquiry = question->inquiry;
    int first = THE_DEFAULT;
    for (uint64_t set = party->functions; set != 0; set &= set - 1) {
        first = definer_of(inquiry, (unsigned)__builtin_ctzll(set));
        if (first == (int)party->order)
            return;
    }
    bool is_own = inquiry->closure.loaded[party->order]->object->is_symbolic;
    if (is_own && first != THE_DEFAULT)
        add_finding(
            inquiry->linkage, LINKAGE_AT_MOST_ONE, has_malloc(inquiry, party),
            "%s binds its calls to operators of its own (-Bsymbolic), and %s has the operators of everybody else: "
            "a block that passes between them is taken back by the wrong one",
            party->label, label_of(inquiry, first));
    else
        add_note(inquiry->linkage, "%s stands behind %s in the search order: %s its operators", party->label,
                 label_of(inquiry, first), is_own ? "only its own code binds to" : "nothing binds to");
}

/* The C++ library's own operators, linked in from an archive, look like any others. Its operator new calls
 * std::get_new_handler. When that is not in the program, its operator new is another one. */
static void judge_own_operators(const struct question *question)
{
    char text[LIST_TEXT];
    struct inquiry *inquiry = question->inquiry;
    const struct symbol_sets *sets = &inquiry->artifact->sets;
    uint64_t own = sets->private & inquiry->core;
    uint64_t mark = family_set(inquiry->family, ROLE_MARK);
    bool gives = (own & side_of(question, PAIR_ONE, true)) != 0;
    bool takes = ((own | sets->needed) & side_of(question, PAIR_ONE, false)) != 0;
    bool is_marked = ((sets->private | sets->exported | sets->needed | sets->wanted) & mark) != 0;
    if (!shape_is_executable(inquiry->artifact->shape) || own == 0)
        return;
    if (!is_marked && gives && takes)
        add_finding(inquiry->linkage, LINKAGE_COMPLETE, true,
                    "%s has an operator new that is not the C++ library's own, and nothing in it shows "
                    "whether the rest is: %s",
                    object_name(inquiry->artifact), family_describe(inquiry->family, own, text, sizeof text));
    else if (is_marked)
        add_note(inquiry->linkage, "%s has operators linked in, taken for the C++ library's own",
                 object_name(inquiry->artifact));
}

void judge_operators(struct inquiry *inquiry)
{
    uint64_t known = known_operators(inquiry);
    struct question question = {
        .inquiry = inquiry, .family = inquiry->family, .known = known, .size_letter = size_letter(inquiry, known)};
    judge_own_operators(&question);
    if (known == 0)
        return;
    for (int pair = PAIR_ONE; pair < PAIRS; pair++)
        judge_pair_of(&question, (enum family_pair)pair);
    for (size_t i = 0; i < inquiry->linkage->party_count; i++)
        if (inquiry->linkage->parties[i].role == PARTY_PROVIDER && !shape_is_archive(inquiry->artifact->shape) &&
            !parties_use_private(inquiry, inquiry->linkage->parties[i].order))
            judge_shadowed(&question, &inquiry->linkage->parties[i]);
}
