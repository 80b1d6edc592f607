/* The laws of C's functions: silent on an allocator that keeps them, and on each latitude that the standards give; loud
 * on one that breaks them, and about nothing else.
 *
 * The allocator is a bump over a static arena; a breach, or an oddity, replaces one of its functions.
 */
#include <check.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness/candidate/binding.h"
#include "harness/candidate/tests/fixture.h"
#include "harness/oracle/c_heap.h"
#include "harness/oracle/tests/candidates/c_hooks.h"

enum { TAPE = 1 << 12, ARENA = 4 << 20, HEAD = 16 };

static const char BINDING[] =
    "[binding]\ncontracts = malloc\nprefix = hk_\nold_size = ignored\n[allocate]\n"
    "call = malloc(size) if align <= 16\ncall = aligned_alloc(align, size)\n[deallocate]\ncall = free(ptr)\n"
    "[reallocate]\nsteps = allocate, copy, deallocate\n[usable_size]\nblock = malloc_usable_size(ptr)\n";

static struct heap heap;
static struct flight *flight;
static struct c_hooks *hooks;

/* ---- an allocator that keeps every law ---- */

static _Alignas(65536) unsigned char arena[ARENA];
static size_t used;

static void *no_memory(void)
{
    errno = ENOMEM;
    return NULL;
}

/* Before each block stands its size. */
static void *aligned(size_t align, size_t size)
{
    if (align == 0 || (align & (align - 1)) != 0) {
        errno = EINVAL;
        return NULL;
    }
    if (align > ARENA || size > ARENA)
        return no_memory();
    size_t from = (used + HEAD + align - 1) / align * align;
    if (from + size > ARENA)
        return no_memory();
    used = from + size + (size == 0);
    memcpy(arena + from - sizeof size, &size, sizeof size);
    return arena + from;
}

static size_t size_of(void *block)
{
    size_t size = 0;
    if (block != NULL)
        memcpy(&size, (char *)block - sizeof size, sizeof size);
    return size;
}

static void *sound_malloc(size_t size) { return aligned(16, size); }

static void *sound_calloc(size_t count, size_t size)
{
    size_t bytes;
    return __builtin_mul_overflow(count, size, &bytes) ? no_memory() : aligned(16, bytes); /* fresh memory is zero */
}

static void *sound_realloc(void *block, size_t size)
{
    void *moved = aligned(16, size);
    size_t old = size_of(block);
    return moved == NULL || block == NULL ? moved : memcpy(moved, block, old < size ? old : size);
}

static void *sound_reallocarray(void *block, size_t count, size_t size)
{
    size_t bytes;
    return __builtin_mul_overflow(count, size, &bytes) ? no_memory() : sound_realloc(block, bytes);
}

static void forget(void *block) { (void)block; }
static void forget_sized(void *block, size_t size) { (void)block, (void)size; }
static void forget_aligned(void *block, size_t align, size_t size) { (void)block, (void)align, (void)size; }
static void *sound_valloc(size_t size) { return aligned((size_t)sysconf(_SC_PAGESIZE), size); }

static int sound_memalign(void **out, size_t align, size_t size)
{
    if (align < sizeof(void *) || (align & (align - 1)) != 0)
        return EINVAL;
    int before = errno;
    void *block = aligned(align, size);
    errno = before;
    if (block == NULL)
        return ENOMEM;
    *out = block;
    return 0;
}

static int law_index(const char *id)
{
    for (int law = 0; law < LAW_COUNT; law++)
        if (strcmp(law_id((enum law)law), id) == 0)
            return law;
    return -1;
}

