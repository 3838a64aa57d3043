/* SPDX-License-Identifier: MIT */
#include "stats/trend.h"

#include "tests/stats/near.h"

#include "base/random.h"

static void test_vectors(void **state)
{
	static const struct {
		size_t n;
		double values[10];
		double tau, p, slope;
	} vectors[] = {
		{ 0, { 0 }, 0, 1, 0 },
		{ 1, { 5 }, 0, 1, 0 },
		{ 2, { 1, 4 }, 1, 1, 3 },
		{ 4, { 7, 7, 7, 7 }, 0, 1, 0 },
		/* S = 45, variance 125: z = 44/√125. */
		{ 10, { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 }, 1, 8.303e-5, 1 },
		{ 10, { 10, 9, 8, 7, 6, 5, 4, 3, 2, 1 }, -1, 8.303e-5, -1 },
		/* One outlier does not move the slope. */
		{ 6, { 0, 2, 4, 600, 8, 10 }, 11 / 15.0, 0.060289, 2 },
		/* Ties lessen the variance: S = 5, (5·4·15 − 2·1·9)/18 = 15.67. */
		{ 5, { 1, 2, 2, 1.5, 3 }, 0.5, 0.31222, 5 / 12.0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		struct trend t;
		double slope;

		assert_int_equal(trend_find(vectors[i].values, vectors[i].n, &t), 0);
		assert_int_equal(trend_slope(vectors[i].values, vectors[i].n, &slope), 0);
		assert_near(t.tau, vectors[i].tau, 1e-12);
		assert_near(t.p, vectors[i].p, 1e-4 * vectors[i].p);
		assert_near(slope, vectors[i].slope, 1e-12);
	}
}

static void test_long_series(void **state)
{
	AUTO_FREE double *values = malloc(100000 * sizeof(*values));
	struct random r = { 9 };
	struct trend t;
	double slope;

	(void)state;
	for (size_t i = 0; i < 100000; i++)
		values[i] = random_unit(&r) + 1e-6 * (double)i;
	assert_int_equal(trend_find(values, 100000, &t), 0);
	assert_int_equal(trend_slope(values, 100000, &slope), 0);
	assert_near(slope, 1e-6, 1e-7);
	assert_true(t.p < 1e-9);
	for (size_t i = 0; i < 100000; i++)
		values[i] = random_unit(&r);
	assert_int_equal(trend_find(values, 100000, &t), 0);
	assert_true(t.p > 0.001);
}

static void test_autocorrelation(void **state)
{
	static const struct {
		size_t n;
		double values[8], correlation;
	} vectors[] = {
		{ 0, { 0 }, 0 },
		{ 2, { 1, 2 }, 0 },
		{ 5, { 3, 3, 3, 3, 3 }, 0 },
		{ 5, { 0.1, 0.1, 0.1, 0.1, 0.1 }, 0 },
		{ 8, { 1, -1, 1, -1, 1, -1, 1, -1 }, -7 / 8.0 },
		{ 4, { 1, 2, 3, 4 }, 0.25 },
		{ 4, { 1e300, 2e300, 3e300, 4e300 }, 0.25 },
		{ 4, { 1e-300, 2e-300, 3e-300, 4e-300 }, 0.25 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++)
		assert_near(trend_autocorrelation(vectors[i].values, vectors[i].n),
			    vectors[i].correlation, 1e-12);
	assert_near(trend_autocorrelation_p(0.5, 2), 1, 0);
	assert_near(trend_autocorrelation_p(-0.01, 100), 1, 1e-12);
	assert_near(trend_autocorrelation_p(0.186, 100), 0.05, 1e-4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_long_series),
		cmocka_unit_test(test_autocorrelation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
