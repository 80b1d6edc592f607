#include "harness/oracle/c_law.h"

#include <errno.h>
#include <stdint.h>

static bool is_power_of_two(size_t number) { return number != 0 && (number & (number - 1)) == 0; }

static bool is_aligning(enum c_function function)
{
    return c_takes(function, C_ALIGN) && c_shape(function)->role == C_MAKES;
}

/* posix_memalign takes powers of two that are multiples of sizeof(void *) (POSIX.1-2024); the others any power of two
 * (C17 7.22.3.1 on aligned_alloc, as DR 460 has it; posix_memalign(3) on memalign). */
static bool is_valid_align(enum c_function function, size_t align)
{
    return is_power_of_two(align) && (function != C_POSIX_MEMALIGN || align >= sizeof(void *));
}

size_t c_promised_align(const struct heap *heap, enum c_function function, size_t first, size_t bytes)
{
    if (is_aligning(function))
        return !is_valid_align(function, first) ? 0 : bytes == 0 ? 1 : first;
    if (function == C_VALLOC || function == C_PVALLOC)
        return bytes == 0 ? 1 : heap->page;
    size_t most = _Alignof(max_align_t);
    while (most > 1 && most > bytes)
        most /= 2;
    return most;
}

int c_crash_clause(const struct c_try *try, const struct heap *heap, bool of_null)
{
    enum c_role role = c_shape(try->function)->role;
    enum law law = LAW_RETURNS;
    int everywhere = heap_crash_clause(heap);
    if (everywhere >= 0)
        return everywhere;
    if (try->overflows)
        law = LAW_C_PRODUCT;
    else if (of_null)
        law = role == C_FREES ? LAW_C_FREE_NULL : role == C_ASKS ? LAW_C_USABLE_NULL : LAW_C_REALLOC_NULL;
    else if (try->function == C_FREE_SIZED || try->function == C_FREE_ALIGNED_SIZED)
        law = LAW_C_SIZED_FREE;
    else if ((role == C_MAKES && try->bytes == 0) || (role == C_FREES && try->call.old_size == 0))
        law = LAW_C_ZERO_SIZE;
    return heap->clause_of[law];
}

/* ---- failure ---- */

/* ISO C leaves errno open; POSIX.1-2024 sets it for these ("shall return a null pointer and set errno"), ENOMEM for
 * want of storage, and lets a system have further errors (XSH 2.3), of which EAGAIN means the same. The manual page
 * promises it of the others. */
static enum law errno_law(enum c_function function)
{
    bool is_old = function == C_MEMALIGN || function == C_VALLOC || function == C_PVALLOC;
    return is_old ? LAW_C_ERRNO_OLD : LAW_C_ERRNO;
}

static bool may_be_invalid(const struct c_try *try)
{
    return is_aligning(try->function) && (!is_valid_align(try->function, try->first) || try->bytes % try->first != 0);
}

static void check_errno(const struct c_try *try)
{
    enum law law = errno_law(try->function);
    int seen = try->answer.errno_after;
    exercised(try->call.heap, law);
    if (seen == ENOMEM || seen == EAGAIN || (seen == EINVAL && may_be_invalid(try)))
        return;
    if (seen == try->errno_before)
        breach(&try->call, law, "null, and errno set to say why",
               "null, and errno is still %d, as it was before the call", seen);
    else
        breach(&try->call, law, "null, and errno ENOMEM or EAGAIN", "null, and errno is %d", seen);
}

/* posix_memalign and reallocarr answer with the error's number. */
static void check_code(const struct c_try *try)
{
    int code = (int)(intptr_t)try->answer.result;
    bool is_memalign = try->function == C_POSIX_MEMALIGN,
         must_be_invalid = is_memalign && !is_valid_align(C_POSIX_MEMALIGN, try->first);
    enum law law = is_memalign ? LAW_C_CODE : LAW_C_REALLOCARR;
    exercised(try->call.heap, law);
    if (must_be_invalid && code != EINVAL)
        breach(&try->call, law, "EINVAL (22) for an alignment that is no power of two times sizeof(void *)", "%d",
               code);
    else if (code < 0)
        breach(&try->call, law, "the number of an error", "%d", code);
}

/* "If an error occurs, the contents of memptr shall either be left unmodified or be set to a null pointer"
 * (POSIX.1-2024). */