static void open_heap(void)
{
    struct error error = {0};
    const char *path = file_write(".binding", BINDING, strlen(BINDING));
    const struct binding *binding = binding_load(path, bindings_directory(), &error);
    file_remove(path);
    const struct candidate *candidate = binding == NULL ? NULL : candidate_open(fixture("c_hooks"), binding, &error);
    ck_assert_msg(candidate != NULL, "%s", error.text);
    flight = mmap(NULL, flight_size(TAPE), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    flight->tape_capacity = TAPE;
    ck_assert(heap_create(&heap, candidate, flight, law_index, 1 << 12, &error));
    hooks = dlsym(dlopen(fixture("c_hooks"), RTLD_NOW | RTLD_NOLOAD), "c_hooks");
    *hooks = (struct c_hooks){sound_malloc,   sound_calloc, sound_realloc, sound_reallocarray, forget,        aligned,
                              sound_memalign, sound_valloc, size_of,       forget_sized,       forget_aligned};
}

/* ---- breaches, and oddities ---- */

static void *off_by_eight(size_t size)
{
    unsigned char *block = aligned(16, size + 8);
    return block == NULL ? NULL : (unsigned char *)memcpy(block, &size, sizeof size) + 8;
}
static void *aligned_to_eight(size_t size) { return size > 8 ? aligned(16, size) : (unsigned char *)aligned(8, size); }
static void *never_aligned(size_t align, size_t size)
{
    (void)align;
    return off_by_eight(size);
}
static void *wrapped_calloc(size_t count, size_t size) { return aligned(16, count * size); }
static void *wrapped_reallocarray(void *block, size_t count, size_t size) { return sound_realloc(block, count * size); }
static void *quiet(size_t size)
{
    int before = errno;
    void *block = aligned(16, size);
    errno = before;
    return block;
}
static void *says_again(size_t size)
{
    void *block = aligned(16, size);
    if (block == NULL)
        errno = EAGAIN;
    return block;
}
static void *says_invalid(size_t size)
{
    void *block = sound_valloc(size);
    if (block == NULL)
        errno = EINVAL;
    return block;
}
static void *sets_errno(size_t size)
{
    void *block = aligned(16, size);
    errno = ENOMEM;
    return block;
}
static int minus_one(void **out, size_t align, size_t size) { return sound_memalign(out, align, size) == 0 ? 0 : -1; }
static int enomem_always(void **out, size_t align, size_t size)
{
    return sound_memalign(out, align, size) == 0 ? 0 : ENOMEM;
}
static int stores_one(void **out, size_t align, size_t size)
{
    int code = sound_memalign(out, align, size);
    if (code != 0)
        *out = (void *)1;
    return code;
}
static int stores_null(void **out, size_t align, size_t size)
{
    int code = sound_memalign(out, align, size);
    if (code != 0)
        *out = NULL;
    return code;
}
static int lenient_memalign(void **out, size_t align, size_t size)
{
    (void)align;
    return sound_memalign(out, 16, size);
}
static void free_sets_errno(void *block)
{
    (void)block;
    errno = ENOMEM;
}
static size_t usable_of_null(void *block) { return block == NULL ? 4711 : size_of(block); }
static void *null_for_nothing(size_t size) { return size == 0 ? NULL : aligned(16, size); }
static void *one_for_nothing(size_t size)
{
    static unsigned char *one;
    if (one == NULL)
        one = aligned(16, 1);
    return size == 0 ? one : aligned(16, size);
}
static void *loses_aligned(void *block, size_t size)
{
    void *moved = sound_realloc(block, size);
    if (block != NULL && (uintptr_t)block % 64 == 0)
        memset(moved, 0, size);
    return moved;
}
static void *fails_and_changes(void *block, size_t count, size_t size)
{
    void *moved = sound_reallocarray(block, count, size);
    if (moved == NULL)
        *(unsigned char *)block ^= 1;
    return moved;
}
static void *lenient_aligned(size_t align, size_t size)
{
    return aligned(align < 16 || (align & (align - 1)) ? 16 : align, size);
}

static void sound(void) {}
static void misalign_malloc(void) { hooks->malloc = off_by_eight; }
static void align_to_eight(void) { hooks->malloc = aligned_to_eight; }
static void misalign_aligned(void) { hooks->aligned_alloc = never_aligned; }
static void misalign_valloc(void) { hooks->valloc = off_by_eight; }
static void wrap_calloc(void) { hooks->calloc = wrapped_calloc; }
static void wrap_reallocarray(void) { hooks->reallocarray = wrapped_reallocarray; }
static void leave_errno(void) { hooks->malloc = quiet; }
static void say_again(void) { hooks->malloc = says_again; }
static void say_invalid(void) { hooks->valloc = says_invalid; }
static void set_errno(void) { hooks->malloc = sets_errno; }
static void answer_minus_one(void) { hooks->posix_memalign = minus_one; }
static void answer_enomem(void) { hooks->posix_memalign = enomem_always; }
static void store_one(void) { hooks->posix_memalign = stores_one; }
static void store_null(void) { hooks->posix_memalign = stores_null; }
static void take_any_align(void) { hooks->posix_memalign = lenient_memalign; }
static void free_with_errno(void) { hooks->free = free_sets_errno; }
static void usable_null(void) { hooks->malloc_usable_size = usable_of_null; }
static void null_for_zero(void) { hooks->malloc = null_for_nothing; }
static void one_for_zero(void) { hooks->malloc = one_for_nothing; }
static void lose_aligned(void) { hooks->realloc = loses_aligned; }
static void fail_and_change(void) { hooks->reallocarray = fails_and_changes; }
static void take_any_aligned(void) { hooks->aligned_alloc = lenient_aligned; }

/* ---- what is done ---- */

static void make_some(void)
{
    for (size_t size = 1; size < 100; size += 7)
        heap_c_allocate(&heap, C_MALLOC, 0, size);
}
static void make_aligned(void)
{
    heap_c_allocate(&heap, C_ALIGNED_ALLOC, 64, 128);
    heap_c_allocate(&heap, C_MEMALIGN, 256, 100);
}
static void make_page(void) { heap_c_allocate(&heap, C_VALLOC, 0, 100); }
static void wrap_a_product(void) { heap_c_allocate(&heap, C_CALLOC, SIZE_MAX / 2 + 1, 2); }
static void wrap_a_resize(void) { heap_c_resize(&heap, C_REALLOCARRAY, NULL, SIZE_MAX / 4 + 1, 4); }
static void ask_too_much(void) { heap_c_allocate(&heap, C_MALLOC, 0, SIZE_MAX / 4); }
static void ask_valloc_too_much(void) { heap_c_allocate(&heap, C_VALLOC, 0, SIZE_MAX / 4); }
static void memalign_bad(void)
{
    heap_c_allocate(&heap, C_POSIX_MEMALIGN, 3, 100);
    heap_c_allocate(&heap, C_POSIX_MEMALIGN, 0, 100);
}
static void memalign_too_much(void) { heap_c_allocate(&heap, C_POSIX_MEMALIGN, 64, SIZE_MAX / 4); }
static void make_and_free(void)
{
    heap_c_free(&heap, C_FREE, heap_c_allocate(&heap, C_MALLOC, 0, 100).block);
    heap_c_free(&heap, C_FREE, NULL);
}
static void ask_null(void) { heap_c_ask(&heap, NULL); }
static void make_nothing(void)
{
    struct block *one = heap_c_allocate(&heap, C_MALLOC, 0, 0).block,
                 *two = heap_c_allocate(&heap, C_MALLOC, 0, 0).block;
    if (one != NULL)
        heap_c_free(&heap, C_FREE, one);
    if (two != NULL)
        heap_c_free(&heap, C_FREE, two);
}
static void resize_aligned(void)
{
    struct block *block = heap_c_allocate(&heap, C_ALIGNED_ALLOC, 64, 128).block;
    heap_c_resize(&heap, C_REALLOC, block, 0, 300);
}
static void fail_to_resize(void)
{
    struct block *block = heap_c_allocate(&heap, C_MALLOC, 0, 100).block;
    ck_assert_ptr_null(heap_c_resize(&heap, C_REALLOCARRAY, block, SIZE_MAX / 8, 2).block);
    ck_assert(heap.tainted || heap_c_free(&heap, C_FREE, block).asked);
}
static void aligned_odd(void) { heap_c_allocate(&heap, C_ALIGNED_ALLOC, 3, 24); }

/* Every function once, mixed. */
static void all_of_it(void)
{
    struct block *one = heap_c_allocate(&heap, C_MALLOC, 0, 100).block,
                 *two = heap_c_allocate(&heap, C_CALLOC, 3, 50).block,
                 *three = heap_c_allocate(&heap, C_ALIGNED_ALLOC, 64, 128).block,
                 *four = heap_c_allocate(&heap, C_POSIX_MEMALIGN, 4096, 10).block, *five = heap_allocate(&heap, 77, 32);
    ck_assert(one && two && three && four && five);
    ck_assert(heap_c_resize(&heap, C_REALLOC, four, 0, 9000).block == four);
    ck_assert(heap_c_resize(&heap, C_REALLOCARRAY, one, 7, 9).block == one);
    ck_assert(heap_c_ask(&heap, two).asked && heap_reallocate(&heap, two, 150, 10));
    ck_assert(heap_c_free(&heap, C_FREE_ALIGNED_SIZED, three).asked && heap_c_free(&heap, C_FREE_SIZED, four).asked);
    ck_assert(!heap_c_free(&heap, C_FREE_SIZED, five).asked); /* not what the function is for: not called */
    ck_assert(!heap_c_resize(&heap, C_REALLOC, five, 0, 0).asked &&
              !heap_c_resize(&heap, C_REALLOCARR, five, 1, 8).asked);
    ck_assert(heap_c_free(&heap, C_FREE, five).asked && heap_c_resize(&heap, C_REALLOC, NULL, 0, 5).block != NULL);
    ask_too_much();
    make_nothing();
    memalign_bad();
    memalign_too_much();
    wrap_a_product();
    ask_null();
}

static const struct {
    void (*breach)(void);
    void (*act)(void);
    enum law law; /* LAW_COUNT: none, it is innocent */
} cases[] = {
    {misalign_malloc, make_some, LAW_C_ALIGNMENT},
    {misalign_aligned, make_aligned, LAW_C_ALIGNED},
    {misalign_valloc, make_page, LAW_C_ALIGNMENT},
    {wrap_calloc, wrap_a_product, LAW_C_PRODUCT},
    {wrap_reallocarray, wrap_a_resize, LAW_C_PRODUCT},
    {leave_errno, ask_too_much, LAW_C_ERRNO},
    {say_invalid, ask_valloc_too_much, LAW_C_ERRNO_OLD},
    {answer_minus_one, memalign_too_much, LAW_C_CODE},
    {answer_enomem, memalign_bad, LAW_C_CODE},
    {take_any_align, memalign_bad, LAW_C_CODE},
    {store_one, memalign_too_much, LAW_C_OUT},
    {free_with_errno, make_and_free, LAW_C_FREE_ERRNO},
    {usable_null, ask_null, LAW_C_USABLE_NULL},
    {one_for_zero, make_nothing, LAW_C_ZERO_SIZE},
    {lose_aligned, resize_aligned, LAW_CONTENTS},
    {fail_and_change, fail_to_resize, LAW_FAILURE_INTACT},
    {sound, all_of_it, LAW_COUNT},
    {align_to_eight, make_some, LAW_COUNT},
    {say_again, ask_too_much, LAW_COUNT},
    {set_errno, make_some, LAW_COUNT},
    {store_null, memalign_too_much, LAW_COUNT},
    {store_null, memalign_bad, LAW_COUNT},
    {null_for_zero, make_nothing, LAW_COUNT},
    {take_any_aligned, aligned_odd, LAW_COUNT},
};

START_TEST(a_breach_is_convicted_of_its_law_alone)
{
    open_heap();
    cases[_i].breach();
    cases[_i].act();
    if (cases[_i].law == LAW_COUNT) {
        ck_assert_msg(flight->finding_count == 0, "%s: %s", law_id((enum law)flight->findings[0].clause),
                      flight->findings[0].actual);
        return;
    }
    ck_assert_uint_eq(flight->finding_count, 1);
    ck_assert_str_eq(law_id((enum law)flight->findings[0].clause), law_id(cases[_i].law));
    ck_assert_uint_gt(flight->exercised[cases[_i].law], 0);
}
END_TEST

START_TEST(the_sound_allocator_is_acquitted_of_it)
{
    open_heap();
    cases[_i].act();
    ck_assert_msg(flight->finding_count == 0, "%s: %s", law_id((enum law)flight->findings[0].clause),
                  flight->findings[0].actual);
    if (cases[_i].law != LAW_COUNT)
        ck_assert_uint_gt(flight->exercised[cases[_i].law] + flight->exercised[LAW_DISJOINT], 0);
}
END_TEST

START_TEST(what_is_not_asked_leaves_no_trace)
{
    open_heap();
    uint64_t length = flight->tape_length;
    ck_assert(!heap_c_allocate(&heap, C_FREE, 0, 8).asked);
    ck_assert(!heap_c_resize(&heap, C_REALLOCARR, NULL, 2, 8).asked); /* the library lacks it */
    ck_assert(!heap_c_free(&heap, C_FREE_ALIGNED_SIZED, NULL).asked);
    ck_assert(!heap_c_allocate(&heap, C_MEMALIGN, 24, 8).asked);
    ck_assert_uint_eq(flight->tape_length, length);
    ck_assert_uint_eq(flight->exercised[LAW_RETURNS], 0);
    ck_assert_uint_eq(flight->slots[0].calls, 0);
}
END_TEST

/* What libc made is a block as any other, but of no size that a sized function could be told. */
START_TEST(a_block_of_libcs_is_adopted)
{
    open_heap();
    void *made = sound_malloc(20);
    struct block *block = heap_c_adopt(&heap, made, 20);
    ck_assert_ptr_nonnull(block);
    ck_assert_uint_eq(block->address, (uintptr_t)made);
    ck_assert_ptr_null(heap_c_adopt(&heap, NULL, 20));
    ck_assert(!heap_c_free(&heap, C_FREE_SIZED, block).asked);
    ck_assert(heap_c_resize(&heap, C_REALLOC, block, 0, 100).block == block);
    ck_assert(heap_c_free(&heap, C_FREE, block).asked);
    ck_assert_uint_eq(flight->finding_count, 0);
    ck_assert(heap_c_adopt(&heap, sound_malloc(40), 40) != NULL);
    ck_assert_ptr_null(heap_c_adopt(&heap, arena + used - 8, 4)); /* a live block's memory */
    ck_assert_str_eq(law_id((enum law)flight->findings[flight->finding_count - 1].clause), "block/disjoint");
}
END_TEST

static uintptr_t seen_by_free;

static void looking_free(void *block)
{
    if (block != NULL)
        memcpy(&seen_by_free, block, sizeof seen_by_free);
}

/* The block that is freed after another holds the other's address, among what it may hold. */
START_TEST(a_freed_block_holds_what_could_be_a_link)
{
    open_heap();
    hooks->free = looking_free;
    uintptr_t freed[8] = {0};
    bool is_link = false;
    for (size_t i = 0; i < 8; i++) {
        struct block *block = heap_c_allocate(&heap, C_CALLOC, 1, 64).block;
        freed[i] = block->address;
        heap_c_free(&heap, C_FREE, block);
        for (size_t j = 0; j <= i; j++)
            is_link = is_link || seen_by_free == freed[j];
    }
    ck_assert(is_link);
    ck_assert_uint_eq(flight->finding_count, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("oracle/c_heap");
    TCase *laws = tcase_create("laws");
    tcase_add_loop_test(laws, a_breach_is_convicted_of_its_law_alone, 0, sizeof cases / sizeof *cases);
    tcase_add_loop_test(laws, the_sound_allocator_is_acquitted_of_it, 0, sizeof cases / sizeof *cases);
    tcase_add_test(laws, what_is_not_asked_leaves_no_trace);
    tcase_add_test(laws, a_block_of_libcs_is_adopted);
    tcase_add_test(laws, a_freed_block_holds_what_could_be_a_link);
    suite_add_tcase(suite, laws);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
