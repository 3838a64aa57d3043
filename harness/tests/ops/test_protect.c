/* SPDX-License-Identifier: MIT */
/* mprotect() really changes what may be done. */
#include "tests/run/fixture.h"

static void test_pages(void **state)
{
	struct fixture *f = *state;

	add(f, op_find("map"));
	add_with(f, op_find("protect"), "to=none");
	add_with(f, op_find("protect"), "to=read-write");
	add(f, op_find("touch"));
	add(f, op_find("unmap"));
	run_ok(f);
	assert_int_equal(f->record.steps[1].count[COUNT_PAGES], 3 * NR_PAGES);
	assert_int_equal(f->record.steps[1].count[COUNT_CALLS], 3);
	assert_true(metric_of(f, 2, "time_per_page") > 0);
}

static void test_read_only(void **state)
{
	struct fixture *f = *state;

	add(f, op_find("map"));
	add_with(f, op_find("protect"), "to=read");
	add(f, op_find("touch"));
	run(f);
	assert_int_equal(f->record.outcome.kind, OUTCOME_SIGNAL);
	assert_int_equal(f->record.outcome.number, SIGSEGV);
	assert_int_equal(f->record.outcome.step, 2);
}

static void test_slices_make_the_whole(void **state)
{
	struct fixture *f = *state;

	f->conditions.nr_workers = 3;
	f->conditions.layout = LAYOUT_SHARED;
	add(f, op_find("map"));
	add_with(f, op_find("protect"), "to=read");
	add_with(f, op_find("protect"), "to=read-write");
	add(f, op_find("unmap"));
	run_ok(f);
	assert_int_equal(f->record.steps[1].count[COUNT_PAGES], 3 * NR_PAGES);
}

/* A part: what lies before and behind it stays as it was. */
static void test_part(void **state)
{
	struct fixture *f = *state;

	add(f, op_find("map"));
	add_with(f, op_find("protect"), "to=read; from=2 pages; amount=3 pages");
	add_with(f, op_find("touch"), "amount=2 pages");
	add(f, op_find("touch"));
	run(f);
	assert_int_equal(f->record.steps[1].count[COUNT_PAGES], 3);
	assert_int_equal(f->record.outcome.number, SIGSEGV);
	assert_int_equal(f->record.outcome.step, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_pages),
		TEST(test_read_only),
		TEST(test_part),
		TEST(test_slices_make_the_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
