/* SPDX-License-Identifier: MIT */
#include "stats/normal.h"

#include "tests/stats/near.h"

/* Abramowitz and Stegun, tables 26.1 and 26.5. */
static void test_cdf_and_quantile(void **state)
{
	static const struct {
		double z, p;
	} vectors[] = {
		{ 0, 0.5 },
		{ 1, 0.841344746068543 },
		{ 1.95996398454005, 0.975 },
		{ 2.57582930354890, 0.995 },
		{ -1.28155156554460, 0.1 },
		{ -3.09023230616781, 0.001 },
		{ -4.75342430882290, 1e-6 },
		{ -6.36134090240406, 1e-10 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		assert_near(normal_cdf(vectors[i].z), vectors[i].p, 1e-13 + 1e-13 * vectors[i].p);
		assert_near(normal_quantile(vectors[i].p), vectors[i].z, 1e-12);
	}
	assert_near(normal_quantile(0), -INFINITY, 0);
	assert_near(normal_quantile(1), INFINITY, 0);
	assert_near(normal_cdf(-40), 0, 1e-300);
	assert_near(normal_cdf(40), 1, 0);
}

static void test_edgeworth(void **state)
{
	static const struct cumulants normal = { 4, 0, 0 };
	/* The sum of 12 uniform variables over (−1/2, 1/2). */
	static const struct cumulants uniform = { 1, -0.1, 12.0 / 252 };
	double last = 0;

	(void)state;
	for (int i = -80; i <= 80; i++) {
		double x = i / 4.0;

		assert_near(normal_edgeworth(&normal, x), normal_cdf(x / 2), 1e-15);
		assert_true(normal_edgeworth(&uniform, x) >= 0);
	}
	for (int i = -24; i <= 24; i++) {
		double x = i / 8.0;

		assert_true(normal_edgeworth(&uniform, x) > last);
		last = normal_edgeworth(&uniform, x);
		assert_near(last + normal_edgeworth(&uniform, -x), 1, 1e-15);
	}
	/* Irwin–Hall: P(X ≤ −3) = Σ (−1)^k C(12, k) (3 − k)^12 / 12!, k < 3. */
	assert_near(normal_edgeworth(&uniform, -3), (531441 - 12 * 4096.0 + 66) / 479001600, 1e-5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cdf_and_quantile),
		cmocka_unit_test(test_edgeworth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
