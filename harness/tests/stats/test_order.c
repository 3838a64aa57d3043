/* SPDX-License-Identifier: MIT */
#include "stats/order.h"

#include "tests/stats/near.h"

#include "base/random.h"

static void test_sort(void **state)
{
	double values[] = { 3, -1, INFINITY, 0, 3, -INFINITY, 1e-320 };
	static const double sorted[] = { -INFINITY, -1, 0, 1e-320, 3, 3, INFINITY };

	(void)state;
	for (unsigned int again = 0; again < 2; again++) {
		order_sort(values, 7);
		assert_memory_equal(values, sorted, sizeof(sorted));
	}
	order_sort(NULL, 0);
}

/* Long enough to be sorted by digits: all signs and magnitudes, and few of them. */
static void test_long_sort(void **state)
{
	double values[3000], wanted[3000];
	struct random r = { 13 };

	(void)state;
	for (unsigned int way = 0; way < 3; way++) {
		for (size_t i = 0; i < 3000; i++) {
			int magnitude = way == 2 ? 0 : (int)random_below(&r, 2000) - 1000;

			values[i] = ldexp(random_unit(&r) - 0.5, magnitude);
			if (way == 1 && i % 3 == 0)
				values[i] = i % 2 ? INFINITY : -INFINITY;
			wanted[i] = values[i];
		}
		qsort(wanted, 3000, sizeof(*wanted), near_compare);
		order_sort(values, 3000);
		assert_memory_equal(values, wanted, sizeof(values));
	}
}

static void test_ties(void **state)
{
	static const double sorted[] = { 1, 2, 2, 2, 5 };

	(void)state;
	assert_int_equal(order_tie_end(sorted, 5, 0), 1);
	assert_int_equal(order_tie_end(sorted, 5, 1), 4);
	assert_int_equal(order_tie_end(sorted, 5, 4), 5);
}

static void test_middle(void **state)
{
	(void)state;
	assert_near(order_middle(1, 2), 1.5, 0);
	assert_near(order_middle(1.7e308, 1.7e308), 1.7e308, 0);
	assert_near(order_middle(-1.7e308, 1.7e308), 0, 0);
	assert_near(order_middle(0x1p-1074, 0x1p-1074), 0x1p-1074, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sort),
		cmocka_unit_test(test_long_sort),
		cmocka_unit_test(test_ties),
		cmocka_unit_test(test_middle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
