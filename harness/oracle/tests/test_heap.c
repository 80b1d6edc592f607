/* Every law of the oracle: silent on an allocator that keeps it, loud on one that breaks it, and about
 * nothing else.
 *
 * The allocator is a bump over a static arena in classes of 64 bytes, written here; a breach replaces one of
 * its operations.
 */
#include <check.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/own_memory.h"
#include "harness/candidate/binding.h"
#include "harness/candidate/tests/fixture.h"
#include "harness/oracle/heap.h"
#include "harness/oracle/tests/candidates/hooks.h"

enum { TAPE = 1 << 12, ARENA = 4 << 20, CLASS = 64 };

static struct heap heap;
static struct flight *flight;
static struct hooks *hooks;

/* ---- an allocator that keeps every law ---- */

static _Alignas(8192) unsigned char arena[ARENA];
static size_t used;
static unsigned char *newest; /* it may grow in place */

static size_t usable(size_t size, size_t align)
{
    (void)align;
    return (size + CLASS - 1) / CLASS * CLASS;
}

static void *bump(size_t size, size_t align)
{
    size_t from = (used + align - 1) / align * align;
    if (size > ARENA - from)
        return NULL;
    used = from + usable(size, align);
    return newest = arena + from;
}

static void *bump_zeroed(size_t size, size_t align) /* fresh memory is zero */ { return bump(size, align); }

static void forget(void *block, size_t old_size, size_t align) { (void)block, (void)old_size, (void)align; }

static void *copy(void *block, size_t old_size, size_t size, size_t align)
{
    void *moved = bump(size, align);
    return moved == NULL ? NULL : memcpy(moved, block, old_size < size ? old_size : size);
}

static size_t in_place(void *block, size_t old_size, size_t size, size_t align)
{
    size_t room = usable(old_size, align), wanted = usable(size, align);
    if (wanted > room && block != newest)
        return room;
    if (wanted > room)
        used += wanted - room;
    return wanted;
}

static int law_index(const char *id)
{
    for (int law = 0; law < LAW_COUNT; law++)
        if (strcmp(law_id((enum law)law), id) == 0)
            return law;
    return -1;
}

