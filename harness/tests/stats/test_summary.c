/* SPDX-License-Identifier: MIT */
#include "stats/summary.h"

#include "tests/stats/near.h"

#include "base/random.h"

#include <errno.h>

static void test_describe_vectors(void **state)
{
	static const struct {
		size_t n;
		double values[8];
		double min, max, mean, median, sd, mad;
	} vectors[] = {
		{ 1, { 7 }, 7, 7, 7, 7, NAN, 0 },
		{ 2, { 1, 3 }, 1, 3, 2, 2, M_SQRT2, 1 },
		{ 4, { 4, 1, 3, 2 }, 1, 4, 2.5, 2.5, 1.2909944487358056, 1 },
		{ 7, { 1, 1, 2, 2, 4, 6, 9 }, 1, 9, 25 / 7.0, 2, 2.9920529661723827, 1 },
		{ 8, { 2, 4, 4, 4, 5, 5, 7, 9 }, 2, 9, 5, 4.5, 2.1380899352993952, 0.5 },
		{ 3, { 5, 5, 5 }, 5, 5, 5, 5, 0, 0 },
		{ 3, { 0.1, 0.1, 0.1 }, 0.1, 0.1, 0.1, 0.1, 0, 0 },
		{ 2, { 1e300, -1e300 }, -1e300, 1e300, 0, 0, M_SQRT2 * 1e300, 1e300 },
		{ 2,
		  { 1.5e308, 1.7e308 },
		  1.5e308,
		  1.7e308,
		  1.6e308,
		  1.6e308,
		  0.1e308 * M_SQRT2,
		  0.1e308 },
		{ 2, { 1e-310, 3e-310 }, 1e-310, 3e-310, 2e-310, 2e-310, M_SQRT2 * 1e-310, 1e-310 },
		{ 3, { 0, 0, 0 }, 0, 0, 0, 0, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		struct summary s;
		double values[8], scale = fmax(fabs(vectors[i].min), fabs(vectors[i].max));

		memcpy(values, vectors[i].values, sizeof(values));
		summary_describe(values, vectors[i].n, &s);
		assert_int_equal(s.n, vectors[i].n);
		assert_near(s.min, vectors[i].min, 0);
		assert_near(s.max, vectors[i].max, 0);
		assert_near(s.mean, vectors[i].mean, 1e-15 * scale);
		assert_near(s.median, vectors[i].median, 1e-15 * scale);
		assert_near(s.sd, vectors[i].sd, 1e-14 * scale);
		assert_near(s.mad, vectors[i].mad, 1e-15 * scale);
	}
}

static void test_what_is_not_finite_is_counted(void **state)
{
	double values[] = { NAN, 3, INFINITY, 1, -INFINITY, NAN, 2, NAN };
	double none[] = { NAN, INFINITY };
	struct summary s;

	(void)state;
	summary_describe(values, 8, &s);
	assert_int_equal(s.n, 3);
	assert_int_equal(s.nr_nan, 3);
	assert_int_equal(s.nr_infinite, 2);
	assert_near(s.median, 2, 0);
	assert_near(s.mean, 2, 0);
	assert_near(values[0], 1, 0);
	assert_near(values[2], 3, 0);
	summary_describe(none, 2, &s);
	assert_int_equal(s.n, 0);
	assert_near(s.mean, NAN, 0);
	assert_near(s.median, NAN, 0);
	summary_describe(NULL, 0, &s);
	assert_near(s.min, NAN, 0);
}

/* The median distance by its definition, for samples of all small sizes. */
static void test_mad_by_definition(void **state)
{
	struct random r = { 3 };

	(void)state;
	for (size_t n = 1; n <= 40; n++) {
		double values[40], distances[40];
		struct summary s;

		for (size_t i = 0; i < n; i++)
			values[i] = (double)random_below(&r, 20);
		summary_describe(values, n, &s);
		for (size_t i = 0; i < n; i++)
			distances[i] = fabs(values[i] - s.median);
		assert_near(s.mad, near_median(distances, n), 0);
	}
}

static void test_quantiles_of_type_7(void **state)
{
	static const double sorted[] = { 1, 2, 4, 8, 16 };
	static const struct {
		double p, quantile;
	} vectors[] = { { 0, 1 },     { 0.1, 1.4 },  { 0.25, 2 },     { 0.5, 4 },
			{ 0.6, 5.6 }, { 0.9, 12.8 }, { 0.99, 15.68 }, { 1, 16 } };
	static const double huge[] = { -1.7e308, 1.7e308 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++)
		assert_near(summary_quantile(sorted, 5, vectors[i].p), vectors[i].quantile, 1e-13);
	assert_near(summary_quantile(sorted, 1, 0.3), 1, 0);
	assert_near(summary_quantile(sorted, 0, 0.3), NAN, 0);
	assert_near(summary_quantile(huge, 2, 0.5), 0, 0);
}

/* Ranks of the 95 % interval as tabulated for the sign test (Conover, table A3), and coverage. */
static void test_median_interval_ranks(void **state)
{
	static const struct {
		size_t n;
		double asked;
		size_t rank; /* 0: none */
		double coverage;
	} vectors[] = {
		{ 1, 0.95, 0, 0 },
		{ 5, 0.95, 0, 0 },
		{ 5, 0.90, 1, 0.9375 },
		{ 6, 0.95, 1, 0.96875 },
		{ 8, 0.95, 1, 0.9921875 },
		{ 9, 0.95, 2, 0.9609375 },
		{ 10, 0.95, 2, 0.978515625 },
		{ 20, 0.95, 6, 0.9586105346679688 },
		{ 30, 0.95, 10, 0.9572260547429323 },
		{ 3, 0.75, 1, 0.75 }, /* reached exactly */
		{ 100, 0.95, 40, 0.9647997997822952 },
	};
	double values[100];

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		struct interval interval = { -1, -1, -1 };
		int error;

		for (size_t j = 0; j < vectors[i].n; j++)
			values[j] = (double)(vectors[i].n - j);
		error = summary_median_interval(values, vectors[i].n, vectors[i].asked, &interval);
		if (!vectors[i].rank) {
			assert_int_equal(error, -EDOM);
			assert_near(interval.low, -1, 0);
			continue;
		}
		assert_int_equal(error, 0);
		assert_near(interval.low, (double)vectors[i].rank, 0);
		assert_near(interval.high, (double)(vectors[i].n + 1 - vectors[i].rank), 0);
		assert_near(interval.coverage, vectors[i].coverage, 1e-12);
	}
}

