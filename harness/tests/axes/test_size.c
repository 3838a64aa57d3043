/* SPDX-License-Identifier: MIT */
/* Axis size: shares of what a machine has, and of what a cell makes of it. */
#include "fixture.h"

static void parses(void **state)
{
	static const struct fixture_value values[] = {
		{ "0", "0B" },
		{ "64MiB", "64MiB" },
		{ "1 page", "1 page" },
		{ "0.5x ram", "50% ram" },
		{ "400% ram", "4x ram" },
		{ "100% ram+swap + 1 page", "100% ram+swap + 1 page" },
		{ "1024GiB", "1TiB" },
	};
	static const struct fixture_refusal refusals[] = {
		{ "64", "try 64MiB" },
		{ "64MB", "try 64MiB" },
		{ "50% mapping", "share of itself" },
		{ "99EiB", "2^64" },
		{ "lots", "not a size" },
	};

	(void)state;
	fixture_values("size", values, ARRAY_LENGTH(values));
	fixture_refusals("size", refusals, ARRAY_LENGTH(refusals));
}

static void resolves(void **state)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} vectors[] = {
		{ "size=0", 0 },
		{ "size=1B", 1 },
		{ "size=50% ram", 8 * GIB },
		{ "size=4x ram+swap", 72 * GIB },
		{ "size=100% node", 8 * GIB }, /* the smallest that has any */
		{ "size=50% llc", 16 * MIB },
		{ "size=100% commit-limit + 1 page", 10 * GIB + 4096 },
		{ "size=100% available", 12 * GIB },
		{ "size=64TiB", 64ull << 40 },
	};
	struct host host = fixture_host();
	struct conditions c;

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		fixture_cell(CELL(vectors[i].text), &host, &c);
		assert_int_equal(c.map.length_bytes, vectors[i].bytes);
	}
	host.swap_bytes = 0;
	fixture_no_cell(CELL("size=50% swap"), &host, -ENOTSUP,
			"size: 50% swap: this machine has no swap");
	fixture_no_cell(CELL("size=0% ram - 1 page"), &host, -ERANGE, "less than 0");
}

/* The commit limit is the one that the cell's own settings will make. */
static void follows_the_overcommit_axis(void **state)
{
	struct host host = fixture_host();
	struct conditions c;

	(void)state;
	host.pools[0].total = host.pools[0].free = host.pools[0].reserved = 0;
	fixture_cell(CELL("size=100% commit-limit", "overcommit=never ratio 75"), &host, &c);
	assert_int_equal(c.map.length_bytes, 14 * GIB); /* 75% of 16, and 2 of swap */
	fixture_cell(CELL("size=100% commit-limit", "overcommit=never kbytes 4GiB"), &host, &c);
	assert_int_equal(c.map.length_bytes, 6 * GIB);
	fixture_cell(CELL("size=100% commit-limit", "overcommit=never"), &host, &c);
	assert_int_equal(c.map.length_bytes, 10 * GIB);
	host.pools[1].total = 4; /* 1 GiB each: not to be committed */
	fixture_cell(CELL("size=100% commit-limit", "overcommit=never ratio 100"), &host, &c);
	assert_int_equal(c.map.length_bytes, 14 * GIB);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses),
		cmocka_unit_test(resolves),
		cmocka_unit_test(follows_the_overcommit_axis),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