/* Each test has a process of its own (Check forks): everything is fresh. */
static void open_heap(void)
{
    struct error error = {0};
    const struct binding *binding = binding_load("rust-1.19", bindings_directory(), &error);
    const struct candidate *candidate = binding == NULL ? NULL : candidate_open(fixture("hooks"), binding, &error);
    ck_assert_msg(candidate != NULL, "%s", error.text);
    flight = mmap(NULL, flight_size(TAPE), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    flight->tape_capacity = TAPE;
    ck_assert(heap_create(&heap, candidate, flight, law_index, 1 << 12, &error));
    hooks = dlsym(dlopen(fixture("hooks"), RTLD_NOW | RTLD_NOLOAD), "hooks");
    *hooks = (struct hooks){bump, bump_zeroed, forget, copy, in_place, usable};
}

/* ---- breaches ---- */

static void *off_by_eight(size_t size, size_t align) { return (unsigned char *)bump(size + 8, align) + 8; }
static void *copy_off_by_eight(void *block, size_t old_size, size_t size, size_t align)
{
    return memcpy(off_by_eight(size, align), block, old_size < size ? old_size : size);
}
static void *the_same_again(size_t size, size_t align)
{
    (void)size, (void)align;
    return newest;
}
static void *sixteen_early(size_t size, size_t align) { return (unsigned char *)bump(size, align) - 16; }
static void *a_small_one(size_t size, size_t align) { return bump(size & 0xffff, align); }
static size_t a_byte_less(size_t size, size_t align)
{
    (void)align;
    return size - 1;
}
static size_t a_class_more(size_t size, size_t align) { return usable(size, align) + CLASS; }
static void *dirty_last_byte(size_t size, size_t align)
{
    unsigned char *block = bump(size, align);
    block[size - 1] = 1;
    return block;
}
static void *dirty_slack(size_t size, size_t align)
{
    unsigned char *block = bump(size, align);
    block[size] = 1;
    return block;
}
static void write_before(void *block, size_t old_size, size_t align)
{
    (void)old_size, (void)align;
    ((unsigned char *)block)[-CLASS] ^= 1;
}
static void write_before_in_slack(void *block, size_t old_size, size_t align)
{
    (void)old_size, (void)align;
    ((unsigned char *)block)[-1] ^= 1;
}
static void *copy_less(void *block, size_t old_size, size_t size, size_t align)
{
    unsigned char *moved = copy(block, old_size, size, align);
    size_t kept = old_size < size ? old_size : size;
    moved[kept - 1] ^= 1;
    return moved;
}
static void *null_and_changed(void *block, size_t old_size, size_t size, size_t align)
{
    (void)old_size, (void)size, (void)align;
    *(unsigned char *)block ^= 1;
    return NULL;
}
static void *null(void *block, size_t old_size, size_t size, size_t align)
{
    (void)block, (void)old_size, (void)size, (void)align;
    return NULL;
}
static size_t seven(void *block, size_t old_size, size_t size, size_t align)
{
    (void)block, (void)old_size, (void)size, (void)align;
    return 7;
}
static size_t always_granted(void *block, size_t old_size, size_t size, size_t align)
{
    (void)block, (void)old_size;
    return usable(size, align);
}
static size_t changed_and(size_t answer, void *block)
{
    *(unsigned char *)block ^= 1;
    return answer;
}
static size_t granted_and_changed(void *block, size_t old_size, size_t size, size_t align)
{
    (void)old_size;
    return changed_and(usable(size, align), block);
}
static size_t refused_and_changed(void *block, size_t old_size, size_t size, size_t align)
{
    (void)size;
    return changed_and(usable(old_size, align), block);
}
static void *nowhere(size_t size, size_t align)
{
    (void)size, (void)align;
    return (void *)(uintptr_t)(16 << 20);
}

static void break_allocate_alignment(void) { hooks->allocate = off_by_eight; }
static void break_zeroed_alignment(void) { hooks->allocate_zeroed = off_by_eight; }
static void break_reallocate_alignment(void) { hooks->reallocate = copy_off_by_eight; }
static void give_twice(void) { hooks->allocate = the_same_again; }
static void start_in_slack(void) { hooks->allocate = sixteen_early; }
static void cut_length(void) { hooks->allocate = a_small_one; }
static void promise_less(void) { hooks->usable_size = a_byte_less; }
static void change_mind(void) { hooks->usable_size = a_class_more; }
static void leave_dirt(void) { hooks->allocate_zeroed = dirty_last_byte; }
static void leave_dirt_in_slack(void) { hooks->allocate_zeroed = dirty_slack; }
static void disturb(void) { hooks->deallocate = write_before; }
static void disturb_slack(void) { hooks->deallocate = write_before_in_slack; }
static void lose_last_byte(void) { hooks->reallocate = copy_less; }
static void fail_and_change(void) { hooks->reallocate = null_and_changed; }
static void refuse_all(void) { hooks->reallocate = null; }
static void answer_seven(void) { hooks->reallocate_inplace = seven; }
static void grant_always(void) { hooks->reallocate_inplace = always_granted; }
static void grant_and_change(void) { hooks->reallocate_inplace = granted_and_changed; }
static void refuse_and_change(void) { hooks->reallocate_inplace = refused_and_changed; }
static void give_nothing(void) { hooks->allocate = nowhere; }

/* ---- what is done to the allocator, before and after the breach is in place ---- */

static struct block *first, *second, *third;

static void three(size_t size)
{
    first = heap_allocate(&heap, size, 64);
    second = heap_allocate(&heap, size, 64);
    third = heap_allocate(&heap, size, 64);
}

static void allocate_100(void) { heap_allocate(&heap, 100, 16); }
static void allocate_large_align(void) { heap_allocate(&heap, 100, 8192); }
static void allocate_zeroed_100(void) { heap_allocate_zeroed(&heap, 100, 16); }
static void allocate_2_to_40(void)
{
    struct block *block =
        sizeof(size_t) < 8 ? heap_allocate(&heap, (size_t)5 << 29, 16) : heap_allocate(&heap, SIZE_MAX / 4, 16);
    ck_assert_ptr_null(block);
}
static void reallocate_to_200(void) { heap_reallocate(&heap, third, 100, 200); }
static void reallocate_to_50(void) { heap_reallocate(&heap, third, 100, 50); }
static void reallocate_with_slack(void) { heap_reallocate(&heap, third, heap_old_size_high(&heap, third), 200); }
static void grow_third(void) { heap_reallocate_inplace(&heap, third, 100, 200); }
static void grow_second(void) { heap_reallocate_inplace(&heap, second, 100, 200); }
static void same_in_place(void) { heap_reallocate_inplace(&heap, second, 100, 100); }
static void free_third_and_look(void)
{
    heap_deallocate(&heap, third, 100);
    heap_verify_all(&heap);
}
static void ask_often(void)
{
    for (int i = 0; i < 40; i++)
        heap_usable_size(&heap, 100, 64);
}
static void allocate_while_refused(void)
{
    heap.refusing = true;
    atomic_store(&flight->refusals, 1);
    heap_allocate(&heap, 100, 16);
}

static const struct {
    const char *name;
    void (*breach)(void);
    void (*act)(void);
    enum law law;
} breaches[] = {
    {"an allocation off its alignment", break_allocate_alignment, allocate_100, LAW_ALIGN_ALLOCATE},
    {"a zeroed one", break_zeroed_alignment, allocate_zeroed_100, LAW_ALIGN_ZEROED},
    {"a reallocated one", break_reallocate_alignment, reallocate_to_200, LAW_ALIGN_REALLOCATE},
    {"one above the page size", break_allocate_alignment, allocate_large_align, LAW_ALIGN_ABOVE_PAGE},
    {"a block handed out twice", give_twice, allocate_100, LAW_DISJOINT},
    {"a block that begins in another's slack", start_in_slack, allocate_100, LAW_SLACK_OWNED},
    {"a length cut off", cut_length, allocate_2_to_40, LAW_NO_WRAP},
    {"a usable size below the size", promise_less, allocate_100, LAW_AT_LEAST_SIZE},
    {"a usable size that changes", change_mind, ask_often, LAW_PURE},
    {"a zeroed block that is dirty", leave_dirt, allocate_zeroed_100, LAW_ZEROED},
    {"a live block written into", disturb, free_third_and_look, LAW_UNDISTURBED},
    {"a live block's slack written into", disturb_slack, free_third_and_look, LAW_SLACK_OWNED},
    {"a reallocation that loses a byte", lose_last_byte, reallocate_to_200, LAW_CONTENTS},
    {"one that shrinks and loses a byte", lose_last_byte, reallocate_to_50, LAW_CONTENTS},
    {"one that loses a byte of the slack", lose_last_byte, reallocate_with_slack, LAW_SLACK_CONTENTS},
    {"a failed reallocation that changed the block", fail_and_change, reallocate_to_200, LAW_FAILURE_INTACT},
    {"an in-place answer of its own", answer_seven, grow_third, LAW_INPLACE_ANSWER},
    {"a growth into a live neighbour", grant_always, grow_second, LAW_INPLACE_GROWN},
    {"a growth that changes the block", grant_and_change, grow_third, LAW_INPLACE_CONTENTS},
    {"a refusal that changes the block", refuse_and_change, grow_second, LAW_INPLACE_REFUSAL},
    {"nothing to do, and another answer", answer_seven, same_in_place, LAW_INPLACE_NO_OP},
    {"a pointer to nothing while memory is refused", give_nothing, allocate_while_refused, LAW_EXHAUSTION_NULL},
};

START_TEST(a_breach_is_convicted_of_its_law_alone)
{
    open_heap();
    three(100);
    breaches[_i].breach();
    breaches[_i].act();
    ck_assert_msg(flight->finding_count == 1, "%s: %u findings; %s", breaches[_i].name, flight->finding_count,
                  flight->finding_count > 1 ? law_id((enum law)flight->findings[1].clause) : "");
    ck_assert_msg(flight->findings[0].clause == (int)breaches[_i].law, "%s: convicted of %s", breaches[_i].name,
                  law_id((enum law)flight->findings[0].clause));
    ck_assert_uint_gt(flight->exercised[breaches[_i].law], 0);
    ck_assert_str_ne(flight->findings[0].message, "");
    ck_assert_str_ne(flight->findings[0].actual, "");
}
END_TEST

START_TEST(the_sound_allocator_is_acquitted_of_it)
{
    open_heap();
    three(100);
    breaches[_i].act();
    ck_assert_msg(flight->finding_count == 0, "%s: accused of %s: %s", breaches[_i].name,
                  law_id((enum law)flight->findings[0].clause), flight->findings[0].actual);
    ck_assert(!heap.tainted);
}
END_TEST

/* ---- legal, though it may look otherwise ---- */

START_TEST(null_is_no_breach)
{
    open_heap();
    three(100);
    refuse_all();
    ck_assert(!heap_reallocate(&heap, third, 100, 200));
    ck_assert(!heap_reallocate(&heap, third, 100, 50));
    used = ARENA;
    ck_assert_ptr_null(heap_allocate(&heap, 100, 16));
    heap_verify_all(&heap);
    ck_assert_uint_eq(flight->finding_count, 0);
    ck_assert_uint_eq(flight_count(flight, LAW_FAILURE_INTACT), 2);
    ck_assert_str_ne(flight->observed[LAW_SHRINK_SUCCEEDS], "");
}
END_TEST

START_TEST(dirty_slack_is_only_noted)
{
    open_heap();
    leave_dirt_in_slack();
    ck_assert_ptr_nonnull(heap_allocate_zeroed(&heap, 100, 16));
    ck_assert_uint_eq(flight->finding_count, 0);
    ck_assert_str_ne(flight->observed[LAW_ZEROED_SLACK], "");
}
END_TEST

/* A shrink within one class: nobody can tell a grant from a refusal, so only an old size that is legal after both may
 * be used. */
START_TEST(an_ambiguous_answer_narrows_the_range)
{
    open_heap();
    three(100);
    ck_assert(heap_reallocate_inplace(&heap, second, 128, 90));
    ck_assert_uint_eq(heap_old_size_low(second), 100);
    ck_assert(heap_reallocate_inplace(&heap, second, 100, 110));
    ck_assert_uint_eq(heap_old_size_low(second), 110);
    ck_assert_uint_eq(heap_old_size_high(&heap, second), 128);
    ck_assert(heap_reallocate_inplace(&heap, second, 110, 60));
    ck_assert_uint_eq(heap_old_size_low(second), 60);
    ck_assert_uint_eq(heap_old_size_high(&heap, second), 64);
    ck_assert_uint_eq(flight->finding_count, 0);
}
END_TEST

START_TEST(a_tainted_heap_asks_nothing_more)
{
    open_heap();
    three(100);
    give_twice();
    allocate_100();
    ck_assert(heap.tainted);
    uint64_t calls = flight->slots[0].calls;
    ck_assert_ptr_null(heap_allocate(&heap, 10, 1));
    ck_assert(!heap_reallocate(&heap, first, 100, 10));
    ck_assert(!heap_reallocate_inplace(&heap, first, 100, 10));
    heap_deallocate(&heap, first, 100);
    ck_assert_uint_eq(flight->slots[0].calls, calls);
    ck_assert_uint_eq(flight->finding_count, 1);
}
END_TEST

START_TEST(places_in_the_range_of_old_sizes)
{
    open_heap();
    three(100);
    ck_assert_uint_eq(heap_old_size_at(&heap, first, OLD_SIZE_REQUESTED, 9), 100);
    ck_assert_uint_eq(heap_old_size_at(&heap, first, OLD_SIZE_USABLE, 9), 128);
    ck_assert_uint_eq(heap_old_size_at(&heap, first, OLD_SIZE_WITHIN, 9), 109);
    ck_assert_uint_eq(heap_old_size_at(&heap, first, OLD_SIZE_WITHIN, 28), 128);
    ck_assert_uint_eq(heap_old_size_at(&heap, first, OLD_SIZE_WITHIN, 29), 100);
    heap.old_size_is_exact = true;
    ck_assert_uint_eq(heap_old_size_at(&heap, first, OLD_SIZE_USABLE, 9), 100);
}
END_TEST

/* ---- the harness's own memory ---- */

enum { OWN = 64 };

static const struct {
    size_t at, size, grown; /* where the harness's memory begins, counted from the block's beginning; the size asked
                               for, and the one asked for later */
    enum law law;
} reaches[] = {
    {64, 100, 0, LAW_DISJOINT}, {64, 40, 0, LAW_COUNT}, {64, 64, 100, LAW_INPLACE_GROWN}, {44, 40, 0, LAW_SLACK_OWNED}};

START_TEST(a_block_that_reaches_the_harness_is_told_and_not_written)
{
    open_heap();
    memset(arena, 0x5a, sizeof arena);
    own_memory_add(arena + reaches[_i].at, OWN);
    struct block *block = heap_allocate(&heap, reaches[_i].size, 1);
    if (reaches[_i].grown != 0)
        heap_reallocate_inplace(&heap, block, reaches[_i].size, reaches[_i].grown);
    for (size_t i = 0; i < OWN; i++)
        ck_assert_int_eq(arena[reaches[_i].at + i], 0x5a);
    ck_assert_uint_eq(flight->finding_count, reaches[_i].law == LAW_COUNT ? 0 : 1);
    if (reaches[_i].law != LAW_COUNT)
        ck_assert_int_eq(flight->findings[0].clause, reaches[_i].law);
    ck_assert_int_eq(heap.tainted, reaches[_i].law != LAW_COUNT);
}
END_TEST

START_TEST(settings_that_were_written_over_are_noticed)
{
    open_heap();
    heap_seal(&heap);
    ck_assert(heap_is_whole(&heap));
    heap.tainted = true;
    ck_assert(!heap_is_whole(&heap)); /* though nothing was found */
    heap.tainted = false;
    heap.clause_of[LAW_ALIGN_ALLOCATE] = -1;
    ck_assert(!heap_is_whole(&heap));
    heap.clause_of[LAW_ALIGN_ALLOCATE] = LAW_ALIGN_ALLOCATE;
    heap.touches = false;
    ck_assert(!heap_is_whole(&heap));
}
END_TEST

/* ---- what a crash breaks, and who is wrong ---- */

static int32_t crash_clause_seen;
static void look_at_clause(void *block, size_t old_size, size_t align)
{
    (void)block, (void)old_size, (void)align;
    crash_clause_seen = flight->slots[0].crash_clause;
}

START_TEST(a_crash_accuses_what_made_the_call_special)
{
    open_heap();
    hooks->deallocate = look_at_clause;
    three(100);
    heap_deallocate(&heap, first, 100);
    ck_assert_int_eq(crash_clause_seen, LAW_RETURNS);
    heap_deallocate(&heap, second, 101);
    ck_assert_int_eq(crash_clause_seen, LAW_DEALLOCATE_OLD_SIZE);
    ck_assert(heap_reallocate_inplace(&heap, third, 100, 10));
    heap_deallocate(&heap, third, 10);
    ck_assert_int_eq(crash_clause_seen, LAW_INPLACE_SHRUNK);
    ck_assert_uint_gt(flight->exercised[LAW_INPLACE_SHRUNK], 0);
}
END_TEST

static void *without_end(size_t size, size_t align)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    unsigned char *map = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    (void)align;
    mprotect(map + page, page, PROT_NONE);
    return map + page - size / 2;
}

