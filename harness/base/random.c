/* SPDX-License-Identifier: MIT */
#include "base/random.h"

#include "base/clock.h"

#include <sys/random.h>

uint64_t random_below(struct random *r, uint64_t bound)
{
	unsigned __int128 wide = (unsigned __int128)random_next(r) * bound;

	if ((uint64_t)wide < bound) {
		uint64_t threshold = -bound % bound;

		while ((uint64_t)wide < threshold)
			wide = (unsigned __int128)random_next(r) * bound;
	}
	return (uint64_t)(wide >> 64);
}

double random_unit(struct random *r)
{
	return (double)(random_next(r) >> 11) * 0x1p-53;
}

uint64_t random_seed(void)
{
	uint64_t seed;

	if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != sizeof(seed))
		seed = clock_realtime_ns();
	/* Short enough to be typed again: seeds are for people. */
	return seed & 0xffffffff;
}
