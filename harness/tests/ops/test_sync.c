/* SPDX-License-Identifier: MIT */
/* msync() of memory and of a file. */
#include "tests/run/fixture.h"

static void test_modes(void **state)
{
	static const char *const modes[] = { "mode=sync", "mode=async", "mode=invalidate" };
	static const enum backing backings[] = { BACKING_MEMFD, BACKING_FILE };
	struct fixture *f = *state;

	f->conditions.map.flags = MAP_SHARED;
	for (size_t i = 0; i < 2 * ARRAY_LENGTH(modes); i++) {
		uint64_t written;

		f->conditions.map.backing = backings[i % 2];
		add(f, op_find("map"));
		add(f, op_find("touch"));
		add_with(f, op_find("sync"), modes[i / 2]);
		add(f, op_find("unmap"));
		f->record.nr_warnings = 0;
		run_ok(f);
		assert_int_equal(f->record.steps[2].count[COUNT_CALLS], 3);
		/* Only what is written is counted: a sync of a file. */
		written = i == 1 ? 3 * NR_PAGES * f->host.page_bytes : 0;
		assert_int_equal(f->record.steps[2].count[COUNT_BYTES], written);
		assert_true(isnan(metric_of(f, 2, "bandwidth")) == !written);
		assert_int_equal(f->record.nr_warnings, !written);
		area_close(&f->area);
		f->assignment.nr_calls = 0;
	}
}

/* What is written once is clean the second time, and only what was touched is dirty. */
static void test_clean(void **state)
{
	struct fixture *f = *state;

	f->conditions.map.flags = MAP_SHARED;
	f->conditions.map.backing = BACKING_FILE;
	add(f, op_find("map"));
	add_with(f, op_find("touch"), "amount=5 pages");
	f->assignment.nr_setup = 2;
	add(f, op_find("sync"));
	run_ok(f);
	assert_int_equal(f->record.steps[0].count[COUNT_BYTES], 5 * f->host.page_bytes);
	assert_non_null(strstr(f->record.warnings[0], "nothing dirty"));
}

/* Each of two workers writes its own half, of which the first has all that was touched. */
static void test_shares(void **state)
{
	struct fixture *f = *state;

	f->conditions.map.flags = MAP_SHARED;
	f->conditions.map.backing = BACKING_FILE;
	f->conditions.nr_workers = 2;
	f->conditions.layout = LAYOUT_SHARED;
	f->assignment.iterations = 1;
	add(f, op_find("map"));
	add_with(f, op_find("touch"), "amount=50% mapping");
	f->assignment.nr_setup = 2;
	add(f, op_find("sync"));
	run_ok(f);
	assert_int_equal(f->record.steps[0].count[COUNT_BYTES], NR_PAGES / 2 * f->host.page_bytes);
}

/* Pages that are mapped no longer are in the file's cache all the same. */
static void test_discarded(void **state)
{
	struct fixture *f = *state;

	f->conditions.map.flags = MAP_SHARED;
	f->conditions.map.backing = BACKING_FILE;
	add(f, op_find("map"));
	add(f, op_find("touch"));
	add_with(f, op_find("advise"), "advice=dontneed");
	add(f, op_find("sync"));
	add(f, op_find("unmap"));
	run_ok(f);
	assert_int_equal(f->record.steps[3].count[COUNT_BYTES], 3 * NR_PAGES * f->host.page_bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_modes),
		TEST(test_clean),
		TEST(test_shares),
		TEST(test_discarded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
