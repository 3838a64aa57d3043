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
	if (f->host.nr_nodes > 1)
		return; /* some may have been elsewhere */
	/* Where nothing moves there is no speed of moving. */
	assert_int_equal(f->record.steps[2].count[COUNT_PAGES], 0);
	assert_true(isnan(metric_of(f, 2, "bandwidth")));
	assert_true(isnan(metric_of(f, 2, "time_per_page")));
	assert_true(isnan(metric_of(f, 2, "arrived")));
	assert_int_equal(f->record.nr_warnings, 1);
	assert_non_null(strstr(f->record.warnings[0], "already"));
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

	assert_int_equal(resident(f, "move", "to=0"), NR_PAGES * 20);
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
