/* SPDX-License-Identifier: MIT */
#include "stats/power.h"

#include "stats/signed_rank.h"
#include "tests/stats/near.h"

#include "base/random.h"

static void test_noise_of_an_interval(void **state)
{
	(void)state;
	/* ±1.96 σ/√n */
	assert_near(power_noise(&(struct interval){ 9.02, 10.98, 0.95 }, 25), 2.5, 1e-3);
	assert_near(power_noise(&(struct interval){ 3, 3, 0.95 }, 25), 0, 0);
	assert_near(power_noise(&(struct interval){ -1.7e308, 1.7e308, 0.95 }, 1), 8.6736e307,
		    1e304);
}

/* By hand: (1.95996 + 0.84162) × noise/√(n − 1.92073), and back. */
static void test_planned_figures(void **state)
{
	(void)state;
	assert_near(power_detectable(1, 40, 0.05, 0.8), 0.454, 1e-4);
	assert_near(power_detectable(0.02, 40, 0.05, 0.8), 0.02 * 0.454, 2e-6);
	assert_near(power_detectable(0, 40, 0.05, 0.8), 0, 0);
	assert_near(power_detectable(1, 5, 0.05, 0.8), INFINITY, 0);
	assert_near(power_detectable(1, 0, 0.05, 0.8), INFINITY, 0);
	assert_near(power_detectable(NAN, 40, 0.05, 0.8), NAN, 0);
	/* 7.849 × 4 + 1.92 */
	assert_near(power_pairs_needed(2, 1, 0.05, 0.8), 34, 0);
	assert_near(power_pairs_needed(1, 10, 0.05, 0.8), 6, 0);
	assert_near(power_pairs_needed(0, 1, 0.05 / 1000, 0.8), 16, 0);
	assert_near(power_pairs_needed(1, 0, 0.05, 0.8), INFINITY, 0);
	/* (1.64485 + 1.28155)² × 4 + 1.35 */
	assert_near(power_pairs_for_equivalence(2, 1, 0.05, 0.8), 36, 0);
	assert_near(power_pairs_for_equivalence(0, 1, 0.05, 0.8), 5, 0);
	assert_near(power_pairs_for_equivalence(1, 0, 0.05, 0.8), INFINITY, 0);
	assert_near(power_reached(1, 0.454, 40, 0.05), 0.8, 1e-4);
	assert_near(power_reached(1, 9, 5, 0.05), 0, 0);
	assert_near(power_reached(0, 1, 6, 0.05), 1, 0);
	assert_near(power_reached(0, 0, 6, 0.05), 0, 0);
}

/* A normal number, near enough: 12 uniform ones. */
static double draw(struct random *r)
{
	double sum = -6;

	for (unsigned int i = 0; i < 12; i++)
		sum += random_unit(r);
	return sum;
}

/* What is promised is found: 2,000 simulated experiments for each size. */
static void test_promise_against_simulation(void **state)
{
	static const size_t sizes[] = { 10, 16, 32, 64 };
	struct random r = { 77 };

	(void)state;
	for (size_t s = 0; s < ARRAY_LENGTH(sizes); s++) {
		/* The signed-rank estimate's noise for normal data is √(π/3). */
		double effect = power_detectable(sqrt(M_PI / 3), (double)sizes[s], 0.05, 0.8);
		unsigned int found = 0;

		for (unsigned int i = 0; i < 2000; i++) {
			struct signed_rank test;
			double d[64];

			for (size_t j = 0; j < sizes[s]; j++)
				d[j] = draw(&r) + effect;
			assert_int_equal(signed_rank_test(d, sizes[s], &test), 0);
			found += test.p <= 0.05;
		}
		print_message("%zu pairs: power .80 promised, %.3f found\n", sizes[s],
			      found / 2000.0);
		assert_near(found / 2000.0, 0.8, 0.05);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_noise_of_an_interval),
		cmocka_unit_test(test_planned_figures),
		cmocka_unit_test(test_promise_against_simulation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
