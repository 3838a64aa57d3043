/* SPDX-License-Identifier: MIT */
#include "stats/signed_rank.h"

#include "tests/stats/near.h"

#include "base/random.h"

#include <errno.h>

#define ENUMERATED_MAX 25

/* Twice the mid-rank of |d[i]| among the n magnitudes, by counting. */
static unsigned int twice_rank(const double *d, size_t n, size_t i)
{
	unsigned int below = 0, equal = 0;

	for (size_t j = 0; j < n; j++) {
		below += fabs(d[j]) < fabs(d[i]);
		equal += fabs(d[j]) == fabs(d[i]);
	}
	return 2 * below + equal + 1;
}

/*
 * The two-sided p by going through all 2^n sign patterns, each one sign away from the one before
 * (Gray's code). d: n differences, none zero.
 */
static double enumerated_p(const double *d, size_t n)
{
	unsigned int ranks[ENUMERATED_MAX], plus = 0, sum = 0;
	uint64_t low = 0, high = 0;

	for (size_t i = 0; i < n; i++) {
		ranks[i] = twice_rank(d, n, i);
		plus += d[i] > 0 ? ranks[i] : 0;
	}
	for (uint32_t k = 0, pattern = 0;; pattern = k ^ k >> 1) {
		low += sum <= plus;
		high += sum >= plus;
		if (++k == 1u << n)
			break;
		if (pattern >> __builtin_ctz(k) & 1)
			sum -= ranks[__builtin_ctz(k)];
		else
			sum += ranks[__builtin_ctz(k)];
	}
	return fmin(1, 2 * (double)(low < high ? low : high) / (double)(1u << n));
}

/* n differences other than 0, of so many different sizes. */
static void draw(struct random *r, double *d, size_t n, uint64_t distinct)
{
	for (size_t i = 0; i < n;) {
		d[i] = (double)random_below(r, distinct) - (double)(distinct / 3);
		i += d[i] != 0;
	}
}

static void test_p_by_full_enumeration(void **state)
{
	struct random r = { 11 };

	(void)state;
	for (unsigned int round = 0; round < 60; round++) {
		size_t n = 1 + random_below(&r, 16);
		/* From hardly any ties to hardly anything else. */
		uint64_t distinct = round % 3 == 0 ? 1000000 : 2 + random_below(&r, 12);
		double d[ENUMERATED_MAX + 3] = { 0 };
		struct signed_rank test;

		draw(&r, d + 2, n, distinct);
		assert_int_equal(signed_rank_test(d, n + 3, &test), 0);
		assert_true(test.exact);
		assert_int_equal(test.n, n);
		assert_int_equal(test.zeros, 3);
		assert_near(test.plus + test.minus, (double)(n * (n + 1)) / 2, 0);
		assert_near(test.p, enumerated_p(d + 2, n), 1e-12);
	}
}

/* The largest that are still to be gone through: 33 million patterns. */
static void test_p_by_full_enumeration_to_25(void **state)
{
	static const struct {
		size_t n;
		uint64_t distinct;
	} vectors[] = { { 17, 9 }, { 20, 1000000 }, { 22, 4 }, { 24, 30 }, { 25, 12 } };
	struct random r = { 12 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		double d[ENUMERATED_MAX];
		struct signed_rank test;

		draw(&r, d, vectors[i].n, vectors[i].distinct);
		assert_int_equal(signed_rank_test(d, vectors[i].n, &test), 0);
		assert_true(test.exact && test.p < 1);
		assert_near(test.p, enumerated_p(d, vectors[i].n), 1e-12);
	}
}

/* How many subsets of 1 … n sum to s: the textbook recurrence, in whole numbers. */
static uint64_t subsets(unsigned int n, int s)
{
	static uint64_t table[26][26 * 13 + 1];

	if (s < 0)
		return 0;
	if (!table[0][0]) {
		table[0][0] = 1;
		for (unsigned int i = 1; i <= 25; i++)
			for (int t = 0; t <= 25 * 13; t++)
				table[i][t] = table[i - 1][t] +
					      (t >= (int)i ? table[i - 1][t - (int)i] : 0);
	}
	return table[n][s];
}