static void check_out(const struct c_try *try)
{
    if (try->function != C_POSIX_MEMALIGN)
        return;
    exercised(try->call.heap, LAW_C_OUT);
    if (try->answer.out != try->before && try->answer.out != 0)
        breach(&try->call, LAW_C_OUT, "on failure, what was there before or null", "%#zx stored",
               (size_t)try->answer.out);
}

void c_check_failure(const struct c_try *try)
{
    struct heap *heap = try->call.heap;
    if (try->overflows)
        exercised(heap, LAW_C_PRODUCT);
    if (c_shape(try->function)->answers_code) {
        if ((intptr_t)try->answer.result != 0) { /* success with a null pointer: no bytes were asked for */
            check_code(try);
            check_out(try);
        }
    } else if (try->bytes != 0 || try->overflows) {
        check_errno(try); /* a null pointer for no bytes is an answer, and no failure */
    }
    if (try->bytes == 0 && !try->overflows)
        exercised(heap, LAW_C_ZERO_SIZE);
    if (try->bytes > PTRDIFF_MAX && !try->overflows)
        exercised(heap, LAW_C_PTRDIFF);
}

/* ---- success ---- */

/* No object can be in it: what its alignment would be for is open. */
static void note_empty(const struct c_try *try)
{
    struct heap *heap = try->call.heap;
    size_t asked = try->function == C_VALLOC || try->function == C_PVALLOC ? heap->page
                   : is_aligning(try->function)                            ? try->first
                                                                           : 0;
    if (asked == 0 || try->bytes != 0)
        return;
    exercised(heap, LAW_C_ZERO_ALIGNED);
    if (try->address % asked != 0)
        flight_observe(heap->flight, heap->clause_of[LAW_C_ZERO_ALIGNED], "%s for no bytes may be no multiple of %zu",
                       c_function_name(try->function), asked);
}

static void note_latitude(const struct c_try *try)
{
    struct heap *heap = try->call.heap;
    const char *name = c_function_name(try->function);
    if (try->answer.errno_after != try->errno_before)
        flight_observe(heap->flight, heap->clause_of[LAW_C_ERRNO_SUCCESS], "%s that succeeds may set errno (to %d)",
                       name, try->answer.errno_after);
    exercised(heap, LAW_C_ERRNO_SUCCESS);
    note_empty(try);
    if (try->function != C_ALIGNED_ALLOC || !may_be_invalid(try))
        return;
    exercised(heap, LAW_C_ALIGNED_LENIENT);
    flight_observe(heap->flight, heap->clause_of[LAW_C_ALIGNED_LENIENT], "aligned_alloc(%zu, %zu) is granted",
                   try->first, try->bytes);
}

bool c_check_success(const struct c_try *try)
{
    struct heap *heap = try->call.heap;
    note_latitude(try);
    if (try->overflows) {
        exercised(heap, LAW_C_PRODUCT);
        breach(&try->call, LAW_C_PRODUCT, "null: the product is no size_t", "%#zx", (size_t)try->address);
        return false;
    }
    if (try->function == C_POSIX_MEMALIGN) {
        exercised(heap, LAW_C_CODE);
        if (!is_valid_align(C_POSIX_MEMALIGN, try->first)) {
            breach(&try->call, LAW_C_CODE, "EINVAL (22) for an alignment that is no power of two times sizeof(void *)",
                   "0, and a block at %#zx", (size_t)try->address);
            return false;
        }
    }
    if (try->bytes > PTRDIFF_MAX) {
        exercised(heap, LAW_C_PTRDIFF);
        breach(&try->call, LAW_C_PTRDIFF, "null: no object is larger than PTRDIFF_MAX bytes", "%#zx",
               (size_t)try->address);
    }
    if (try->bytes == 0)
        exercised(heap, LAW_C_ZERO_SIZE);
    return true;
}

/* ---- free ---- */

/* POSIX.1-2024 free(): "shall not modify errno if ptr is a null pointer or a pointer previously returned as if by
 * malloc() ..." */
void c_check_free(const struct c_try *try, bool of_null)
{
    struct heap *heap = try->call.heap;
    if (of_null)
        exercised(heap, LAW_C_FREE_NULL);
    if (try->function != C_FREE) {
        exercised(heap, LAW_C_SIZED_FREE);
        return;
    }
    exercised(heap, LAW_C_FREE_ERRNO);
    if (try->answer.errno_after != try->errno_before)
        breach(&try->call, LAW_C_FREE_ERRNO, "errno as it was", "errno was %d, and is %d", try->errno_before,
               try->answer.errno_after);
}
