/* SPDX-License-Identifier: MIT */
/* fork() is counted in the parent, copies in both, and changes nothing. */
#include "tests/run/fixture.h"

static void add_round_trip(struct fixture *f, const char *fork)
{
	add(f, op_find("map"));
	add(f, op_find("fill"));
	add_with(f, op_find("fork"), fork);
	add(f, op_find("verify"));
	add(f, op_find("unmap"));
}

static void test_copies(void **state)
{
	struct fixture *f = *state;

	add_round_trip(f, NULL);
	run_ok(f);
	assert_int_equal(f->record.steps[2].executions, 3);
	assert_int_equal(f->record.steps[2].count[COUNT_CALLS], 3);
	assert_true(metric_of(f, 2, "time") > 0);
	assert_true(metric_of(f, 2, "parent_write") > 0);
	assert_true(metric_of(f, 2, "child_write") > 0);
}

/* A first touch in parent and child is no copy, and no figure of one. */
static void test_nothing_there(void **state)
{
	struct fixture *f = *state;

	f->assignment.iterations = 1;
	for (unsigned int read = 0; read < 2; read++) {
		memset(&f->record, 0, sizeof(f->record));
		add(f, op_find("map"));
		if (read)
			add_with(f, op_find("touch"), "access=read");
		add(f, op_find("fork"));
		run_ok(f);
		assert_true(isnan(metric_of(f, 1 + read, "parent_write")));
		assert_true(isnan(metric_of(f, 1 + read, "child_write")));
		assert_true(metric_of(f, 1 + read, "time") > 0);
		assert_int_equal(f->record.nr_warnings, 1);
		assert_non_null(strstr(f->record.warnings[0], "0 of 64 pages were there"));
		area_close(&f->area);
		f->assignment.nr_calls = 0;
	}
}

static void test_nothing_written(void **state)
{
	struct fixture *f = *state;

	add_round_trip(f, "write=0B");
	run_ok(f);
	assert_true(isnan(metric_of(f, 2, "parent_write")));
}

static void test_workers(void **state)
{
	static const enum worker_kind kinds[] = { WORKER_THREAD, WORKER_PROCESS };
	struct fixture *f = *state;

	f->conditions.nr_workers = 3;
	for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++) {
		f->conditions.workers = kinds[i];
		add_round_trip(f, NULL);
		run_ok(f);
		assert_int_equal(f->record.steps[2].executions, 3 * 3);
		area_close(&f->area);
		f->assignment.nr_calls = 0;
	}
}

static void test_resident_bytes(void **state)
{
	struct fixture *f = *state;
	uint64_t length = f->conditions.map.length_bytes;

	assert_int_equal(resident(f, "fork", NULL), 2 * length);
	assert_int_equal(resident(f, "fork", "write=1 page"), length + f->host.page_bytes);

	/* Each page may be another in the parent and in each child. */
	f->conditions.nr_workers = 3;
	assert_int_equal(resident(f, "fork", NULL), 4 * length);
	f->conditions.workers = WORKER_PROCESS;
	assert_int_equal(resident(f, "fork", NULL), 2 * length);

	/* The object's page, the copy from before and the new one. */
	f->conditions.map.backing = BACKING_MEMFD;
	assert_int_equal(resident(f, "fork", NULL), 3 * length);
	f->conditions.map.flags = MAP_SHARED;
	assert_int_equal(resident(f, "fork", NULL), length);

	f->conditions.map.flags = MAP_PRIVATE | MAP_ANONYMOUS;
	f->conditions.map.length_bytes = 1ull << 63;
	assert_true(resident(f, "fork", NULL) == UINT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_copies),  TEST(test_nothing_there),  TEST(test_nothing_written),
		TEST(test_workers), TEST(test_resident_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
