/* SPDX-License-Identifier: MIT */
/* Pages arrive at the node, as far as there is one. */
#include "tests/run/fixture.h"

static void test_to_where_they_are(void **state)
{
	struct fixture *f = *state;
	char text[16];

	snprintf(text, sizeof(text), "to=%u", f->host.nodes[0].number);
	add(f, op_find("map"));
	add_with(f, op_find("touch"), "amount=10 pages");
	add_or_skip(f, "move", text);
	add(f, op_find("unmap"));
	run_ok(f);
	/* What was never touched cannot be moved. */
	assert_int_equal(f->record.steps[2].count[COUNT_PAGES], 3 * 10);
	assert_float_equal(metric_of(f, 2, "arrived"), 1, 0);
}

static void test_no_such_node(void **state)
{
	struct error err;

	assert_int_equal(supported(*state, "move", "to=63", &err), -ENOTSUP);
	assert_non_null(strstr(err.text, "63"));
}

static void test_tables_are_counted(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(resident(f, "move", "to=0"), NR_PAGES * 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_to_where_they_are),
		TEST(test_no_such_node),
		TEST(test_tables_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
