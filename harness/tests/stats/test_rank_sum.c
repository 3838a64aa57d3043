/* SPDX-License-Identifier: MIT */
#include "stats/rank_sum.h"

#include "tests/stats/near.h"

#include "base/random.h"

#include <errno.h>

#define POOLED_MAX 18

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

/* The share of all ways to choose nr_b of the pooled values that are at least as far out. */
static double enumerated_p(const double *pooled, size_t nr_a, size_t nr_b)
{
	size_t n = nr_a + nr_b;
	uint32_t actual = ((1u << nr_b) - 1) << nr_a;
	int mean = (int)(nr_a * nr_b), distance = abs(twice_u(pooled, n, actual) - mean);
	uint64_t far = 0, all = 0;

	for (uint32_t members = 0; members < 1u << n; members++) {
		if (__builtin_popcount(members) != (int)nr_b)
			continue;
		all++;
		far += abs(twice_u(pooled, n, members) - mean) >= distance;
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
		assert_int_equal(rank_sum_test(pooled, nr_a, pooled + nr_a, n - nr_a, &test), 0);
		assert_true(test.exact);
		assert_near(test.u, twice_u(kept, n, ((1u << (n - nr_a)) - 1) << nr_a) / 2.0, 0);
		assert_near(test.p, enumerated_p(kept, nr_a, n - nr_a), 1e-12);
	}
}

static void test_p_by_enumeration_of_9_and_9(void **state)
{
	double pooled[18] = { 3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 9 }, kept[18];
	struct rank_sum test;

	(void)state;
	memcpy(kept, pooled, sizeof(kept));
	assert_int_equal(rank_sum_test(pooled, 9, pooled + 9, 9, &test), 0);
	assert_near(test.p, enumerated_p(kept, 9, 9), 1e-12);
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
	static const size_t sizes[][2] = { { 1, 1 },   { 1, 25 }, { 2, 7 },   { 5, 5 },	 { 12, 13 },
					   { 25, 3 },  { 20, 20 }, { 25, 24 }, { 25, 25 } };

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
			assert_int_equal(rank_sum_test(a, m, b, n, &test), 0);
			assert_true(test.exact);
			assert_near(test.u, (double)u, 0);
			assert_near(test.p, fmin(1, 2 * tail / all), 1e-9 * test.p);
			make_samples(m, n, m * n - u, a, b);
			assert_int_equal(rank_sum_test(a, m, b, n, &test), 0);
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
	assert_int_equal(rank_sum_test(early, 5, term, 10, &test), 0);
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
		assert_int_equal(rank_sum_interval(a, m, b, n, 0.95, &interval), 0);
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
	assert_int_equal(rank_sum_test(none, 0, equal, 8, &test), 0);
	assert_near(test.p, 1, 0);
	assert_int_equal(rank_sum_test(equal, 4, equal + 4, 4, &test), 0);
	assert_near(test.p, 1, 0);
	assert_near(test.u, 8, 0);
	assert_int_equal(rank_sum_test(low, 4, equal, 4, &test), 0);
	assert_near(test.p, 2 / 70.0, 1e-15);
	assert_int_equal(rank_sum_shift(equal, 4, none, 0, &value), -EDOM);
	assert_near(value, 9, 0);
	assert_int_equal(rank_sum_shift(low, 4, equal, 4, &value), 0);
	assert_near(value, 1.7e308, 0);
	assert_int_equal(rank_sum_interval(none, 0, equal, 8, 0.95, &interval), -EDOM);
	assert_int_equal(rank_sum_interval(equal, 3, equal + 3, 4, 0.95, &interval), -EDOM);
	assert_near(interval.low, 1, 0);
	assert_int_equal(rank_sum_interval(equal, 4, equal + 4, 4, 0.95, &interval), 0);
	assert_near(interval.low, 0, 0);
	assert_near(interval.high, 0, 0);
}

/* n values around each of two centres, without ties, or rounded to a few distinct ones. */
static void fill_large(struct random *r, double *values, size_t n, double centre, bool ties)
{
	for (size_t i = 0; i < n; i++) {
		values[i] = random_unit(r) + random_unit(r) + centre;
		if (ties)
			values[i] = floor(values[i] * 10);
	}
}

/* Exact and normal p of alike samples, just below and just above where the method changes. */
static void test_normal_beyond_the_exact(void **state)
{
	static const struct {
		size_t exact, normal;
		bool ties;
	} vectors[] = { { 250, 2000, false }, { 80, 2000, true } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		double share[2] = { 0, 0 };
		size_t sizes[2] = { vectors[i].exact, vectors[i].normal };
		struct random r = { 47 };

		/* A/A: p ≤ 0.1 in 10 % of cases, by either method. */
		for (unsigned int way = 0; way < 2; way++)
			for (unsigned int round = 0; round < 200; round++) {
				AUTO_FREE double *a = malloc(2 * sizes[way] * sizeof(*a));
				struct rank_sum test;

				fill_large(&r, a, 2 * sizes[way], 0, vectors[i].ties);
				assert_int_equal(rank_sum_test(a, sizes[way], a + sizes[way],
							       sizes[way], &test), 0);
				assert_int_equal(test.exact, !way);
				share[way] += (test.p <= 0.1) / 200.0;
			}
		print_message("p ≤ 0.1 in %.1f %% (exact) and %.1f %% (normal)\n", 100 * share[0],
			      100 * share[1]);
		assert_near(share[0], 0.1, 0.06);
		assert_near(share[1], 0.1, 0.06);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_p_by_full_enumeration),
		cmocka_unit_test(test_p_by_enumeration_of_9_and_9),
		cmocka_unit_test(test_p_by_recurrence),
		cmocka_unit_test(test_published_values),
		cmocka_unit_test(test_shift_and_interval_by_definition),
		cmocka_unit_test(test_degenerate),
		cmocka_unit_test(test_normal_beyond_the_exact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
