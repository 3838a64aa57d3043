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
		uint64_t ram, group, reserve;
	} rows[] = {
		{ GIB / 2, 0, GIB / 4 },         /* never more than half */
		{ 4 * GIB, 0, GIB / 2 },         /* at least 512 MiB */
		{ 100 * GIB, 0, 5 * GIB },       /* 5 % */
		{ 100 * GIB, GIB / 2, GIB / 4 }, /* of what the control group may have */
		{ 4 * GIB, 100 * GIB, GIB / 2 }, /* which is no more than there is */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct host host = { .ram_bytes = rows[i].ram, .group_limit_bytes = rows[i].group };

		assert_int_equal(budget_reserve_bytes(&host), rows[i].reserve);
	}
}

static void test_allowed(void **state)
{
	struct host host = { .ram_bytes = 8 * GIB, .available_bytes = 4 * GIB };

	(void)state;
	assert_int_equal(budget_allowed_bytes(&host), 4 * GIB - GIB / 2);
	host.group_limit_bytes = 2 * GIB;
	host.group_room_bytes = GIB;
	assert_int_equal(budget_allowed_bytes(&host), GIB / 2);
	host.group_room_bytes = 4096;
	assert_int_equal(budget_allowed_bytes(&host), 0);
	host.group_limit_bytes = host.group_room_bytes = 100 * GIB;
	assert_int_equal(budget_allowed_bytes(&host), 4 * GIB - GIB / 2);
}

static struct host host = { .page_bytes = 4096, .ram_bytes = 8 * GIB };

/* One more step; bytes: of its amount, or what it remaps to; 0 for unmap: all. */
static void add(struct assignment *a, const char *name, uint64_t bytes, uint64_t stride)
{
	struct op_call *call = &a->calls[a->nr_calls];

	*call = (struct op_call){ .op = op_find(name) };
	a->active[a->nr_calls++] = true;
	for (unsigned int k = 0; call->op->args && call->op->args[k].name; k++) {
		const char *arg = call->op->args[k].name;

		if (strcmp(arg, "amount") == 0 || strcmp(arg, "to") == 0)
			call->args[k] = strcmp(name, "unmap") || bytes ? bytes : UINT64_MAX;
		if (strcmp(arg, "stride") == 0)
			call->args[k] = stride * host.page_bytes;
	}
}

