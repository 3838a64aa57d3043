/* SPDX-License-Identifier: MIT */
/* The break goes up and comes back; threads share one, so they may not. */
#include "tests/run/fixture.h"

static void test_up_and_down(void **state)
{
	struct fixture *f = *state;

	f->conditions.workers = WORKER_PROCESS;
	f->conditions.nr_workers = 2;
	add_with(f, op_find("brk"), "amount=16 pages");
	run_ok(f);
	assert_int_equal(f->record.steps[0].executions, 2 * 3);
	assert_int_equal(f->record.steps[0].count[COUNT_CALLS], 2 * 3 * 2);
}

static void test_refused(void **state)
{
	struct fixture *f = *state;

	add_with(f, op_find("brk"), "amount=8388608TiB");
	run(f);
	assert_int_equal(f->record.outcome.kind, OUTCOME_ERRNO);
	assert_int_equal(f->record.outcome.number, ENOMEM);
}

static void test_threads(void **state)
{
	struct fixture *f = *state;
	struct error err;

	f->conditions.nr_workers = 2;
	assert_int_equal(supported(f, "brk", NULL, &err), -ENOTSUP);
	assert_non_null(strstr(err.text, "processes"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_up_and_down),
		TEST(test_refused),
		TEST(test_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