/* Runs `act` in a child, which it kills. Whose fault that was stands in the flight record. */
static const struct flight_slot *slot_after_fault(void (*act)(void))
{
    pid_t child = fork();
    int status = 0;
    if (child == 0) {
        act();
        _exit(0);
    }
    waitpid(child, &status, 0);
    ck_assert_msg(WIFSIGNALED(status), "it came to its end");
    ck_assert_uint_eq(flight->slots[0].state, FLIGHT_TOUCHING);
    return &flight->slots[0];
}

START_TEST(a_fault_in_the_owners_hands_accuses_the_block)
{
    open_heap();
    hooks->allocate = without_end;
    const struct flight_slot *slot = slot_after_fault(allocate_100);
    ck_assert_int_eq(slot->touch_clause, LAW_ACCESSIBLE);
    ck_assert_int_eq(slot->touch_slack_clause, LAW_SLACK_OWNED);
    ck_assert_uint_eq(slot->requested, 100);
    ck_assert_uint_eq(slot->size, 128);
}
END_TEST

static void *moved_without_end(void *block, size_t old_size, size_t size, size_t align)
{
    (void)block, (void)old_size;
    return without_end(size, align);
}

START_TEST(a_fault_after_a_move_accuses_the_new_block)
{
    open_heap();
    three(100);
    hooks->reallocate = moved_without_end;
    ck_assert_int_eq(slot_after_fault(reallocate_to_200)->touch_clause, LAW_ACCESSIBLE);
}
END_TEST

