/* A heap of boundary tags, the oldest design there is: every piece of memory, in use or free, has its length
 * and the length of the piece before it in front, so that neighbours find each other. Free neighbours are
 * joined at once; what is left of a piece when it is cut is a piece again.
 *
 *   area:  | piece | piece | piece | ... | end, of length 0 |          piece:  | before, length and use | the
 * block ... |
 *
 * Form: innocent
 * About: Boundary tags, splitting and joining, growth in place over a free neighbour, moves down into a free
 * piece before; one lock.
 */
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

enum { UNIT = 16, HEAD = 16, LEAST = 64, AREA = 1 << 20, GRANULE = 64 << 10, BINS = 128, LOOKS = 32 };
enum { USED = 1 }; /* lowest bit of a length */

struct piece {
    _Alignas(UNIT) size_t before;  /* length of the piece before; 0: the first of its area */
    size_t length;                 /* of this one, its head included, and USED */
    struct piece *next, *previous; /* in its bin, while free: the block lies here */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct piece *bins[BINS];
static struct piece *spare; /* an area wholly free that is kept, or NULL */

/* The child of a fork shall not find the lock in the hands of a thread that it does not have. */
static void lock_all(void) { pthread_mutex_lock(&lock); }
static void unlock_all(void) { pthread_mutex_unlock(&lock); }
static __attribute__((constructor)) void at_fork(void) { pthread_atfork(lock_all, unlock_all, unlock_all); }

static size_t round_up(size_t size, size_t unit) { return (size + unit - 1) & ~(unit - 1); }
static size_t length_of(const struct piece *piece) { return piece->length & ~(size_t)USED; }
static int is_used(const struct piece *piece) { return piece->length & USED; }
static struct piece *behind(struct piece *piece)
{
    return (struct piece *)((char *)piece + length_of(piece));
}
static struct piece *before(struct piece *piece) { return (struct piece *)((char *)piece - piece->before); }
static void *block_of(struct piece *piece) { return (char *)piece + HEAD; }
static struct piece *piece_of(void *block) { return (struct piece *)((char *)block - HEAD); }

/* Of the bins, four for every doubling. */
static unsigned bin_of(size_t length)
{
    unsigned top = (unsigned)(8 * sizeof(size_t)) - 1 - (unsigned)__builtin_clzl(length);
    unsigned bin = 4 * (top - 5) + (unsigned)(length >> (top - 2) & 3);
    return bin < BINS ? bin : BINS - 1;
}

static void set_length(struct piece *piece, size_t length, int used)
{
    piece->length = length | (used ? USED : 0);
    behind(piece)->before = length;
}

static void bin_push(struct piece *piece)
{
    struct piece **bin = &bins[bin_of(length_of(piece))];
    piece->previous = NULL;
    piece->next = *bin;
    if (*bin != NULL)
        (*bin)->previous = piece;
    *bin = piece;
}

static void bin_remove(struct piece *piece)
{
    if (piece->next != NULL)
        piece->next->previous = piece->previous;
    if (piece->previous != NULL)
        piece->previous->next = piece->next;
    else
        bins[bin_of(length_of(piece))] = piece->next;
}

static int is_whole_area(struct piece *piece) { return piece->before == 0 && length_of(behind(piece)) == 0; }

static void area_unmap(struct piece *piece) { munmap(piece, length_of(piece) + HEAD); }

/* A new area as one free piece, in no bin. */
static struct piece *area_map(size_t need)
{
    size_t bytes = round_up((need > AREA - HEAD ? need : AREA - HEAD) + HEAD, GRANULE);
    struct piece *all = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (all == MAP_FAILED)
        return NULL;
    ((struct piece *)((char *)all + bytes - HEAD))->length = USED;
    set_length(all, bytes - HEAD, 0);
    return all;
}

/* A piece that is in no bin, and not in use any more, goes where it belongs. */
static void piece_free(struct piece *piece)
{
    struct piece *next = behind(piece), *last = before(piece);
    size_t length = length_of(piece);
    if (!is_used(next)) {
        bin_remove(next);
        length += length_of(next);
    }
    if (piece->before != 0 && !is_used(last)) {
        bin_remove(last);
        length += length_of(last);
        piece = last;
    }
    set_length(piece, length, 0);
    if (!is_whole_area(piece) || (spare == NULL && length < 4 * (size_t)AREA)) {
        if (is_whole_area(piece))
            spare = piece;
        bin_push(piece);
    } else {
        area_unmap(piece);
    }
}

/* Shortens a piece in use; what is cut off is free. */
static void piece_cut(struct piece *piece, size_t length)
{
    size_t left = length_of(piece) - length;
    if (left < LEAST)
        return;
    set_length(piece, length, 1);
    struct piece *rest = behind(piece);
    set_length(rest, left, 1);
    piece_free(rest);
}

/* The beginning of a piece in use becomes a free piece of its own. */
static struct piece *piece_cut_front(struct piece *piece, size_t front)
{
    size_t length = length_of(piece);
    set_length(piece, front, 1);
    struct piece *rest = behind(piece);
    set_length(rest, length - front, 1);
    piece_free(piece);
    return rest;
}

static struct piece *piece_find(size_t need)
{
    unsigned bin = bin_of(need), looks = 0;
    for (struct piece *piece = bins[bin]; piece != NULL && looks++ < LOOKS; piece = piece->next)
        if (length_of(piece) >= need)
            return piece;
    while (++bin < BINS)
        for (struct piece *piece = bins[bin]; piece != NULL; piece = piece->next)
            if (length_of(piece) >= need)
                return piece;
    return NULL;
}

/* In use, and `need` long or longer. */
static struct piece *piece_take(size_t need)
{
    struct piece *piece = piece_find(need);
    if (piece != NULL) {
        bin_remove(piece);
        if (piece == spare)
            spare = NULL;
    } else {
        piece = area_map(need);
    }
    if (piece != NULL)
        piece->length |= USED;
    return piece;
}

/* How long a piece must be for a block of `size`. */
static size_t need_of(size_t size)
{
    size_t need = round_up(size, UNIT) + HEAD;
    return need < LEAST ? LEAST : need;
}

/* How much must be cut off its front for the block to be aligned: nothing, or a piece. */
static size_t front_of(struct piece *piece, size_t align)
{
    uintptr_t block = (uintptr_t)block_of(piece);
    if (block % align == 0)
        return 0;
    return round_up(block + LEAST, align) - block;
}

static int is_impossible(size_t size, size_t align) { return size > SIZE_MAX / 4 || align > (size_t)1 << 26; }

static void *take(size_t size, size_t align)
{
    size_t need = need_of(size);
    struct piece *piece = piece_take(align > UNIT ? need + align + LEAST : need);
    if (piece == NULL)
        return NULL;
    size_t front = front_of(piece, align > UNIT ? align : UNIT);
    if (front != 0)
        piece = piece_cut_front(piece, front);
    piece_cut(piece, need);
    return block_of(piece);
}

/* Takes the free piece behind, if that is enough. */
static int grow_over_next(struct piece *piece, size_t need)
{
    struct piece *next = behind(piece);
    if (is_used(next) || length_of(piece) + length_of(next) < need)
        return 0;
    bin_remove(next);
    set_length(piece, length_of(piece) + length_of(next), 1);
    piece_cut(piece, need);
    return 1;
}

static int resize_in_place(struct piece *piece, size_t size)
{
    size_t need = need_of(size);
    if (need > length_of(piece))
        return grow_over_next(piece, need);
    piece_cut(piece, need);
    return 1;
}

/* Takes the free piece before, if that is enough, and moves the block down. */
static void *move_down(struct piece *piece, size_t old_size, size_t size)
{
    struct piece *last = before(piece);
    size_t need = need_of(size), length = length_of(piece);
    if (piece->before == 0 || is_used(last) || length_of(last) + length < need)
        return NULL;
    bin_remove(last);
    memmove(block_of(last), block_of(piece), old_size);
    set_length(last, length_of(last) + length, 1);
    piece_cut(last, need);
    return block_of(last);
}

void *__rust_allocate(size_t size, size_t align)
{
    if (is_impossible(size, align))
        return NULL;
    pthread_mutex_lock(&lock);
    void *block = take(size, align);
    pthread_mutex_unlock(&lock);
    return block;
}

void *__rust_allocate_zeroed(size_t size, size_t align)
{
    void *block = __rust_allocate(size, align);
    return block == NULL ? NULL : memset(block, 0, size);
}

void __rust_deallocate(void *block, size_t old_size, size_t align)
{
    (void)old_size, (void)align;
    pthread_mutex_lock(&lock);
    piece_free(piece_of(block));
    pthread_mutex_unlock(&lock);
}

void *__rust_reallocate(void *block, size_t old_size, size_t size, size_t align)
{
    if (is_impossible(size, align))
        return NULL;
    pthread_mutex_lock(&lock);
    struct piece *piece = piece_of(block);
    void *moved = resize_in_place(piece, size) ? block
                  : align <= UNIT              ? move_down(piece, old_size, size)
                                               : NULL;
    if (moved == NULL && (moved = take(size, align)) != NULL) {
        memcpy(moved, block, old_size < size ? old_size : size);
        piece_free(piece);
    }
    pthread_mutex_unlock(&lock);
    return moved;
}

size_t __rust_usable_size(size_t size, size_t align)
{
    return is_impossible(size, align) ? size : round_up(size, UNIT);
}

size_t __rust_reallocate_inplace(void *block, size_t old_size, size_t size, size_t align)
{
    int done = 0;
    if (!is_impossible(size, align)) {
        pthread_mutex_lock(&lock);
        done = resize_in_place(piece_of(block), size);
        pthread_mutex_unlock(&lock);
    }
    return __rust_usable_size(done ? size : old_size, align);
}
