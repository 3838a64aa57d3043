/* SPDX-License-Identifier: MIT */
/* Each cycle gives back what it says, and faults it in again. */
#include "tests/run/fixture.h"

static void test_dontneed(void **state)
{
	struct fixture *f = *state;

	add(f, op_find("map"));
	add(f, op_find("touch"));
	f->assignment.nr_setup = 2;
	add_with(f, op_find("refault"), "piece=8 pages");
	run_ok(f);
	assert_int_equal(f->record.steps[0].count[COUNT_PAGES], 3 * NR_PAGES);
	assert_int_equal(f->record.steps[0].count[COUNT_CALLS], 3 * NR_PAGES / 8);
	assert_in_range(f->record.steps[0].count[COUNT_FAULTS], 3 * NR_PAGES,
			3 * NR_PAGES + EXTRA_FAULTS);
}

/* A last piece that is smaller than the others. */
static void test_odd_pieces(void **state)
{
	struct fixture *f = *state;

	add(f, op_find("map"));
	add_with(f, op_find("refault"), "by=free; piece=7 pages");
	add(f, op_find("unmap"));
	run_ok(f);
	assert_int_equal(f->record.steps[1].count[COUNT_CALLS], 3 * (NR_PAGES / 7 + 1));
}

/* Written, discarded, and read: two faults a page, the second finds the zero page. */
static void test_written_and_read(void **state)
{
	struct fixture *f = *state;

	add(f, op_find("map"));
	add_with(f, op_find("refault"), "piece=1 page; before=write; access=read");
	add(f, op_find("unmap"));
	run_ok(f);
	assert_int_equal(f->record.steps[1].count[COUNT_CALLS], 3 * NR_PAGES);
	assert_in_range(f->record.steps[1].count[COUNT_FAULTS], 3 * 2 * NR_PAGES,
			3 * 2 * NR_PAGES + EXTRA_FAULTS);
	assert_int_equal(f->record.effective.resident_bytes, 0);
}

/* Faults do not tell how much of shared memory went out: no figure, and why. */
static void test_shared_pageout(void **state)
{
	struct fixture *f = *state;

	f->conditions.map.flags = MAP_SHARED | MAP_ANONYMOUS;
	add(f, op_find("map"));
	add_with(f, op_find("refault"), "by=pageout");
	add(f, op_find("unmap"));
	run_ok(f);
	assert_int_equal(f->record.steps[1].count[COUNT_PAGES], 0);
	assert_true(isnan(metric_of(f, 1, "time_per_page")));
	assert_false(isnan(metric_of(f, 1, "fault_rate")));
	assert_int_equal(f->record.nr_warnings, 1);
	assert_non_null(strstr(f->record.warnings[0], "do not tell"));
}

static void test_bad_arguments(void **state)
{
	struct fixture *f = *state;
	struct error err;

	f->host.swap_bytes = 0;
	assert_int_equal(supported(f, "refault", "by=pageout", &err), -ENOTSUP);
	f->host.kernel_version = 0x040400;
	assert_int_equal(supported(f, "refault", "by=free", &err), -ENOTSUP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_dontneed),       TEST(test_odd_pieces),    TEST(test_written_and_read),
		TEST(test_shared_pageout), TEST(test_bad_arguments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
