/* SPDX-License-Identifier: MIT */
/* Axis limits: which resource limits a cell comes to. */
#include "fixture.h"

static void parses(void **state)
{
	static const struct {
		struct field fields[3];
		size_t n;
		const char *canonical, *remedy;
	} vectors[] = {
		{ { { NULL, "none" } }, 1, "none", NULL },
		{ { { "data", "1GiB" }, { "as", "4096MiB" } }, 2, "as 4GiB, data 1GiB", NULL },
		{ { { "memlock", "0" } }, 1, "memlock 0B", NULL },
		{ { { "as", "50% ram" }, { "stack", "1MiB" } }, 2, "as 50% ram, stack 1MiB", NULL },
		{ { { NULL, "4GiB" } }, 1, NULL, "{as: 4GiB}" },
		{ { { "as", "4" } }, 1, NULL, "4MiB" },
		{ { { "as", "50% mapping" } }, 1, NULL, "no share of a mapping" },
		{ { { "dat", "4GiB" } }, 1, NULL, "did you mean 'data'" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		struct axis_value value;
		struct error err = { "" };
		size_t bad;
		int r = axis_value_parse(fixture_axis("limits"), vectors[i].fields, vectors[i].n,
					 &value, &bad, &err);

		assert_int_equal(r, vectors[i].remedy ? -EINVAL : 0);
		if (vectors[i].remedy) {
			if (!strstr(err.text, vectors[i].remedy))
				fail_msg("vector %zu: %s", i, err.text);
			continue;
		}
		assert_string_equal(value.text, vectors[i].canonical);
		axis_value_free(&value);
	}
}

static void resolves(void **state)
{
	const struct field fields[] = { { "as", "50% ram" }, { "memlock", "16MiB" } };
	struct host host = fixture_host();
	struct conditions c = { 0 };
	struct axis_value value;
	struct error err;
	size_t bad;

	(void)state;
	assert_int_equal(axis_value_parse(fixture_axis("limits"), fields, 2, &value, &bad, &err),
			 0);
	assert_int_equal(value.axis->resolve(value.data, &host, &c, &err), 0);
	assert_true(c.limit_given[LIMIT_AS]);
	assert_int_equal(c.limit_bytes[LIMIT_AS], 8 * GIB);
	assert_true(c.limit_given[LIMIT_MEMLOCK]);
	assert_int_equal(c.limit_bytes[LIMIT_MEMLOCK], 16 * MIB);
	assert_false(c.limit_given[LIMIT_DATA]);
	assert_false(c.limit_given[LIMIT_STACK]);
	host.cap_sys_resource = false; /* 8 MiB may be locked, and no more */
	assert_int_equal(value.axis->resolve(value.data, &host, &c, &err), -ENOTSUP);
	assert_non_null(strstr(err.text, "memlock is limited to 8 MiB"));
	axis_value_free(&value);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses),
		cmocka_unit_test(resolves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