/* Both ways of reckoning the binomial distribution meet, and large samples have an interval. */
static void test_median_interval_of_large_samples(void **state)
{
	static const size_t sizes[] = { 1000, 1001, 20000, 500000 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(sizes); i++) {
		AUTO_FREE double *values = malloc(sizes[i] * sizeof(*values));
		struct interval interval;
		double n = (double)sizes[i], half;

		for (size_t j = 0; j < sizes[i]; j++)
			values[j] = (double)j;
		assert_int_equal(summary_median_interval(values, sizes[i], 0.95, &interval), 0);
		half = (interval.high - interval.low) / 2;
		assert_near(half, 1.96 * sqrt(n) / 2, 1.5);
		assert_in_range((uint64_t)(interval.coverage * 1e4), 9500, 9560);
	}
}

static void test_relative_width(void **state)
{
	(void)state;
	assert_near(summary_relative_width(&(struct interval){ 99, 101, 0.95 }, 100), 0.02, 1e-15);
	assert_near(summary_relative_width(&(struct interval){ -101, -99, 0.95 }, -100), 0.02,
		    1e-15);
	assert_near(summary_relative_width(&(struct interval){ 0, 0, 0.95 }, 0), 0, 0);
	assert_near(summary_relative_width(&(struct interval){ -1, 1, 0.95 }, 0), INFINITY, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_describe_vectors),
		cmocka_unit_test(test_what_is_not_finite_is_counted),
		cmocka_unit_test(test_mad_by_definition),
		cmocka_unit_test(test_quantiles_of_type_7),
		cmocka_unit_test(test_median_interval_ranks),
		cmocka_unit_test(test_median_interval_of_large_samples),
		cmocka_unit_test(test_relative_width),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
