/* SPDX-License-Identifier: MIT */
#include "run/order.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define N 60

static void fill(struct order_item *items)
{
	for (unsigned int i = 0; i < N; i++)
		items[i] = (struct order_item){ .cell = i, .block = i % 3 };
}

static void test_same_seed_same_order(void **state)
{
	struct order_item a[N], b[N];

	(void)state;
	fill(a);
	fill(b);
	assert_int_equal(order_round(a, N, 42, 3), 0);
	assert_int_equal(order_round(b, N, 42, 3), 0);
	assert_memory_equal(a, b, sizeof(a));
}

static void test_rounds_and_seeds_differ(void **state)
{
	struct order_item a[N], b[N], c[N];

	(void)state;
	fill(a);
	fill(b);
	fill(c);
	order_round(a, N, 42, 0);
	order_round(b, N, 42, 1);
	order_round(c, N, 43, 0);
	assert_memory_not_equal(a, b, sizeof(a));
	assert_memory_not_equal(a, c, sizeof(a));
}

static void test_every_cell_once_and_blocks_whole(void **state)
{
	struct order_item items[N];
	bool seen[N] = { false };
	unsigned int changes = 0;

	(void)state;
	fill(items);
	order_round(items, N, 7, 0);
	for (unsigned int i = 0; i < N; i++) {
		assert_false(seen[items[i].cell]);
		seen[items[i].cell] = true;
		changes += i && items[i].block != items[i - 1].block;
	}
	assert_int_equal(changes, 2);
}

/* A cell that has dropped out must not change the order of those that stay. */
static void test_dropping_a_cell_keeps_the_rest(void **state)
{
	struct order_item all[N], some[N];
	unsigned int j = 0;

	(void)state;
	fill(all);
	memcpy(some, all, sizeof(all));
	memmove(&some[10], &some[11], (N - 11) * sizeof(some[0]));
	order_round(all, N, 5, 2);
	order_round(some, N - 1, 5, 2);
	for (unsigned int i = 0; i < N; i++)
		if (all[i].cell != 10)
			assert_int_equal(all[i].cell, some[j++].cell);
}

/* Over many seeds each cell is first about equally often: a chi-square far from its tail. */
static void test_first_place_is_uniform(void **state)
{
	unsigned int first[N] = { 0 }, seeds = 6000;
	double chi = 0, expected = (double)seeds / N;

	(void)state;
	for (unsigned int seed = 0; seed < seeds; seed++) {
		struct order_item items[N];

		for (unsigned int i = 0; i < N; i++)
			items[i] = (struct order_item){ .cell = i };
		order_round(items, N, seed, 0);
		first[items[0].cell]++;
	}
	for (unsigned int i = 0; i < N; i++)
		chi += (first[i] - expected) * (first[i] - expected) / expected;
	/* 59 degrees of freedom: 99.99 % lie below 107. */
	assert_true(chi < 107);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_seed_same_order),
		cmocka_unit_test(test_rounds_and_seeds_differ),
		cmocka_unit_test(test_every_cell_once_and_blocks_whole),
		cmocka_unit_test(test_dropping_a_cell_keeps_the_rest),
		cmocka_unit_test(test_first_place_is_uniform),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