static void ask_for_nothing(void) { heap_allocate(&heap, 0, 16); }
static void ask_off_a_power(void) { heap_allocate(&heap, 10, 24); }
static void free_too_little(void) { heap_deallocate(&heap, first, 99); }
static void free_too_much(void) { heap_deallocate(&heap, first, 129); }
static void (*const illegal[])(void) = {ask_for_nothing, ask_off_a_power, free_too_little, free_too_much};

/* The harness fails outside any call: nobody takes that for the candidate's doing. */
START_TEST(an_illegal_request_is_never_put)
{
    open_heap();
    three(100);
    pid_t child = fork();
    int status = 0;
    if (child == 0) {
        dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
        illegal[_i]();
        _exit(0);
    }
    waitpid(child, &status, 0);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 3);
    ck_assert_uint_eq(flight->slots[0].state, FLIGHT_IDLE);
    ck_assert_uint_eq(flight->finding_count, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("oracle/heap");
    TCase *laws = tcase_create("laws"), *legal = tcase_create("legal"), *blame = tcase_create("blame");
    tcase_add_loop_test(laws, a_breach_is_convicted_of_its_law_alone, 0, sizeof breaches / sizeof *breaches);
    tcase_add_loop_test(laws, the_sound_allocator_is_acquitted_of_it, 0, sizeof breaches / sizeof *breaches);
    tcase_add_test(legal, null_is_no_breach);
    tcase_add_test(legal, dirty_slack_is_only_noted);
    tcase_add_test(legal, an_ambiguous_answer_narrows_the_range);
    tcase_add_test(legal, a_tainted_heap_asks_nothing_more);
    tcase_add_test(legal, places_in_the_range_of_old_sizes);
    tcase_add_loop_test(blame, a_block_that_reaches_the_harness_is_told_and_not_written, 0,
                        sizeof reaches / sizeof *reaches);
    tcase_add_test(blame, settings_that_were_written_over_are_noticed);
    tcase_add_test(blame, a_crash_accuses_what_made_the_call_special);
    tcase_add_test(blame, a_fault_in_the_owners_hands_accuses_the_block);
    tcase_add_test(blame, a_fault_after_a_move_accuses_the_new_block);
    tcase_add_loop_test(blame, an_illegal_request_is_never_put, 0, sizeof illegal / sizeof *illegal);
    suite_add_tcase(suite, laws);
    suite_add_tcase(suite, legal);
    suite_add_tcase(suite, blame);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
