/* SPDX-License-Identifier: MIT */
#include "stats/geomean.h"

#include "tests/stats/near.h"

static void test_vectors(void **state)
{
	static const struct {
		size_t n;
		double ratios[6], ratio;
		size_t count[GEOMEAN_USES]; /* used, unmatched, zero, negative, infinite */
	} vectors[] = {
		{ 0, { 0 }, NAN, { 0 } },
		{ 1, { 1.5 }, 1.5, { 1 } },
		{ 2, { 2, 0.5 }, 1, { 2 } },
		{ 3, { 1, 10, 100 }, 10, { 3 } },
		{ 6, { NAN, 0, -2, INFINITY, 4, 9 }, 6, { 2, 1, 1, 1, 1 } },
		{ 3, { -INFINITY, -0.0, NAN }, NAN, { 0, 1, 1, 0, 1 } },
		{ 4, { 1e300, 1e300, 1e-300, 1e-300 }, 1, { 4 } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		struct geomean g;

		geomean_of(vectors[i].ratios, vectors[i].n, &g);
		assert_near(g.ratio, vectors[i].ratio, 1e-12);
		assert_memory_equal(g.count, vectors[i].count, sizeof(g.count));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