/* map, touch of so much, unmap. */
static void fill(struct assignment *a, struct conditions *c, uint64_t touched)
{
	memset(a, 0, sizeof(*a));
	a->conditions = c;
	a->host = &host;
	add(a, "map", 0, 0);
	add(a, "touch", touched, 1);
	add(a, "unmap", 0, 0);
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

#define MIB  (1ull << 20)
#define PAGE 4096ull

/* A mapping of 1 MiB, what is done to it, and what is resident at most; setup: the first so many.
 */
static const struct {
	const char *what;
	struct {
		const char *op;
		uint64_t bytes, stride;
	} steps[5];
	unsigned int setup;
	uint64_t iterations, peak;
} sequences[] = {
	{ "touched as far as it has grown",
	  { { "remap", GIB, 0 }, { "touch", GIB, 1 } },
	  0,
	  0,
	  GIB },
	{ "all of it", { { "remap", GIB, 0 }, { "refault", 0, 0 } }, 1, 0, GIB },
	{ "written by chains", { { "remap", GIB, 0 }, { "chase", 0, 0 } }, 1, 0, GIB },
	{ "grown for the next pass", { { "touch", GIB, 1 }, { "remap", GIB, 0 } }, 0, 2, GIB },
	{ "there is no next pass", { { "touch", GIB, 1 }, { "remap", GIB, 0 } }, 0, 1, MIB },
	{ "small again", { { "remap", PAGE, 0 }, { "refault", 0, 0 } }, 1, 0, PAGE },
	{ "a new one has its own length",
	  { { "remap", GIB, 0 }, { "unmap", 0, 0 }, { "map", 0, 0 }, { "refault", 0, 0 } },
	  4,
	  0,
	  MIB },
	{ "what is left of it",
	  { { "unmap", MIB / 4, 0 }, { "refault", 0, 0 } },
	  1,
	  0,
	  3 * MIB / 4 },
	{ "no more than what is left",
	  { { "touch", MIB / 2, 1 }, { "unmap", 3 * MIB / 4, 0 }, { "touch", MIB, 4 } },
	  0,
	  1,
	  MIB / 2 },
	{ "other pages with every stride",
	  { { "touch", MIB, 4 }, { "touch", MIB, 8 } },
	  0,
	  0,
	  64 * PAGE + 32 * PAGE + 2 * PAGE },
	{ "the same pages with every pass", { { "touch", MIB, 4 } }, 0, 0, 64 * PAGE + PAGE },
	{ "a range and pages beyond",
	  { { "touch", 8 * PAGE, 1 }, { "touch", MIB, 4 } },
	  0,
	  0,
	  73 * PAGE },
	{ "no more than there are",
	  { { "touch", MIB, 2 }, { "touch", MIB, 3 }, { "touch", MIB, 5 } },
	  0,
	  0,
	  MIB },
	{ "given back between",
	  { { "touch", MIB, 4 }, { "unmap", 0, 0 }, { "map", 0, 0 }, { "touch", MIB, 8 } },
	  4,
	  0,
	  65 * PAGE },
};

static void test_sequences(void **state)
{
	struct conditions c = { .map = { .length_bytes = MIB,
					 .thp = THP_NEVER,
					 .flags = MAP_PRIVATE | MAP_ANONYMOUS },
				.nr_workers = 1 };
	struct assignment *a = malloc(sizeof(*a));

	(void)state;
	for (size_t i = 0; i < sizeof(sequences) / sizeof(sequences[0]); i++) {
		memset(a, 0, sizeof(*a));
		a->conditions = &c;
		a->host = &host;
		a->iterations = sequences[i].iterations;
		add(a, "map", 0, 0);
		a->nr_setup = 1 + sequences[i].setup;
		for (unsigned int k = 0; k < 5 && sequences[i].steps[k].op; k++)
			add(a, sequences[i].steps[k].op, sequences[i].steps[k].bytes,
			    sequences[i].steps[k].stride);
		if (budget_peak_bytes(a) != sequences[i].peak)
			fail_msg("%s: %llu bytes, expected %llu", sequences[i].what,
				 (unsigned long long)budget_peak_bytes(a),
				 (unsigned long long)sequences[i].peak);
	}
	free(a);
}

/* Whatever writes to a private mapping of an object: the object's pages and their copies. */
static void test_copies_of_an_object(void **state)
{
	static const char *const writers[] = { "touch", "delay", "commit",
					       "fill",  "chase", "refault" };
	struct conditions c = { .map = { .length_bytes = MIB,
					 .backing = BACKING_MEMFD,
					 .thp = THP_NEVER,
					 .flags = MAP_PRIVATE },
				.nr_workers = 1 };
	struct assignment *a = malloc(sizeof(*a));

	(void)state;
	for (size_t i = 0; i < sizeof(writers) / sizeof(writers[0]); i++) {
		memset(a, 0, sizeof(*a));
		a->conditions = &c;
		a->host = &host;
		add(a, "map", 0, 0);
		add(a, writers[i], MIB, 1);
		if (budget_peak_bytes(a) != 2 * MIB)
			fail_msg("%s: %llu bytes", writers[i],
				 (unsigned long long)budget_peak_bytes(a));
	}
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
		cmocka_unit_test(test_allowed),
		cmocka_unit_test(test_peak),
		cmocka_unit_test(test_sequences),
		cmocka_unit_test(test_copies_of_an_object),
		cmocka_unit_test(test_more_than_64_bits),
		cmocka_unit_test(test_check),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
