/* SPDX-License-Identifier: MIT */
/* Axis overcommit: what each value wants written. */
#include "fixture.h"

static void parses(void **state)
{
	static const struct fixture_value values[] = {
		{ "as-set", "as-set" },
		{ "heuristic", "heuristic" },
		{ "never ratio 80", "never ratio 80" },
		{ "never kbytes 4096MiB", "never kbytes 4GiB" },
		{ "never kbytes 50% ram", "never kbytes 50% ram" },
	};
	static const struct fixture_refusal refusals[] = {
		{ "nevr", "did you mean \"never\"" },
		{ "2", "choose as-set, heuristic, always or never" },
		{ "", "empty" },
		{ "always ratio 80", "only with mode never" },
		{ "never ratio many", "whole number" },
		{ "never ratio 9999999999", "too large" },
		{ "never kbytes 4", "4MiB" },
		{ "never ratio", "unknown overcommit mode" },
	};

	(void)state;
	fixture_values("overcommit", values, ARRAY_LENGTH(values));
	fixture_refusals("overcommit", refusals, ARRAY_LENGTH(refusals));
}

static void refuses_both(void **state)
{
	const struct field fields[] = { { "mode", "never" },
					{ "ratio", "80" },
					{ "kbytes", "4GiB" } };
	struct axis_value value;
	struct error err;
	size_t bad;

	(void)state;
	assert_int_equal(
		axis_value_parse(fixture_axis("overcommit"), fields, 3, &value, &bad, &err),
		-EINVAL);
	assert_non_null(strstr(err.text, "exclude each other"));
	assert_int_equal(bad, 2);
}

static void wants(void **state)
{
	struct host host = fixture_host();
	struct conditions c;

	(void)state;
	fixture_cell(CELL("overcommit=as-set"), &host, &c);
	fixture_wants(&c, WANTS_NOTHING);
	fixture_cell(CELL("overcommit=heuristic"), &host, &c);
	fixture_wants(&c, CELL("vm.overcommit_memory=0"));
	fixture_cell(CELL("overcommit=always"), &host, &c);
	fixture_wants(&c, CELL("vm.overcommit_memory=1"));
	fixture_cell(CELL("overcommit=never"), &host, &c);
	fixture_wants(&c, CELL("vm.overcommit_memory=2"));
	fixture_cell(CELL("overcommit=never ratio 80"), &host, &c);
	fixture_wants(&c, CELL("vm.overcommit_memory=2", "vm.overcommit_ratio=80"));
	fixture_cell(CELL("overcommit=never kbytes 50% ram"), &host, &c);
	fixture_wants(&c, CELL("vm.overcommit_memory=2", "vm.overcommit_kbytes=8388608"));
	fixture_no_cell(CELL("overcommit=never kbytes 0"), &host, -EINVAL, "use the ratio");
	host.swap_bytes = 0;
	fixture_no_cell(CELL("overcommit=never kbytes 50% swap"), &host, -ENOTSUP, "no swap");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses),
		cmocka_unit_test(refuses_both),
		cmocka_unit_test(wants),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
