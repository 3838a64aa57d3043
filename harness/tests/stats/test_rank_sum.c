/* SPDX-License-Identifier: MIT */
#include "stats/rank_sum.h"

#include "tests/stats/near.h"

#include "base/random.h"

#include <errno.h>

/* Kept from one test to the next, as callers keep it from one row to the next. */
static struct untied_table known;

#define POOLED_MAX 25

/* Twice U: twice the pairs with b > a, once the equal ones. members: which pooled values are b. */
static int twice_u(const double *pooled, size_t n, uint32_t members)
{
	int u = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++)
			if (!(members >> i & 1) && members >> j & 1)
				u += 2 * (pooled[j] > pooled[i]) + (pooled[j] == pooled[i]);
	return u;
}

/*
 * The share of all ways to choose nr_b of the pooled values that are at least as far out. U and the
 * rank sum differ by a constant, so that of each choice only nr_b ranks have to be added.
 */
static double enumerated_p(const double *pooled, size_t nr_a, size_t nr_b)
{
	size_t n = nr_a + nr_b;
	int twice_ranks[POOLED_MAX] = { 0 }, mean = (int)(nr_b * (n + 1)), distance;
	uint32_t first = (1u << nr_b) - 1;
	uint64_t far = 0, all = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++)
			twice_ranks[i] += 2 * (pooled[j] < pooled[i]) + (pooled[j] == pooled[i]) +
					  (i == j);
	distance = abs(twice_u(pooled, n, first << nr_a) - (int)(nr_a * nr_b));
	/* The next larger number with as many bits (Gosper, HAKMEM 175). */
	for (uint64_t members = first; members < 1ull << n;) {
		uint64_t low = members & -members, carried = members + low;
		int sum = 0;

		for (uint64_t left = members; left; left &= left - 1)
			sum += twice_ranks[__builtin_ctzll(left)];
		all++;
		far += abs(sum - mean) >= distance;
		members = carried | ((members ^ carried) / low) >> 2;
	}
	return (double)far / (double)all;
}

static void test_p_by_full_enumeration(void **state)
{
	struct random r = { 31 };

	(void)state;
	for (unsigned int round = 0; round < 40; round++) {
		size_t n = 2 + random_below(&r, 11), nr_a = 1 + random_below(&r, n - 1);
		uint64_t distinct = round % 3 == 0 ? 1000000 : 1 + random_below(&r, 8);
		double pooled[POOLED_MAX], kept[POOLED_MAX];
		struct rank_sum test;

		for (size_t i = 0; i < n; i++)
			pooled[i] = kept[i] = (double)random_below(&r, distinct);
		assert_int_equal(
			rank_sum_test(pooled, nr_a, pooled + nr_a, n - nr_a, &known, &test), 0);
		assert_true(test.exact);
		assert_near(test.u, twice_u(kept, n, ((1u << (n - nr_a)) - 1) << nr_a) / 2.0, 0);
		assert_near(test.p, enumerated_p(kept, nr_a, n - nr_a), 1e-12);
	}
}

/* The largest that are still to be gone through, ties and all: 5 million ways to choose 12 of 25.
 */
