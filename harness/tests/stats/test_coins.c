/* SPDX-License-Identifier: MIT */
#include "stats/coins.h"

#include "base/random.h"
#include "stats/signed_rank.h"
#include "tests/stats/near.h"

#include <errno.h>

#define ROUNDS 12
#define SERIES 4
#define GROUPS 25

/* As the recurrence has it, by itself: the largest sum whose p is at most alpha. */
static void test_critical_is_where_p_crosses(void **state)
{
	static const struct {
		size_t n;
		double alpha, critical;
	} vectors[] = {
		/* Wilcoxon's table (Hollander and Wolfe, table A.4), two-sided. */
		{ 5, 0.05, -1 },  { 6, 0.05, 0 },   { 7, 0.05, 2 },  { 10, 0.05, 8 },
		{ 20, 0.05, 52 }, { 25, 0.05, 89 }, { 10, 0.01, 3 }, { 20, 0.01, 37 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		double values[25], critical;

		for (size_t k = 0; k < vectors[i].n; k++)
			values[k] = (double)k + 1;
		assert_int_equal(
			signed_rank_critical(values, vectors[i].n, vectors[i].alpha, &critical), 0);
		assert_near(critical, vectors[i].critical, 0);
	}
}

/* Ties and zeros, and more than are exact: the test itself says on which side of alpha each is. */
static void test_critical_agrees_with_the_test(void **state)
{
	static double values[400];
	struct random random = { .state = 3 };

	(void)state;
	for (size_t trial = 0; trial < 300; trial++) {
		size_t n = trial < 250 ? random_below(&random, 40) : 140 + trial - 250;
		struct signed_rank test;
		double critical;

		for (size_t i = 0; i < n; i++)
			values[i] = (double)random_below(&random, 9) -
				    (double)random_below(&random, 8);
		assert_int_equal(signed_rank_test(values, n, &test), 0);
		assert_int_equal(signed_rank_critical(values, n, 0.2, &critical), 0);
		assert_int_equal(test.p <= 0.2, fmin(test.plus, test.minus) <= critical);
	}
}

static double normal(struct random *r)
{
	return sqrt(-2 * log(1 - random_unit(r))) * cos(2 * M_PI * random_unit(r));
}

/* shared: how much of a difference all series of a round have in common. */
static void fill(double *values, size_t rounds, double shared, double shift, struct random *r)
{
	for (size_t g = 0; g < GROUPS; g++)
		for (size_t i = 0; i < rounds; i++) {
			double common = normal(r);

			for (size_t k = 0; k < SERIES; k++)
				values[(g * SERIES + k) * rounds + i] = shared * common +
									(1 - shared) * normal(r) +
									shift;
		}
}

static struct coins toss(const double *values, size_t rounds)
{
	struct coins_differences d = { values, GROUPS, SERIES, rounds };
	struct coins c;

	assert_int_equal(coins_toss(&d, 0.05, 1, &c), 0);
	return c;
}

/* Series that are copies of each other claim together: as many on average, farther apart. */
static void test_dependence_widens(void **state)
{
	static double values[GROUPS * SERIES * ROUNDS];
	struct random random = { .state = 7 };
	struct coins apart, together;
	double size = 0.04248046875; /* 2 P(W ≤ 13), n = 12: 174 of 4096 patterns */

	(void)state;
	fill(values, ROUNDS, 0, 0, &random);
	apart = toss(values, ROUNDS);
	fill(values, ROUNDS, 1, 0, &random);
	together = toss(values, ROUNDS);
	assert_near(apart.expected, size * GROUPS * SERIES, 0.15);
	assert_near(together.expected, size * GROUPS * SERIES, 0.3);
	/* Binomial: 1 … 8 of 100; 0 … 3 of 25, four times. */
	assert_near(apart.low, 1, 0);
	assert_near(apart.high, 8, 1);
	assert_near(together.low, 0, 0);
	assert_near(together.high, 12, 0);
	assert_int_equal(together.claims % SERIES, 0);
}

static void test_what_is_systematic_shows(void **state)
{
	static double values[GROUPS * SERIES * ROUNDS];
	struct random random = { .state = 9 };
	struct coins c;

	(void)state;
	fill(values, ROUNDS, 0.5, 0.3, &random);
	c = toss(values, ROUNDS);
	assert_true(c.p_signs < 0.001);
	assert_true(c.p_claims < 0.001);
	assert_true(c.claims > c.high);
	assert_true(c.nr_above > c.nr_below);
}

/* A/A as it should be: both p uniform, so that they are below 10 % in 10 % of families. */
static void test_p_is_honest(void **state)
{
	static double values[GROUPS * SERIES * ROUNDS];
	struct random random = { .state = 11 };
	unsigned int claims = 0, signs = 0;

	(void)state;
	for (unsigned int i = 0; i < 100; i++) {
		struct coins c;

		fill(values, ROUNDS, 0.5, 0, &random);
		c = toss(values, ROUNDS);
		claims += c.p_claims <= 0.1;
		signs += c.p_signs <= 0.1;
	}
	/* Binomial of 100 with 10 %: above 22 or, for the signs, below 2 once in 3,000. */
	assert_true(claims <= 22);
	assert_true(signs >= 2 && signs <= 22);
}

static void test_edges(void **state)
{
	const double values[] = { 0, NAN, 0, NAN, NAN, NAN };
	struct coins_differences d = { values, 1, 2, 3 };
	struct coins c;

	(void)state;
	assert_int_equal(coins_toss(&d, 0.05, 1, &c), 0);
	assert_int_equal(c.nr_pairs, 2);
	assert_int_equal(c.nr_above + c.nr_below + c.claims, 0);
	assert_near(c.p_signs, 1, 0);
	assert_near(c.p_claims, 1, 0);
	assert_near(c.expected + c.low + c.high, 0, 0);
	d.nr_rounds = 0;
	assert_int_equal(coins_toss(&d, 0.05, 1, &c), -EDOM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_critical_is_where_p_crosses),
		cmocka_unit_test(test_critical_agrees_with_the_test),
		cmocka_unit_test(test_dependence_widens),
		cmocka_unit_test(test_what_is_systematic_shows),
		cmocka_unit_test(test_p_is_honest),
		cmocka_unit_test(test_edges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
