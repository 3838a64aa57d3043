/* SPDX-License-Identifier: MIT */
/* munmap() takes the mapping away, and nothing stays open. */
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
