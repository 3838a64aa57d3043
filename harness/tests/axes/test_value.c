/* SPDX-License-Identifier: MIT */
/* What is checked for all axes alike: which keys a value has. */
#include "fixture.h"

static void checks_keys(void **state)
{
	static const struct {
		const char *axis;
		struct field fields[3];
		size_t n, bad;
		const char *remedy; /* NULL: taken */
		const char *canonical;
	} vectors[] = {
		{ "overcommit",
		  { { "mode", "never" }, { "ratio", "80" } },
		  2,
		  0,
		  NULL,
		  "never ratio 80" },
		{ "overcommit",
		  { { "ratio", "80" }, { "mode", "never" } },
		  2,
		  0,
		  NULL,
		  "never ratio 80" },
		{ "overcommit", { { "mode", "always" } }, 1, 0, NULL, "always" },
		{ "overcommit",
		  { { "mode", "never" }, { "rato", "80" } },
		  2,
		  1,
		  "did you mean 'ratio'",
		  NULL },
		{ "overcommit",
		  { { "mode", "never" }, { "elephants", "80" } },
		  2,
		  1,
		  "choose mode, ratio or kbytes",
		  NULL },
		{ "overcommit", { { "mode", "never" }, { "mode", "never" } }, 2, 1, "twice", NULL },
		{ "overcommit", { { "ratio", "80" } }, 1, 0, "'mode' is missing", NULL },
		{ "size", { { "bytes", "80" } }, 1, 0, "takes no keys: write 64MiB", NULL },
		{ "numa", { { "nodes", "0" } }, 1, 0, "'policy' is missing", NULL },
		{ "settings", { { "vm.swappiness", "1" } }, 1, 0, "'name' is missing", NULL },
		{ "settings", { { "name", "a" }, { "name", "b" } }, 2, 1, "twice", NULL },
		{ "flags", { { NULL, "" } }, 0, 0, "no value", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		struct axis_value value = { 0 };
		struct error err = { "" };
		size_t bad = 0;
		int r = axis_value_parse(fixture_axis(vectors[i].axis), vectors[i].fields,
					 vectors[i].n, &value, &bad, &err);

		if (!vectors[i].remedy) {
			assert_int_equal(r, 0);
			assert_string_equal(value.text, vectors[i].canonical);
			axis_value_free(&value);
			continue;
		}
		assert_int_equal(r, -EINVAL);
		assert_int_equal(bad, vectors[i].bad);
		if (!strstr(err.text, vectors[i].remedy))
			fail_msg("vector %zu: %s", i, err.text);
		assert_null(value.data);
	}
}

static void frees_twice(void **state)
{
	struct axis_value value;
	struct error err;

	(void)state;
	assert_int_equal(fixture_parse("size", "1GiB", &value, &err), 0);
	axis_value_free(&value);
	axis_value_free(&value); /* empty by now */
	assert_null(value.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(checks_keys),
		cmocka_unit_test(frees_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