/* Every statistic that n differences without ties can have, n up to 25. */
static void test_p_by_recurrence(void **state)
{
	(void)state;
	for (unsigned int n = 1; n <= 25; n++) {
		double d[25], tail = 0;
		int sum = 0;

		for (unsigned int i = 0; i < n; i++)
			d[i] = -(double)(i + 1);
		/* W+ goes up by one each time, up to the middle. */
		for (; sum <= (int)(n * (n + 1) / 4); sum++) {
			struct signed_rank test;
			int left = sum;

			for (unsigned int i = n; i > 0; i--) {
				bool positive = left >= (int)i;

				d[i - 1] = positive ? i : -(double)i;
				left -= positive ? (int)i : 0;
			}
			tail += (double)subsets(n, sum);
			assert_int_equal(signed_rank_test(d, n, &test), 0);
			assert_near(test.plus, sum, 0);
			assert_near(test.p, fmin(1, 2 * ldexp(tail, -(int)n)), 1e-12);
		}
	}
}

/* Hollander and Wolfe, example 3.1 (R's example of wilcox.test too); Darwin's maize, as in Fisher.
 */
static void test_published_values(void **state)
{
	static const double before[] = { 1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30 };
	static const double after[] = { 0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29 };
	static const double maize[] = {
		49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48
	};
	double d[9], estimate;
	struct interval interval;
	struct signed_rank test;

	(void)state;
	for (size_t i = 0; i < 9; i++)
		d[i] = after[i] - before[i];
	assert_int_equal(signed_rank_test(d, 9, &test), 0);
	assert_near(test.minus, 40, 0);
	assert_near(test.p, 2 * 0.01953125, 1e-12);
	assert_int_equal(signed_rank_estimate(d, 9, &estimate), 0);
	assert_near(estimate, -0.46, 1e-9);
	assert_int_equal(signed_rank_interval(d, 9, 0.95, &interval), 0);
	assert_near(interval.low, -0.786, 1e-9);
	assert_near(interval.high, -0.010, 1e-9);
	assert_near(interval.coverage, 0.9609375, 1e-12);
	assert_int_equal(signed_rank_test(maize, 15, &test), 0);
	assert_near(test.plus, 96, 0);
	assert_near(test.p, 0.04126, 5e-6);
}

static void test_degenerate(void **state)
{
	double zeros[7] = { 0 }, equal[6] = { 2, 2, 2, 2, 2, 2 }, value = 5;
	double huge[6] = { 1.7e308, 1.7e308, 1.6e308, 1.7e308, 1.7e308, 1.7e308 };
	struct interval interval = { 1, 2, 3 };
	struct signed_rank test;

	(void)state;
	assert_int_equal(signed_rank_test(NULL, 0, &test), 0);
	assert_near(test.p, 1, 0);
	assert_int_equal(signed_rank_test(zeros, 7, &test), 0);
	assert_int_equal(test.zeros, 7);
	assert_int_equal(test.n, 0);
	assert_near(test.p, 1, 0);
	assert_int_equal(signed_rank_test(equal, 6, &test), 0);
	assert_near(test.p, 0.03125, 1e-15);
	assert_int_equal(signed_rank_test(equal, 1, &test), 0);
	assert_near(test.p, 1, 0);
	assert_int_equal(signed_rank_estimate(zeros, 0, &value), -EDOM);
	assert_near(value, 5, 0);
	assert_int_equal(signed_rank_estimate(equal, 1, &value), 0);
	assert_near(value, 2, 0);
	assert_int_equal(signed_rank_interval(equal, 5, 0.95, &interval), -EDOM);
	assert_int_equal(signed_rank_interval(equal, 0, 0.5, &interval), -EDOM);
	assert_near(interval.low, 1, 0);
	assert_int_equal(signed_rank_interval(equal, 5, 0.90, &interval), 0);
	assert_int_equal(signed_rank_interval(zeros, 7, 0.95, &interval), 0);
	assert_near(interval.low, 0, 0);
	assert_near(interval.high, 0, 0);
	assert_int_equal(signed_rank_estimate(huge, 6, &value), 0);
	assert_near(value, 1.7e308, 0);
}

