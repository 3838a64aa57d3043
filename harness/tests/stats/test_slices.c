/* SPDX-License-Identifier: MIT */
/* Slices keep every execution whatever the duration; warm-up and stalls are found, noise is not. */
#include "stats/slices.h"

#include "base/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define WIDTH (1ull << SLICE_MIN_SHIFT)

static uint64_t executions(const struct slices *s)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < SLICES; i++)
		sum += s->slice[i].executions;
	return sum;
}

static void test_places(void **state)
{
	struct slices s = { 0 };

	(void)state;
	slices_add(&s, 0, 5);
	slices_add(&s, WIDTH, 7);
	slices_add(&s, SLICES * WIDTH - 1, 9);
	assert_int_equal(s.folds, 0);
	assert_int_equal(s.slice[0].ticks, 5);
	assert_int_equal(s.slice[1].ticks, 7);
	assert_int_equal(s.slice[SLICES - 1].ticks, 9);
	assert_int_equal(slices_used(&s), SLICES);
	/* One tick more does not fit: neighbours become one. */
	slices_add(&s, SLICES * WIDTH, 11);
	assert_int_equal(s.folds, 1);
	assert_int_equal(slices_width(&s), 2 * WIDTH);
	assert_int_equal(s.slice[0].ticks, 12);
	assert_int_equal(s.slice[0].executions, 2);
	assert_int_equal(s.slice[SLICES / 2].ticks, 11);
	assert_int_equal(executions(&s), 4);
}

static void test_any_duration(void **state)
{
	struct slices s = { 0 };

	(void)state;
	for (unsigned int bits = 0; bits < 63; bits++)
		slices_add(&s, 1ull << bits, 1);
	assert_int_equal(executions(&s), 63);
}

static void test_merge(void **state)
{
	struct slices fine = { 0 }, coarse = { 0 }, other;

	(void)state;
	for (unsigned int i = 0; i < SLICES; i++)
		slices_add(&fine, i * WIDTH, 1);
	slices_add(&coarse, 4 * SLICES * WIDTH - 1, 3);
	other = coarse;
	slices_merge(&coarse, &fine);
	slices_merge(&fine, &other);
	assert_int_equal(executions(&coarse), SLICES + 1);
	assert_int_equal(coarse.folds, 2);
	assert_memory_equal(&coarse, &fine, sizeof(fine));
}

/* Executions of a time by slice: 1000 ticks and a little noise, times a factor. */
static struct slices series(double (*factor)(unsigned int slice))
{
	struct slices s = { 0 };
	struct random random = { 1 };

	for (unsigned int i = 0; i < SLICES; i++)
		for (unsigned int k = 0; k < 20; k++)
			slices_add(
				&s, i * WIDTH,
				(uint64_t)(factor(i) * (double)(950 + random_below(&random, 100))));
	return s;
}

static double steady(unsigned int slice)
{
	(void)slice;
	return 1;
}

static double slow_start(unsigned int slice)
{
	return slice < 10 ? 2 : 1;
}

static double stall(unsigned int slice)
{
	return slice == 40 || slice == 41 ? 10 : 1;
}

static double rising(unsigned int slice)
{
	return 1 + slice / 8.0;
}

static void test_judge(void **state)
{
	static const struct {
		double (*factor)(unsigned int slice);
		unsigned int warm_up, nr_stalled;
		bool settled;
	} cases[] = {
		{ steady, 0, 0, true },
		{ slow_start, 10, 0, true },
		{ stall, 0, 2, true },
		{ rising, SLICES / 2, 0, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct slices s = series(cases[i].factor);
		struct steadiness judged;

		slices_judge(&s, &judged);
		assert_true(judged.known);
		assert_int_equal(judged.nr_stalled, cases[i].nr_stalled);
		if (!cases[i].nr_stalled) {
			assert_int_equal(judged.warm_up, cases[i].warm_up);
			assert_int_equal(judged.settled, cases[i].settled);
		}
	}
}

static void test_too_few_to_judge(void **state)
{
	struct slices s = { 0 };
	struct steadiness judged;

	(void)state;
	slices_judge(&s, &judged);
	assert_false(judged.known);
	for (unsigned int i = 0; i < SLICES - 1; i++)
		slices_add(&s, i * WIDTH, 1);
	slices_judge(&s, &judged);
	assert_false(judged.known);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_any_duration),
		cmocka_unit_test(test_merge),
		cmocka_unit_test(test_judge),
		cmocka_unit_test(test_too_few_to_judge),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
