/* SPDX-License-Identifier: MIT */
/* The generator against published values, and that nothing it draws is biased or out of range. */
#include "base/random.h"

#include "base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

/* First values of SplitMix64 for seed 1234567, as in the rosettacode.org and xoshiro test vectors.
 */
static void is_splitmix64(void **state)
{
	static const uint64_t expected[] = { 6457827717110365317u, 3203168211198807973u,
					     9817491932198370423u, 4593380528125082431u,
					     16408922859458223821u };
	struct random r = { 1234567 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(expected); i++)
		assert_int_equal(random_next(&r), expected[i]);
}

static void is_below_its_bound(void **state)
{
	static const uint64_t bounds[] = { 1, 2, 3, 10, 1ull << 32, (1ull << 63) + 1, UINT64_MAX };
	struct random r = { 42 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(bounds); i++)
		for (int k = 0; k < 1000; k++)
			assert_true(random_below(&r, bounds[i]) < bounds[i]);
}

/* Chi-square over 3 values, 2 degrees of freedom: 13.8 is passed once in 1000 seeds; this is one.
 */
static void is_uniform(void **state)
{
	double n[3] = { 0 }, chi = 0;
	struct random r = { 7 };

	(void)state;
	for (int i = 0; i < 30000; i++)
		n[random_below(&r, 3)]++;
	for (int i = 0; i < 3; i++)
		chi += (n[i] - 10000) * (n[i] - 10000) / 10000;
	assert_true(chi < 13.8);
}

static void unit_is_half_open(void **state)
{
	struct random r = { 3 };
	double sum = 0;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		double x = random_unit(&r);

		assert_true(x >= 0 && x < 1);
		sum += x;
	}
	assert_true(sum > 49500 && sum < 50500); /* 5.5 standard deviations */
}

static void seeds_are_short(void **state)
{
	(void)state;
	for (int i = 0; i < 100; i++)
		assert_true(random_seed() <= UINT32_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_splitmix64),   cmocka_unit_test(is_below_its_bound),
		cmocka_unit_test(is_uniform),      cmocka_unit_test(unit_is_half_open),
		cmocka_unit_test(seeds_are_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