static void test_p_by_full_enumeration_to_25(void **state)
{
	static const double digits[POOLED_MAX] = { 3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9,
						   7, 9, 3, 2, 3, 8, 4, 6, 2, 6, 4, 3 };
	static const size_t sizes[][2] = { { 9, 9 }, { 13, 12 }, { 5, 20 }, { 1, 24 }, { 22, 3 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(sizes); i++) {
		size_t m = sizes[i][0], n = sizes[i][1];
		double pooled[POOLED_MAX];
		struct rank_sum test;

		memcpy(pooled, digits, sizeof(pooled));
		assert_int_equal(rank_sum_test(pooled, m, pooled + m, n, &known, &test), 0);
		assert_true(test.exact && test.p < 1);
		assert_near(test.p, enumerated_p(digits, m, n), 1e-12);
	}
}

/* The ways to get U = u: f(m, n, u) = f(m − 1, n, u − n) + f(m, n − 1, u) (Mann and Whitney). */
static double ways[26][26][626];

static void fill_ways(void)
{
	for (int m = 0; m <= 25; m++)
		for (int n = 0; n <= 25; n++)
			for (int u = 0; u <= m * n; u++)
				ways[m][n][u] = !m || !n ? 1
							 : (u >= n ? ways[m - 1][n][u - n] : 0) +
								   ways[m][n - 1][u];
}

/* A pair of samples without ties whose U (b above a) is u. */
static void make_samples(size_t nr_a, size_t nr_b, size_t u, double *a, double *b)
{
	for (size_t i = 0; i < nr_a; i++)
		a[i] = (double)i;
	for (size_t j = 0; j < nr_b; j++) {
		size_t above = u < nr_a ? u : nr_a;

		b[j] = (double)above - 0.5 + (double)j / 1000;
		u -= above;
	}
}

static void test_p_by_recurrence(void **state)
{
	static const size_t sizes[][2] = { { 1, 1 },  { 1, 25 },  { 2, 7 },   { 5, 5 },  { 12, 13 },
					   { 25, 3 }, { 20, 20 }, { 25, 24 }, { 25, 25 } };

	(void)state;
	fill_ways();
	for (size_t i = 0; i < ARRAY_LENGTH(sizes); i++) {
		size_t m = sizes[i][0], n = sizes[i][1];
		double all = 0, tail = 0, a[25], b[25];

		for (size_t u = 0; u <= m * n; u++)
			all += ways[m][n][u];
		for (size_t u = 0; u <= m * n / 2; u++) {
			struct rank_sum test;

			tail += ways[m][n][u];
			make_samples(m, n, u, a, b);
			assert_int_equal(rank_sum_test(a, m, b, n, &known, &test), 0);
			assert_true(test.exact);
			assert_near(test.u, (double)u, 0);
			assert_near(test.p, fmin(1, 2 * tail / all), 1e-9 * test.p);
			make_samples(m, n, m * n - u, a, b);
			assert_int_equal(rank_sum_test(a, m, b, n, &known, &test), 0);
			assert_near(test.p, fmin(1, 2 * tail / all), 1e-9 * test.p);
		}
	}
}

/* Hollander and Wolfe, example 4.1 (R's example of wilcox.test too): permeability of membranes. */
static void test_published_values(void **state)
{
	double term[] = { 0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46 };
	double early[] = { 1.15, 0.88, 0.90, 0.74, 1.21 };
	struct rank_sum test;
	double shift;

	(void)state;
	assert_int_equal(rank_sum_test(early, 5, term, 10, &known, &test), 0);
	assert_near(test.u, 35, 0);
	assert_near(test.p, 2 * 0.1272, 1e-4);
	assert_int_equal(rank_sum_shift(early, 5, term, 10, &shift), 0);
	assert_near(shift, 0.305, 1e-9);
}

static void test_shift_and_interval_by_definition(void **state)
{
	struct random r = { 41 };

	(void)state;
	fill_ways();
	for (unsigned int round = 0; round < 30; round++) {
		size_t m = 4 + random_below(&r, 22), n = 4 + random_below(&r, 22), nr = 0, k = 0;
		double a[25], b[25], shifts[625], all = 0, tail = 0, shift;
		struct interval interval;

		for (size_t i = 0; i < m; i++)
			a[i] = round % 2 ? random_unit(&r) : (double)random_below(&r, 6);
		for (size_t j = 0; j < n; j++)
			b[j] = round % 2 ? random_unit(&r) : (double)random_below(&r, 8);
		for (size_t i = 0; i < m; i++)
			for (size_t j = 0; j < n; j++)
				shifts[nr++] = b[j] - a[i];
		assert_int_equal(rank_sum_shift(a, m, b, n, &shift), 0);
		assert_near(shift, near_median(shifts, nr), 1e-15);
		for (size_t u = 0; u <= m * n; u++)
			all += ways[m][n][u];
		while (tail + ways[m][n][k] <= 0.025 * all)
			tail += ways[m][n][k++];
		assert_int_equal(rank_sum_interval(a, m, b, n, 0.95, &known, &interval), 0);
		assert_near(interval.low, shifts[k - 1], 1e-15);
		assert_near(interval.high, shifts[nr - k], 1e-15);
		assert_near(interval.coverage, 1 - 2 * tail / all, 1e-12);
	}
}

static void test_degenerate(void **state)
{
	double none[1] = { 0 }, equal[8] = { 3, 3, 3, 3, 3, 3, 3, 3 }, value = 9;
	double low[4] = { -1.7e308, -1.7e308, -1.7e308, -1.7e308 };
	struct interval interval = { 1, 2, 3 };
	struct rank_sum test;

	(void)state;
	assert_int_equal(rank_sum_test(none, 0, equal, 8, &known, &test), 0);
	assert_near(test.p, 1, 0);
	assert_int_equal(rank_sum_test(equal, 4, equal + 4, 4, &known, &test), 0);
	assert_near(test.p, 1, 0);
	assert_near(test.u, 8, 0);
	assert_int_equal(rank_sum_test(low, 4, equal, 4, &known, &test), 0);
	assert_near(test.p, 2 / 70.0, 1e-15);
	assert_int_equal(rank_sum_shift(equal, 4, none, 0, &value), -EDOM);
	assert_near(value, 9, 0);
	assert_int_equal(rank_sum_shift(low, 4, equal, 4, &value), 0);
	assert_near(value, 1.7e308, 0);
	assert_int_equal(rank_sum_interval(none, 0, equal, 8, 0.95, &known, &interval), -EDOM);
	assert_int_equal(rank_sum_interval(equal, 3, equal + 3, 4, 0.95, &known, &interval), -EDOM);
	assert_near(interval.low, 1, 0);
	assert_int_equal(rank_sum_interval(equal, 4, equal + 4, 4, 0.95, &known, &interval), 0);
	assert_near(interval.low, 0, 0);
	assert_near(interval.high, 0, 0);
}

#define LARGE      159 /* the smallest n of two equal samples that is not exact without ties */
#define LARGE_HALF (LARGE * LARGE / 2)

/* P(U = u), u up to half, of LARGE a side: the recurrence above, a row of m at a time. */
static double *large_distribution(void)
{
	size_t width = LARGE_HALF + 1;
	double *rows = calloc((LARGE + 1) * width, sizeof(*rows));

	for (size_t m = 0; m <= LARGE; m++)
		rows[m * width] = 1;
	for (size_t n = 1; n <= LARGE; n++)
		for (size_t m = 1; m <= LARGE; m++)
			for (size_t u = n; u < width; u++)
				rows[m * width + u] += rows[(m - 1) * width + u - n];
	memmove(rows, rows + LARGE * width, width * sizeof(*rows));
	for (size_t u = 0; u < width; u++)
		rows[u] /= exp(lgamma(2 * LARGE + 1) - 2 * lgamma(LARGE + 1));
	return rows;
}

/* Beyond the largest exact samples the normal distribution agrees in the digits that are printed.
 */
static void test_normal_beyond_the_exact(void **state)
{
	AUTO_FREE double *shares = large_distribution();
	double a[LARGE], b[LARGE], tail = 0, worst = 0, worst_far = 0;
	struct rank_sum test;

	(void)state;
	make_samples(LARGE - 1, LARGE - 1, 9000, a, b);
	assert_int_equal(rank_sum_test(a, LARGE - 1, b, LARGE - 1, &known, &test), 0);
	assert_true(test.exact);
	for (size_t u = 0; u < LARGE_HALF; u++) {
		double *at = (tail += shares[u]) < 5e-5 ? &worst_far : &worst;

		if (tail < 1e-7 || u % 97)
			continue;
		make_samples(LARGE, LARGE, u, a, b);
		assert_int_equal(rank_sum_test(a, LARGE, b, LARGE, &known, &test), 0);
		assert_false(test.exact);
		*at = fmax(*at, fabs(test.p / (2 * tail) - 1));
	}
	print_message("n = %d and %d: exact and normal p differ by 1 part in %.0f at most, below "
		      "p = 1e-4 by 1 in %.0f\n",
		      LARGE, LARGE, 1 / worst, 1 / worst_far);
	assert_true(worst < 1e-3);
	assert_true(worst_far < 1.1e-2);
}

#define LARGE_TIED 63 /* the smallest n of two equal samples that is not exact with ties */
#define TIED_SUMS  (LARGE_TIED * (4 * LARGE_TIED + 1) + 1)

/* The exact p of LARGE_TIED values a side: choices of half of the doubled mid-ranks, by their sum.
 */
static double tied_p(const double *a, const double *b, double u)
{
	double *choices = calloc((size_t)(LARGE_TIED + 1) * TIED_SUMS, sizeof(*choices));
	double pooled[2 * LARGE_TIED], far = 0, all = 0, mean = LARGE_TIED * LARGE_TIED;

	memcpy(pooled, a, LARGE_TIED * sizeof(*a));
	memcpy(pooled + LARGE_TIED, b, LARGE_TIED * sizeof(*b));
	choices[0] = 1;
	for (size_t i = 0; i < 2 * LARGE_TIED; i++) {
		size_t rank = 1;

		for (size_t j = 0; j < 2 * LARGE_TIED; j++)
			rank += 2 * (pooled[j] < pooled[i]) + (pooled[j] == pooled[i]);
		for (size_t c = LARGE_TIED; c > 0; c--) {
			double *to = choices + c * TIED_SUMS;
			const double *from = to - TIED_SUMS;

			for (size_t s = rank; s < TIED_SUMS; s++)
				to[s] += from[s - rank];
		}
	}
	for (size_t s = 0; s < TIED_SUMS; s++) {
		double ways_to = choices[(size_t)LARGE_TIED * TIED_SUMS + s];
		double u_doubled = (double)s - LARGE_TIED * (LARGE_TIED + 1);

		all += ways_to;
		far += fabs(u_doubled - mean) >= fabs(2 * u - mean) ? ways_to : 0;
	}
	free(choices);
	return far / all;
}

static void test_normal_beyond_the_exact_with_ties(void **state)
{
	static const size_t shifted[] = { 1, 3 }; /* every so many-th b is one level higher */

	(void)state;
	for (size_t k = 0; k < ARRAY_LENGTH(shifted); k++) {
		double a[LARGE_TIED], b[LARGE_TIED], exact;
		struct rank_sum test;

		for (size_t i = 0; i < LARGE_TIED; i++) {
			a[i] = (double)(i % 12);
			b[i] = (double)(i % 12) + (i % shifted[k] == 0 ? 1 : 0);
		}
		assert_int_equal(rank_sum_test(a, LARGE_TIED - 1, b, LARGE_TIED - 1, &known, &test),
				 0);
		assert_true(test.exact);
		assert_int_equal(rank_sum_test(a, LARGE_TIED, b, LARGE_TIED, &known, &test), 0);
		assert_false(test.exact);
		exact = tied_p(a, b, test.u);
		print_message("with ties: exact p %.5f, normal %.5f\n", exact, test.p);
		assert_near(test.p, exact, 0.01 * exact);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_p_by_full_enumeration),
		cmocka_unit_test(test_p_by_full_enumeration_to_25),
		cmocka_unit_test(test_p_by_recurrence),
		cmocka_unit_test(test_published_values),
		cmocka_unit_test(test_shift_and_interval_by_definition),
		cmocka_unit_test(test_degenerate),
		cmocka_unit_test(test_normal_beyond_the_exact),
		cmocka_unit_test(test_normal_beyond_the_exact_with_ties),
	};

	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	untied_table_free(&known);
	return failed;
}
