/* SPDX-License-Identifier: MIT */
/* mremap() takes the content along, and hurts nobody beside it. */
#include "tests/run/fixture.h"

static void add_round_trip(struct fixture *f, const char *remap)
{
	add(f, op_find("map"));
	add(f, op_find("fill"));
	add_or_skip(f, "remap", remap);
	add(f, op_find("verify"));
	add(f, op_find("unmap"));
}

static void test_content_moves_along(void **state)
{
	static const char *const ways[] = { "how=move", "how=dontunmap", "to=50% mapping",
					    "how=in-place" };
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LENGTH(ways); i++) {
		add_round_trip(f, ways[i]);
		run_ok(f);
		assert_int_equal(f->record.steps[2].executions, 3);
		assert_int_equal(f->record.steps[2].count[COUNT_CALLS], 3);
		area_close(&f->area);
		f->assignment.nr_calls = 0;
	}
}

static void test_moved(void **state)
{
	struct fixture *f = *state;

	add_round_trip(f, "how=move");
	run_ok(f);
	assert_float_equal(metric_of(f, 2, "moved"), 1, 0);
}

static void test_grow_and_shrink(void **state)
{
	struct fixture *f = *state;

	add(f, op_find("map"));
	add_with(f, op_find("remap"), "to=200% mapping");
	add_with(f, op_find("touch"), "amount=128 pages");
	add_with(f, op_find("remap"), "to=1 page");
	add(f, op_find("unmap"));
	run_ok(f);
	assert_int_equal(f->record.steps[2].count[COUNT_TOUCHES], 3 * 2 * NR_PAGES);
}

/* The place that one thread was about to move to must not become another's. */
static void test_threads_keep_apart(void **state)
{
	struct fixture *f = *state;

	f->conditions.nr_workers = 4;
	f->assignment.iterations = 200;
	add_round_trip(f, "how=move");
	run_ok(f);
	assert_int_equal(f->record.steps[2].executions, 4 * 200);
}

static void test_dontunmap_wants_the_same_length(void **state)
{
	struct fixture *f = *state;

	add_round_trip(f, "how=dontunmap; to=50% mapping");
	run(f);
	assert_int_equal(f->record.outcome.kind, OUTCOME_ERRNO);
	assert_int_equal(f->record.outcome.number, EINVAL);
	assert_int_equal(f->record.outcome.step, 2);
}

static void test_bad_arguments(void **state)
{
	struct fixture *f = *state;
	struct error err;

	f->host.kernel_version = 0x050600;
	assert_int_equal(supported(f, "remap", "how=dontunmap", &err), -ENOTSUP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_content_moves_along),
		TEST(test_moved),
		TEST(test_grow_and_shrink),
		TEST(test_threads_keep_apart),
		TEST(test_dontunmap_wants_the_same_length),
		TEST(test_bad_arguments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
