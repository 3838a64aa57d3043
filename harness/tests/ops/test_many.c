/* SPDX-License-Identifier: MIT */
/* Many mappings stay apart, up to the kernel's limit. */
#include "tests/run/fixture.h"

static void test_count(void **state)
{
	struct fixture *f = *state;

	f->conditions.nr_workers = 2;
	add_with(f, op_find("many"), "count=100; size=3 pages");
	run_ok(f);
	assert_int_equal(f->record.steps[0].count[COUNT_CALLS], 2 * 3 * 100);
}

/* Mappings that merged would never come to the limit. */
static void check_limit(struct fixture *f)
{
	uint64_t limit;
	char text[32];

	if (file_read_u64("/proc/sys/vm/max_map_count", &limit) || limit > 200000) {
		print_message("SKIP: many: vm.max_map_count is too high to go there\n");
		skip();
	}
	/* The steps' walls let threads begin together: some time both have most of theirs. */
	if (f->conditions.nr_workers > 1) {
		add(f, op_find("map"));
		f->assignment.nr_setup = 1;
		f->conditions.layout = LAYOUT_SHARED;
		f->assignment.iterations = 20;
		limit = limit * 6 / 10;
	}
	snprintf(text, sizeof(text), "count=%u", (unsigned int)limit);
	add_with(f, op_find("many"), text);
	run(f);
	assert_int_equal(f->record.outcome.kind, OUTCOME_ERRNO);
	assert_int_equal(f->record.outcome.number, ENOMEM);
	assert_non_null(strstr(f->record.outcome.detail, "mappings"));
}

static void test_limit(void **state)
{
	check_limit(*state);
}

static void test_limit_of_threads(void **state)
{
	((struct fixture *)*state)->conditions.nr_workers = 2;
	check_limit(*state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_count),
		TEST(test_limit),
		TEST(test_limit_of_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
