/* SPDX-License-Identifier: MIT */
/* A reserved range becomes usable piece by piece. */
#include "tests/run/fixture.h"

static void test_pieces(void **state)
{
	struct fixture *f = *state;

	f->conditions.map.protection = PROT_NONE;
	add(f, op_find("map"));
	add_with(f, op_find("commit"), "piece=10 pages; amount=25 pages");
	add(f, op_find("unmap"));
	run_ok(f);
	assert_int_equal(f->record.steps[1].count[COUNT_CALLS], 3 * 3);
	assert_int_equal(f->record.steps[1].count[COUNT_PAGES], 3 * 25);
	assert_int_equal(f->record.effective.resident_bytes, 25 * f->host.page_bytes);
}

static void test_workers(void **state)
{
	struct fixture *f = *state;

	f->conditions.map.protection = PROT_NONE;
	f->conditions.nr_workers = 4;
	f->conditions.layout = LAYOUT_SHARED;
	add(f, op_find("map"));
	add_with(f, op_find("commit"), "piece=4 pages");
	add(f, op_find("unmap"));
	run_ok(f);
	assert_int_equal(f->record.steps[1].count[COUNT_PAGES], 3 * NR_PAGES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_pieces),
		TEST(test_workers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
