/* SPDX-License-Identifier: MIT */
/* Every place comes once, and neighbours of the order are no nearer to each other than by chance.
 */
#include "ops/scatter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>

#define NEAR 2 /* places */

static void test_every_place_once(void **state)
{
	static const uint64_t sizes[] = { 1, 2, 3, 5, 16, 100, 1024, 4097, 1 << 16 };
	static const enum scatter_rounds rounds[] = { SCATTER_CHEAP, SCATTER_EVEN };

	(void)state;
	for (size_t v = 0; v < 2 * sizeof(sizes) / sizeof(sizes[0]); v++) {
		struct scatter s = scatter_begin(sizes[v / 2], v);
		bool *seen = calloc(s.n, sizeof(*seen));

		assert_non_null(seen);
		for (uint64_t i = 0; i < s.n; i++) {
			uint64_t place = scatter_place(&s, i, rounds[v % 2]);

			assert_true(place < s.n && !seen[place]);
			seen[place] = true;
		}
		free(seen);
	}
}

/* How often the next place is within NEAR of one, as a multiple of a chance order's share. */
static double near_share(uint64_t n, unsigned int nr_orders, enum scatter_rounds rounds)
{
	double pairs = 0, chance = (double)n * (double)(n - 1);
	uint64_t near = 0;

	for (uint64_t d = 1; d <= NEAR; d++)
		pairs += 2 * (double)(n - d);
	for (unsigned int seed = 0; seed < nr_orders; seed++) {
		struct scatter s = scatter_begin(n, seed);
		uint64_t last = scatter_place(&s, 0, rounds);

		for (uint64_t i = 1; i < n; i++) {
			uint64_t place = scatter_place(&s, i, rounds);

			near += (place > last ? place - last : last - place) <= NEAR;
			last = place;
		}
	}
	return (double)near / (pairs / chance * (double)(n - 1) * nr_orders);
}

static void test_neighbours(void **state)
{
	static const uint64_t sizes[] = { 64, 100, 256, 1024, 8192 };

	(void)state;
	for (size_t v = 0; v < sizeof(sizes) / sizeof(sizes[0]); v++) {
		unsigned int nr_orders = (unsigned int)((2u << 20) / sizes[v]);
		double share = near_share(sizes[v], nr_orders, SCATTER_EVEN);

		if (share < 0.9 || share > 1.1)
			fail_msg("of %llu places: %.3f", (unsigned long long)sizes[v], share);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_place_once),
		cmocka_unit_test(test_neighbours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
