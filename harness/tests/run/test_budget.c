/* SPDX-License-Identifier: MIT */
#include "run/budget.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define GIB (1ull << 30)

static void test_reserve(void **state)
{
	static const struct {
		uint64_t ram, reserve;
	} rows[] = {
		{ GIB / 2, GIB / 4 },   /* never more than half */
		{ 4 * GIB, GIB / 2 },   /* at least 512 MiB */
		{ 100 * GIB, 5 * GIB }, /* 5 % */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct host host = { .ram_bytes = rows[i].ram };

		assert_int_equal(budget_reserve_bytes(&host), rows[i].reserve);
	}
}

static struct host host = { .page_bytes = 4096, .ram_bytes = 8 * GIB };

/* map, touch of so much, unmap, touch again of what another map gave. */
static void fill(struct assignment *a, struct conditions *c, uint64_t touched)
{
	static const char *const names[] = { "map", "touch", "unmap" };

	memset(a, 0, sizeof(*a));
	a->conditions = c;
	a->host = &host;
	for (unsigned int i = 0; i < 3; i++) {
		struct op_call *call = &a->calls[a->nr_calls];

		call->op = op_find(names[i]);
		a->active[a->nr_calls++] = true;
		for (unsigned int k = 0; call->op->args && call->op->args[k].name; k++) {
			if (strcmp(call->op->args[k].name, "amount") == 0)
				call->args[k] = touched;
			if (strcmp(call->op->args[k].name, "stride") == 0)
				call->args[k] = host.page_bytes;
		}
	}
}

static void test_peak(void **state)
{
	struct conditions c = { .map = { .length_bytes = GIB,
					 .flags = MAP_PRIVATE | MAP_ANONYMOUS },
				.nr_workers = 1 };
	struct assignment *a = malloc(sizeof(*a));

	(void)state;
	fill(a, &c, GIB / 4);
	assert_int_equal(budget_peak_bytes(a), GIB / 4);
	c.nr_workers = 3;
	assert_int_equal(budget_peak_bytes(a), 3 * GIB / 4);
	c.layout = LAYOUT_SHARED;
	assert_int_equal(budget_peak_bytes(a), GIB / 4);
	c.map.flags |= MAP_POPULATE;
	assert_int_equal(budget_peak_bytes(a), GIB);
	c.map.flags &= ~MAP_POPULATE;
	a->active[1] = false;
	assert_int_equal(budget_peak_bytes(a), 0);
	free(a);
}

static void test_more_than_64_bits(void **state)
{
	struct conditions c = { .map = { .length_bytes = 1ull << 62,
					 .flags = MAP_PRIVATE | MAP_ANONYMOUS },
				.nr_workers = 8 };
	struct assignment *a = malloc(sizeof(*a));
	struct error err;

	(void)state;
	fill(a, &c, 1ull << 62);
	assert_true(budget_peak_bytes(a) == UINT64_MAX);
	assert_int_equal(budget_check(a, 0, &err), -ENOMEM);
	free(a);
}

static void test_check(void **state)
{
	struct conditions c = { .map = { .length_bytes = GIB,
					 .flags = MAP_PRIVATE | MAP_ANONYMOUS },
				.nr_workers = 1 };
	struct assignment *a = malloc(sizeof(*a));
	struct error err;

	(void)state;
	fill(a, &c, 4096);
	assert_int_equal(budget_check(a, 4096, &err), 0);
	assert_int_equal(budget_check(a, 4095, &err), -ENOMEM);
	assert_non_null(strstr(err.text, "--max-memory"));
	free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reserve),
		cmocka_unit_test(test_peak),
		cmocka_unit_test(test_more_than_64_bits),
		cmocka_unit_test(test_check),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
