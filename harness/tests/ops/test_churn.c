/* SPDX-License-Identifier: MIT */
/* Mappings come and go, and none is left. */
#include "tests/run/fixture.h"

static void test_pairs(void **state)
{
	struct fixture *f = *state;

	f->conditions.nr_workers = 2;
	add_with(f, op_find("churn"), "pairs=100");
	run_ok(f);
	assert_int_equal(f->record.steps[0].count[COUNT_CALLS], 2 * 3 * 100);
}

/* Seven stand at a time, beside the repetition's own mapping, which stays as it was. */
static void test_live(void **state)
{
	struct fixture *f = *state;

	add(f, op_find("map"));
	add_with(f, op_find("churn"), "pairs=100; live=7");
	add(f, op_find("touch"));
	add(f, op_find("unmap"));
	run_ok(f);
	assert_int_equal(f->record.steps[1].count[COUNT_CALLS], 3 * 100);
}

/* All that stand at a time must fit at once: the first some do, and are taken away again. */
static void test_too_many_live(void **state)
{
	struct fixture *f = *state;

	/* Out of addresses, not over a limit: the sanitizer's shadow would be too. */
	f->conditions.map.length_bytes = 1ull << 44;
	f->conditions.map.flags |= MAP_NORESERVE;
	add_with(f, op_find("churn"), "pairs=100; live=32");
	run(f);
	assert_int_equal(f->record.outcome.kind, OUTCOME_ERRNO);
	assert_int_equal(f->record.outcome.number, ENOMEM);
	assert_non_null(strstr(f->record.outcome.detail, "mappings"));
}

static void test_objects(void **state)
{
	struct fixture *f = *state;

	f->conditions.map.backing = BACKING_MEMFD;
	f->conditions.map.flags = MAP_SHARED;
	add_with(f, op_find("churn"), "pairs=10; live=3");
	run_ok(f);
}

static void test_places(void **state)
{
	struct fixture *f = *state;
	struct error err;

	assert_int_equal(supported(f, "churn", "live=3", &err), 0);
	f->conditions.map.thp = THP_ALWAYS;
	assert_int_equal(supported(f, "churn", NULL, &err), 0);
	f->conditions.map.flags |= MAP_POPULATE;
	assert_int_equal(supported(f, "churn", NULL, &err), -ENOTSUP);
	assert_non_null(strstr(err.text, "hugepages"));
	f->conditions.map.thp = THP_AS_SET;
	assert_int_equal(supported(f, "churn", NULL, &err), 0);
	f->conditions.map.flags |= MAP_FIXED_NOREPLACE;
	assert_int_equal(supported(f, "churn", NULL, &err), -ENOTSUP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_pairs),   TEST(test_live),   TEST(test_too_many_live),
		TEST(test_objects), TEST(test_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
