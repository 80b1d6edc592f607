/* harness/base/prng.h: reproducible randomness.
 *
 * Promises: the same seed gives the same sequence on every platform (64-bit arithmetic only, no size_t, no float).
 * SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct prng {
    uint64_t state;
};

static inline uint64_t prng_mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static inline uint64_t prng_next(struct prng *prng) { return prng_mix(prng->state += UINT64_C(0x9e3779b97f4a7c15)); }

/* A number in 0 .. bound-1; 0 for bound 0. The modulo bias (< 2^-20 for bounds below 2^44) does not matter here. */
static inline uint64_t prng_below(struct prng *prng, uint64_t bound)
{
    return bound == 0 ? 0 : prng_next(prng) % bound;
}

/* A number in low ..= high. */
static inline uint64_t prng_between(struct prng *prng, uint64_t low, uint64_t high)
{
    return low + prng_below(prng, high - low + 1);
}

/* True in `parts` of `whole` cases. */
static inline bool prng_chance(struct prng *prng, unsigned parts, unsigned whole)
{
    return prng_below(prng, whole) < parts;
}
