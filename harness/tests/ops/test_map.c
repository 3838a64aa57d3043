/* SPDX-License-Identifier: MIT */
/* mmap() as the axes ask for it: hints, populated ranges, what the plan counts with. */
#include "tests/run/fixture.h"

static const uint64_t hint = 1ull << 45;

/* Is the mapping where the hint said? */
static int at_hint_step(struct worker *w, const struct op_call *call)
{
	(void)call;
	return (uint64_t)(uintptr_t)w->mapping->address == hint ? 0 : -ERANGE;
}

static const struct op op_at_hint = { .name = "at-hint", .step = at_hint_step };

static void test_hint(void **state)
{
	struct fixture *f = *state;

	add_with(f, op_find("map"), "address=32TiB");
	add(f, &op_at_hint);
	add(f, op_find("unmap"));
	run_ok(f);
	assert_int_equal(f->record.steps[0].executions, 3);
	assert_true(metric_of(f, 0, "time") > 0);
}

static void test_populated(void **state)
{
	struct fixture *f = *state;

	f->conditions.map.flags |= MAP_POPULATE;
	add(f, op_find("map"));
	add(f, op_find("unmap"));
	run_ok(f);
	assert_int_equal(f->record.effective.resident_bytes, NR_PAGES * f->host.page_bytes);
}

static void test_resident_bytes(void **state)
{
	struct fixture *f = *state;
	uint64_t length = f->conditions.map.length_bytes;

	assert_int_equal(resident(f, "map", NULL), 0);
	f->conditions.map.flags |= MAP_POPULATE;
	assert_int_equal(resident(f, "map", NULL), length);
	/* The object's page and the private copy of it. */
	f->conditions.map.backing = BACKING_MEMFD;
	f->conditions.map.flags = MAP_PRIVATE | MAP_LOCKED;
	assert_int_equal(resident(f, "map", NULL), 2 * length);
	f->conditions.map.flags = MAP_SHARED | MAP_LOCKED;
	assert_int_equal(resident(f, "map", NULL), length);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_hint),
		TEST(test_populated),
		TEST(test_resident_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