/* Estimate and interval from all averages; coverage from the recurrence. */
static void test_walsh_averages_by_definition(void **state)
{
	struct random r = { 23 };

	(void)state;
	for (size_t n = 6; n <= 25; n++) {
		double d[25], averages[25 * 13], value, tail = 0;
		size_t nr = 0, k = 0;
		struct interval interval;

		for (size_t i = 0; i < n; i++)
			d[i] = n % 2 ? random_unit(&r) - 0.3 : (double)random_below(&r, 9);
		for (size_t i = 0; i < n; i++)
			for (size_t j = i; j < n; j++)
				averages[nr++] = d[i] / 2 + d[j] / 2;
		assert_int_equal(signed_rank_estimate(d, n, &value), 0);
		assert_near(value, near_median(averages, nr), 1e-15);
		while (tail + ldexp((double)subsets((unsigned int)n, (int)k), -(int)n) <= 0.025)
			tail += ldexp((double)subsets((unsigned int)n, (int)k++), -(int)n);
		assert_int_equal(signed_rank_interval(d, n, 0.95, &interval), 0);
		assert_near(interval.low, averages[k - 1], 1e-15);
		assert_near(interval.high, averages[nr - k], 1e-15);
		assert_near(interval.coverage, 1 - 2 * tail, 1e-12);
	}
}

#define LARGE     (SIGNED_RANK_EXACT_MAX + 1)
#define LARGE_SUM (LARGE * (LARGE + 1) / 2)

/* shares[s]: of the sign patterns of 1 … LARGE, those that sum to s. */
static double *large_distribution(void)
{
	double *shares = calloc(LARGE_SUM + 1, sizeof(*shares)), *next;

	shares[0] = 1;
	for (size_t i = 1; i <= LARGE; i++) {
		next = calloc(LARGE_SUM + 1, sizeof(*next));
		for (size_t s = 0; s <= LARGE_SUM; s++)
			next[s] = shares[s] / 2 + (s >= i ? shares[s - i] / 2 : 0);
		free(shares);
		shares = next;
	}
	return shares;
}

/* Beyond the largest exact n the normal distribution agrees in the digits that are printed. */
static void test_normal_beyond_the_exact(void **state)
{
	AUTO_FREE double *shares = large_distribution();
	double tail = 0, d[LARGE], worst = 0, worst_far = 0;
	struct signed_rank test;

	(void)state;
	for (size_t sum = 0; sum <= LARGE_SUM / 2; sum++) {
		size_t left = sum;

		tail += shares[sum];
		if (tail < 1e-7 || sum % 97)
			continue;
		for (size_t i = LARGE; i > 0; i--) {
			d[i - 1] = left >= i ? (double)i : -(double)i;
			left -= left >= i ? i : 0;
		}
		assert_int_equal(signed_rank_test(d, LARGE, &test), 0);
		assert_false(test.exact);
		assert_near(test.plus, (double)sum, 0);
		if (tail < 5e-5)
			worst_far = fmax(worst_far, fabs(test.p / (2 * tail) - 1));
		else
			worst = fmax(worst, fabs(test.p / (2 * tail) - 1));
	}
	print_message("n = %d: exact and normal p differ by 1 part in %.0f at most, below p = 1e-4 "
		      "by 1 in %.0f\n",
		      LARGE, 1 / worst, 1 / worst_far);
	assert_true(worst < 1e-3);
	assert_true(worst_far < 1.1e-2);
}

/* The same for the interval: its rank and its coverage go on where the method changes. */
static void test_interval_beyond_the_exact(void **state)
{
	struct interval interval[2];
	double d[LARGE];

	(void)state;
	for (size_t i = 0; i < LARGE; i++)
		d[i] = (double)i;
	assert_int_equal(signed_rank_interval(d, LARGE - 1, 0.95, &interval[0]), 0);
	assert_int_equal(signed_rank_interval(d, LARGE, 0.95, &interval[1]), 0);
	assert_near(interval[0].coverage, 0.95, 1e-4);
	assert_near(interval[1].coverage, 0.95, 1e-4);
	assert_near(interval[1].high - interval[1].low, interval[0].high - interval[0].low, 0.5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_p_by_full_enumeration),
		cmocka_unit_test(test_p_by_full_enumeration_to_25),
		cmocka_unit_test(test_p_by_recurrence),
		cmocka_unit_test(test_published_values),
		cmocka_unit_test(test_degenerate),
		cmocka_unit_test(test_walsh_averages_by_definition),
		cmocka_unit_test(test_normal_beyond_the_exact),
		cmocka_unit_test(test_interval_beyond_the_exact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
