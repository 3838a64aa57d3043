/* SPDX-License-Identifier: MIT */
/* A seeded generator, so that the order of a run can be repeated: SplitMix64 (Steele et al. 2014).
 */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

struct random {
	uint64_t state;
};

static inline uint64_t random_next(struct random *r)
{
	uint64_t z = (r->state += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

/* A uniform number in 0 … bound − 1 without modulo bias (Lemire 2019); bound > 0. */
uint64_t random_below(struct random *r, uint64_t bound);

/* A uniform double in [0, 1) with 53 random bits. */
double random_unit(struct random *r);

/* A seed from the kernel (getrandom), for runs that state none. */
uint64_t random_seed(void);

#endif
