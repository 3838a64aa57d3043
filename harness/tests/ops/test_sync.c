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
		f->conditions.map.backing = backings[i % 2];
		add(f, op_find("map"));
		add(f, op_find("touch"));
		add_with(f, op_find("sync"), modes[i / 2]);
		add(f, op_find("unmap"));
		run_ok(f);
		assert_int_equal(f->record.steps[2].count[COUNT_CALLS], 3);
		assert_int_equal(f->record.steps[2].count[COUNT_BYTES],
				 3 * NR_PAGES * f->host.page_bytes);
		area_close(&f->area);
		f->assignment.nr_calls = 0;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_modes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
