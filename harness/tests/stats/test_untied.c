/* SPDX-License-Identifier: MIT */
#include "stats/untied.h"

#include "tests/stats/near.h"

static const struct untied *get(struct untied_table *t, size_t small, size_t large)
{
	const struct untied *d;

	assert_int_equal(untied_get(t, small, large, &d), 0);
	assert_int_equal(d->small, small);
	assert_int_equal(d->large, large);
	return d;
}

/* 3 of 7: 1, 1, 2, 3, 4, 4, 5 of 35 ways have U = 0 … 6 (Mann and Whitney 1947, table I). */
static void test_distribution(void **state)
{
	static const double ways[] = { 1, 1, 2, 3, 4, 4, 5 };
	struct untied_table table = { .next = 0 };
	const struct untied *d = get(&table, 3, 4);
	double sum = 0;

	(void)state;
	assert_int_equal(d->most, 6);
	for (uint64_t u = 0; u <= d->most; u++) {
		sum += ways[u];
		assert_near(d->tails[u], sum / 35, 1e-15);
	}
	untied_table_free(&table);
}

/* The last few are kept, an older one is made anew, and never is one taken for another. */
static void test_kept(void **state)
{
	const size_t room = sizeof(((struct untied_table *)0)->kept) / sizeof(struct untied);
	struct untied_table table = { .next = 0 };
	const struct untied *first = get(&table, 5, 9);

	(void)state;
	assert_near(first->tails[0], 1.0 / 2002, 1e-15);
	for (size_t i = 1; i < room; i++) {
		get(&table, 5, 9 + i);
		assert_ptr_equal(get(&table, 5, 9), first);
	}
	get(&table, 9, 9);
	assert_near(get(&table, 5, 9)->tails[0], 1.0 / 2002, 1e-15);
	assert_near(get(&table, 9, 9)->tails[0], 1.0 / 48620, 1e-15);
	untied_table_free(&table);
	assert_null(table.kept[0].tails);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_distribution),
		cmocka_unit_test(test_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
