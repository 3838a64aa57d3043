/* SPDX-License-Identifier: MIT */
/* munmap() takes the mapping or a part of it away, and in the end nothing stays open. */
#include "tests/run/fixture.h"

static int gone_step(struct worker *w, const struct op_call *call)
{
	(void)call;
	if (w->mapping->address != MAP_FAILED)
		return -EEXIST;
	return w->mapping->fd == -1 ? 0 : -EBADF;
}

static const struct op op_gone = { .name = "gone", .step = gone_step };

static void test_gone(void **state)
{
	struct fixture *f = *state;

	f->conditions.map.backing = BACKING_MEMFD;
	f->conditions.map.flags = MAP_SHARED;
	add(f, op_find("map"));
	add(f, op_find("unmap"));
	add(f, &op_gone);
	run_ok(f);
	assert_int_equal(f->record.steps[1].executions, 3);
	assert_true(metric_of(f, 1, "time") > 0);
}

static void test_pages(void **state)
{
	struct fixture *f = *state;

	add(f, op_find("map"));
	add(f, op_find("unmap"));
	run_ok(f);
	assert_int_equal(f->record.steps[1].count[COUNT_PAGES], 3 * NR_PAGES);
	assert_true(metric_of(f, 1, "time_per_page") < metric_of(f, 1, "time"));
}

/* What an end leaves is the mapping: it is filled, moved, read back and unmapped. */
static void test_ends(void **state)
{
	struct fixture *f = *state;

	add(f, op_find("map"));
	add(f, op_find("fill"));
	add_with(f, op_find("unmap"), "amount=3 pages");
	add_with(f, op_find("unmap"), "from=50 pages");
	add(f, op_find("verify"));
	add_with(f, op_find("remap"), "to=100 pages; how=move");
	add(f, op_find("touch"));
	add(f, op_find("unmap"));
	add(f, &op_gone);
	run_ok(f);
	assert_int_equal(f->record.steps[2].count[COUNT_PAGES], 3 * 3);
	assert_int_equal(f->record.steps[3].count[COUNT_PAGES], 3 * (NR_PAGES - 3 - 50));
	assert_int_equal(f->record.steps[4].count[COUNT_BYTES], 3 * 50 * f->host.page_bytes);
	assert_int_equal(f->record.steps[6].count[COUNT_TOUCHES], 3 * NR_PAGES);
	/* All of it: what it has grown by as well. */
	assert_int_equal(f->record.steps[7].count[COUNT_PAGES], 3 * 100);
}

/* A chain of steps must know what is left too. */
static void test_ends_in_a_chain(void **state)
{
	struct fixture *f = *state;

	f->assignment.iterations = 1000;
	add(f, op_find("map"));
	add_with(f, op_find("unmap"), "from=10 pages");
	add_with(f, op_find("protect"), "to=read");
	add(f, op_find("unmap"));
	run_ok(f);
	assert_int_equal(f->record.steps[2].count[COUNT_PAGES], 1000 * 10);
	assert_int_equal(f->record.steps[3].count[COUNT_PAGES], 1000 * 10);
}

/* The pages before a hole can be used, those in it cannot. */
static void test_hole(void **state)
{
	struct fixture *f = *state;

	add(f, op_find("map"));
	add_with(f, op_find("unmap"), "from=8 pages; amount=8 pages");
	add_with(f, op_find("touch"), "amount=8 pages");
	add_with(f, op_find("protect"), "to=read; from=16 pages");
	add(f, op_find("unmap"));
	run_ok(f);
	f->assignment.nr_calls = 0;
	add(f, op_find("map"));
	add_with(f, op_find("unmap"), "from=8 pages; amount=8 pages");
	add(f, op_find("touch"));
	run(f);
	assert_int_equal(f->record.outcome.kind, OUTCOME_SIGNAL);
	assert_int_equal(f->record.outcome.number, SIGSEGV);
	assert_int_equal(f->record.outcome.step, 2);
}

/* An object stays open until the last of it goes. */
static void test_part_of_an_object(void **state)
{
	struct fixture *f = *state;

	f->conditions.map.backing = BACKING_MEMFD;
	f->conditions.map.flags = MAP_SHARED;
	f->conditions.nr_workers = 2;
	f->conditions.layout = LAYOUT_SHARED;
	add(f, op_find("map"));
	add_with(f, op_find("unmap"), "amount=1 page");
	add(f, op_find("touch"));
	add(f, op_find("unmap"));
	add(f, &op_gone);
	run_ok(f);
	assert_int_equal(f->record.steps[2].count[COUNT_TOUCHES], 3 * (NR_PAGES - 1));
}

static void test_supported(void **state)
{
	struct fixture *f = *state;
	struct error err;

	assert_int_equal(supported(f, "unmap", NULL, &err), 0);
	assert_int_equal(supported(f, "unmap", "amount=1B", &err), 0);
	assert_int_equal(supported(f, "unmap", "from=64 pages", &err), -ENOTSUP);
	f->conditions.map.huge_page_bytes = 2 << 20;
	f->conditions.map.length_bytes = 8 << 20;
	assert_int_equal(supported(f, "unmap", "from=4KiB", &err), -ENOTSUP);
	assert_int_equal(supported(f, "unmap", "amount=4KiB", &err), -ENOTSUP);
	assert_int_equal(supported(f, "unmap", "from=2MiB; amount=2MiB", &err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_gone),      TEST(test_pages),
		TEST(test_ends),      TEST(test_ends_in_a_chain),
		TEST(test_hole),      TEST(test_part_of_an_object),
		TEST(test_supported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
