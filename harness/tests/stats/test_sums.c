/* SPDX-License-Identifier: MIT */
#include "stats/sums.h"

#include "tests/stats/near.h"

#include "base/random.h"

#include <errno.h>

/* All sums, sorted; their number. */
static size_t make_all(const struct sums *s, double **ret)
{
	double *all = malloc((sums_count(s) + 1) * sizeof(*all));
	size_t n = 0;

	for (size_t i = 0; i < s->nx; i++)
		for (size_t j = s->triangle ? i : 0; j < s->ny; j++)
			all[n++] = s->x[i] + s->y[j];
	qsort(all, n, sizeof(*all), near_compare);
	*ret = all;
	return n;
}

static double *make_sample(struct random *r, size_t n, uint64_t distinct)
{
	double *values = malloc(n * sizeof(*values));

	for (size_t i = 0; i < n; i++)
		values[i] = distinct ? (double)random_below(r, distinct) : random_unit(r);
	qsort(values, n, sizeof(*values), near_compare);
	return values;
}

static void check(const struct sums *s, size_t step)
{
	AUTO_FREE double *all = NULL;
	size_t n = make_all(s, &all);
	double value;

	assert_int_equal(n, sums_count(s));
	for (size_t k = 0; k < n; k += step) {
		assert_int_equal(sums_select(s, k, &value), 0);
		assert_near(value, all[k], 0);
	}
	assert_int_equal(sums_select(s, n - 1, &value), 0);
	assert_near(value, all[n - 1], 0);
	assert_int_equal(sums_median(s, &value), 0);
	assert_near(value, near_median(all, n), 0);
	assert_int_equal(sums_select(s, n, &value), -EDOM);
}

/* distinct 0: no ties; else so many values, down to all equal. */
static void test_every_rank(void **state)
{
	static const struct {
		size_t nx, ny;
		uint64_t distinct;
		size_t step;
	} vectors[] = {
		{ 1, 1, 0, 1 },          { 1, 7, 0, 1 },          { 13, 2, 3, 1 },
		{ 20, 31, 5, 1 },        { 300, 300, 0, 4999 },   { 300, 300, 2, 4999 },
		{ 300, 300, 1, 9999 },   { 900, 50, 7, 4999 },    { 700, 700, 3, 49999 },
		{ 700, 900, 40, 49999 }, { 1000, 800, 0, 99999 }, { 900, 900, 1, 199999 },
		{ 2000, 300, 2, 59999 },
	};
	struct random r = { 5 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		AUTO_FREE double *x = make_sample(&r, vectors[i].nx, vectors[i].distinct);
		AUTO_FREE double *y = make_sample(&r, vectors[i].ny, vectors[i].distinct);
		struct sums rectangle = { x, y, vectors[i].nx, vectors[i].ny, false };
		struct sums triangle = { x, x, vectors[i].nx, vectors[i].nx, true };

		check(&rectangle, vectors[i].step);
		check(&triangle, vectors[i].step);
	}
}

static void test_a_few_large_values_do_not_mislead(void **state)
{
	AUTO_FREE double *x = malloc(1000 * sizeof(*x));
	struct sums s = { x, x, 1000, 1000, true };

	(void)state;
	for (size_t i = 0; i < 1000; i++)
		x[i] = i < 990 ? (double)(i / 495) : pow(10, (double)(i - 990) * 30);
	check(&s, 29999);
}

static void test_nothing_to_select(void **state)
{
	double none[1] = { 0 }, value = 3;
	struct sums s = { none, none, 0, 1, false };

	(void)state;
	assert_int_equal(sums_select(&s, 0, &value), -EDOM);
	assert_int_equal(sums_median(&s, &value), -EDOM);
	assert_near(value, 3, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_rank),
		cmocka_unit_test(test_a_few_large_values_do_not_mislead),
		cmocka_unit_test(test_nothing_to_select),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
