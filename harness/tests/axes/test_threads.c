/* SPDX-License-Identifier: MIT */
/* Axis threads: numbers, and what the host has. */
#include "fixture.h"

static void parses(void **state)
{
	static const struct fixture_value threads[] = {
		{ "1", "1" },
		{ "1024", "1024" },
		{ "cores", "cores" },
		{ "all", "all" },
	};
	static const struct fixture_refusal no_threads[] = {
		{ "0", "at least 1" },
		{ "1025", "at most 1024" },
		{ "-1", "whole number" },
		{ "core", "did you mean \"cores\"" },
		{ "two", "choose cores or all" },
		{ "1.5", "whole number" },
		{ "", "whole number" },
	};

	(void)state;
	fixture_values("threads", threads, ARRAY_LENGTH(threads));
	fixture_refusals("threads", no_threads, ARRAY_LENGTH(no_threads));
}

static void resolves(void **state)
{
	struct host host = fixture_host();
	struct conditions c;

	(void)state;
	fixture_cell(CELL("threads=3"), &host, &c);
	assert_int_equal(c.nr_workers, 3);
	fixture_cell(CELL("threads=cores"), &host, &c);
	assert_int_equal(c.nr_workers, 4);
	fixture_cell(CELL("threads=all"), &host, &c);
	assert_int_equal(c.nr_workers, 8);
	host.nr_cores = 0; /* unknown is 1, not none */
	fixture_cell(CELL("threads=cores"), &host, &c);
	assert_int_equal(c.nr_workers, 1);
	host.nr_cpus_allowed = 4096;
	fixture_cell(CELL("threads=all"), &host, &c);
	assert_int_equal(c.nr_workers, WORKERS_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses),
		cmocka_unit_test(resolves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
