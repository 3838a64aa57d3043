/* SPDX-License-Identifier: MIT */
#include "stats/binomial.h"

#include "stats/normal.h"
#include "tests/stats/near.h"

static void test_small_numbers_are_exact(void **state)
{
	static const struct {
		size_t n, k;
		double tail;
	} vectors[] = {
		{ 0, 0, 1 },        { 1, 0, 0.5 },          { 1, 1, 1 },
		{ 5, 0, 1 / 32.0 }, { 10, 2, 56 / 1024.0 }, { 10, 9, 1023 / 1024.0 },
		{ 6, 20, 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++)
		assert_near(binomial_half_tail(vectors[i].n, vectors[i].k), vectors[i].tail, 0);
}

/* The two ways of reckoning meet, and both add up to one. */
static void test_large_numbers(void **state)
{
	static const size_t sizes[] = { 999, 1000, 1001, 5000, 1000001 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(sizes); i++) {
		double n = (double)sizes[i];
		size_t k = (size_t)(n / 2 - sqrt(n));

		assert_near(binomial_half_tail(sizes[i], sizes[i]), 1, 1e-8);
		assert_near(binomial_half_tail(sizes[i], k),
			    normal_cdf(((double)k + 0.5 - n / 2) / (sqrt(n) / 2)), 1e-4);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_small_numbers_are_exact),
		cmocka_unit_test(test_large_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
