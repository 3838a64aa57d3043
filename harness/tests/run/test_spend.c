/* SPDX-License-Identifier: MIT */
/* Which candidates a round takes, and what comes of it when rounds follow one another. */
#include "run/spend.h"

#include "tests/stats/near.h"

#define MOST 4

static void test_gain(void **state)
{
	static const struct {
		double width;
		uint32_t n;
		double gain;
	} vectors[] = {
		{ 1, 1, 1 - 0.70710678118654752 },
		{ 1, 3, 1 - 0.86602540378443865 },
		{ 0.5, 15, 0.5 * (1 - 0.96824583655185422) },
		{ 0, 10, 0 },
		{ INFINITY, 10, INFINITY },
		{ 1, 0, INFINITY },
		{ NAN, 3, INFINITY },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++)
		assert_near(spend_gain(vectors[i].width, vectors[i].n), vectors[i].gain, 1e-15);
}

/* One round: the candidates' gain and cost, the time that is left, and who is taken ('x'). */
static void test_choose(void **state)
{
	static const struct {
		double gain[MOST], cost_ns[MOST], left_ns;
		const char *chosen;
	} vectors[] = {
		/* Alike: all. Half as good: with it; less: not. */
		{ { 1, 1, 1, 1 }, { 5, 5, 5, 5 }, 100, "xxxx" },
		{ { 10, 5, 4.9, 20 }, { 5, 5, 5, 5 }, 100, "x..x" },
		/* A second counts, not a round. */
		{ { 10, 10, 10, 10 }, { 1, 2, 3, 100 }, 1000, "xx.." },
		/* The best does not fit: the others are measured against the best that does. */
		{ { 100, 2, 1, 0.9 }, { 50, 10, 10, 10 }, 40, ".xx." },
		/* Not all fit together: the steeper first, then who still fits. */
		{ { 10, 9, 8, 7 }, { 10, 10, 10, 10 }, 25, "xx.." },
		{ { 10, 18, 6, 7 }, { 10, 20, 10, 10 }, 25, "x..x" },
		{ { 1, 1, 1, 1 }, { 9, 9, 9, 9 }, 8, "...." },
		{ { 1, 1, 1, 1 }, { 9, 9, 9, 9 }, -1, "...." },
		/* Without an interval yet: before all others. */
		{ { INFINITY, 5, INFINITY, 1 }, { 10, 1, 20, 1 }, 100, "x.x." },
		/* Nothing to gain, and not there. */
		{ { 0, 1, 0, 1e-9 }, { 5, 5, 0, 0 }, 100, ".x.." },
		{ { 0, 0, 0, 0 }, { 5, 5, 0, 0 }, 100, "...." },
		/* Ties: the cheaper, then the first. */
		{ { 10, 5, 5, 5 }, { 10, 5, 5, 5 }, 12, ".xx." },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		struct spend_candidate c[MOST];
		char chosen[MOST + 1] = "";
		int n = 0, said;

		for (size_t k = 0; k < MOST; k++)
			c[k] = (struct spend_candidate){ vectors[i].gain[k], vectors[i].cost_ns[k],
							 true };
		said = spend_choose(c, MOST, vectors[i].left_ns);
		for (size_t k = 0; k < MOST; k++) {
			chosen[k] = c[k].chosen ? 'x' : '.';
			n += c[k].chosen;
		}
		assert_int_equal(said, n);
		if (strcmp(chosen, vectors[i].chosen) != 0)
			fail_msg("vector %zu: %s, not %s", i, chosen, vectors[i].chosen);
	}
	assert_int_equal(spend_choose(NULL, 0, 100), 0);
}

/* Rounds until the time is over; how many repetitions each gets, from 6. */
static void spend_all(const double *noise, const double *cost_ns, double left_ns, uint32_t *ret)
{
	struct spend_candidate c[MOST];

	for (size_t k = 0; k < MOST; k++)
		ret[k] = 6;
	for (;;) {
		for (size_t k = 0; k < MOST; k++)
			c[k] = (struct spend_candidate){
				spend_gain(noise[k] / sqrt(ret[k]), ret[k]), cost_ns[k], false
			};
		if (spend_choose(c, MOST, left_ns) <= 0)
			return;
		for (size_t k = 0; k < MOST; k++) {
			ret[k] += c[k].chosen;
			left_ns -= c[k].chosen ? cost_ns[k] : 0;
		}
		assert_true(left_ns >= 0);
	}
}

static double widths(const double *noise, const double *n)
{
	double sum = 0;

	for (size_t k = 0; k < MOST; k++)
		sum += noise[k] / sqrt(n[k]);
	return sum;
}

/*
 * The least sum of widths that the time allows has n in proportion to (noise/cost)^⅔ (Lagrange's
 * multipliers on Σ noise/√n, Σ cost·n fixed). Rounds come within 3 % of it; the same number for
 * all, which is what plain rounds give, does not.
 */
static void test_near_the_optimum(void **state)
{
	static const double noise[MOST] = { 1, 2, 8, 20 }, cost_ns[MOST] = { 1, 8, 2, 1 };
	const double time_ns = 30000;
	double best[MOST], even[MOST], got[MOST], sum = 0, all = 0;
	uint32_t n[MOST];

	(void)state;
	for (size_t k = 0; k < MOST; k++) {
		best[k] = pow(noise[k] / cost_ns[k], 2.0 / 3);
		sum += cost_ns[k] * best[k];
		all += cost_ns[k];
	}
	spend_all(noise, cost_ns, time_ns - 6 * all, n);
	for (size_t k = 0; k < MOST; k++) {
		best[k] *= time_ns / sum;
		even[k] = time_ns / all;
		got[k] = n[k];
	}
	assert_true(widths(noise, got) >= widths(noise, best) * (1 - 1e-9));
	assert_true(widths(noise, got) <= widths(noise, best) * 1.03);
	assert_true(widths(noise, even) > widths(noise, best) * 1.2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gain),
		cmocka_unit_test(test_choose),
		cmocka_unit_test(test_near_the_optimum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
