/* SPDX-License-Identifier: MIT */
/*
 * A scattered order of n places with no table as large as the range: a Feistel network of a few
 * rounds is a bijection on 2^k numbers whatever its round function is (Luby and Rackoff 1988);
 * numbers outside n are walked over (cycle walking, Black and Rogaway 2002).
 */
#ifndef OPS_SCATTER_H
#define OPS_SCATTER_H

#include <stdint.h>

/*
 * Four rounds are cheap enough for a timed loop, yet bring one place and the next within two of
 * each other half as often again as chance would; eight do so by a few per cent at most.
 */
enum scatter_rounds { SCATTER_CHEAP = 4, SCATTER_EVEN = 8 };

struct scatter {
	uint64_t n;
	unsigned int half_bits; /* of the number: the network works on two halves */
	uint64_t mask;
	uint64_t seed;
};

/* n > 0 places, in an order that depends on the seed. */
static inline struct scatter scatter_begin(uint64_t n, uint64_t seed)
{
	unsigned int bits = n > 1 ? 64u - (unsigned int)__builtin_clzll(n - 1) : 0;
	unsigned int half = (bits + 1) / 2;

	return (struct scatter){ n, half, (1ull << half) - 1, seed };
}

static inline uint64_t scatter_mix(uint64_t value, uint64_t key)
{
	value = (value + key) * 0x9e3779b97f4a7c15u;
	value ^= value >> 29;
	value *= 0xbf58476d1ce4e5b9u;
	return value ^ value >> 32;
}

/* The i-th place, i < n: every place once. */
static inline uint64_t scatter_place(const struct scatter *s, uint64_t i,
				     enum scatter_rounds rounds)
{
	do {
		uint64_t left = i >> s->half_bits, right = i & s->mask;

		for (uint64_t round = 1; round <= (uint64_t)rounds; round++) {
			uint64_t next = left ^ (scatter_mix(right, s->seed + round) & s->mask);

			left = right;
			right = next;
		}
		i = left << s->half_bits | right;
	} while (i >= s->n);
	return i;
}

#endif
