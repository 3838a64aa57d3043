/* SPDX-License-Identifier: MIT */
/* Axis settings: named sets, and what they clash with. */
#include "fixture.h"

/* Parse fields of an axis; what parse returns. */
static int parse(const char *axis, const struct field *fields, size_t n, struct axis_value *ret,
		 size_t *ret_bad, struct error *err)
{
	return axis_value_parse(fixture_axis(axis), fields, n, ret, ret_bad, err);
}

static void names_a_set(void **state)
{
	const struct field fields[] = { { "vm.swappiness", "10" },
					{ "name", "tuned" },
					{ "thp.enabled", "always" } };
	struct conditions c = { 0 };
	struct axis_value value;
	struct error err;
	size_t bad;

	(void)state;
	assert_int_equal(parse("settings", fields, 3, &value, &bad, &err), 0);
	assert_string_equal(value.text, "tuned");
	assert_int_equal(value.axis->resolve(value.data, NULL, &c, &err), 0);
	fixture_wants(&c, CELL("vm.swappiness=10", "thp.enabled=always"));
	/* Another axis wants something else of the same. */
	c.nr_wanted = 0;
	assert_int_equal(conditions_want(&c, "vm.swappiness", "20", &err), 0);
	assert_int_equal(value.axis->resolve(value.data, NULL, &c, &err), -EEXIST);
	axis_value_free(&value);
}

static void a_set_may_be_empty(void **state)
{
	const struct field stock[] = { { "name", "stock" } };
	struct host host = fixture_host();
	struct conditions c = { 0 };
	struct axis_value value;
	struct error err;
	size_t bad;

	(void)state;
	assert_int_equal(parse("settings", stock, 1, &value, &bad, &err), 0);
	assert_string_equal(value.text, "stock");
	assert_int_equal(value.axis->resolve(value.data, &host, &c, &err), 0);
	fixture_wants(&c, WANTS_NOTHING);
	axis_value_free(&value);
}

static void refuses_settings(void **state)
{
	static const struct {
		struct field fields[2];
		size_t bad;
		const char *remedy;
	} vectors[] = {
		{ { { "name", "a" }, { "swappiness", "1" } }, 1, "try vm.swappiness" },
		{ { { "name", "a" }, { "vm.swappiness", "" } }, 1, "cannot be a value" },
		{ { { "name", "a" }, { "vm/swappiness", "1" } }, 1, "cannot be a name" },
		{ { { "name", "a" }, { "", "1" } }, 1, "cannot be a name" },
		{ { { "vm.swappiness", "1" }, { "name", "a b" } }, 1, "cannot be a name" },
		{ { { "vm.swappiness", "1" }, { "name", "" } }, 1, "cannot be a name" },
		{ { { "vm.swappiness", "1" }, { "name", "../etc" } }, 1, "cannot be a name" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		struct axis_value value;
		struct error err = { "" };
		size_t bad = 9;

		assert_int_equal(parse("settings", vectors[i].fields, 2, &value, &bad, &err),
				 -EINVAL);
		assert_int_equal(bad, vectors[i].bad);
		if (!strstr(err.text, vectors[i].remedy))
			fail_msg("vector %zu: %s", i, err.text);
	}
}

/* Huge pages are sized by the settings of the cell where these name the pool. */
static void settings_rule_over_hugepages(void **state)
{
	const struct field fields[] = { { "name", "many" }, { "hugetlb.2MiB", "512" } };
	struct axis_value values[AXES_MAX] = { 0 };
	struct host host = fixture_host();
	struct params params = { 0 };
	struct conditions c;
	struct error err;
	size_t bad;

	(void)state;
	for (int i = 0; axes[i]; i++) {
		const char *text = strcmp(axes[i]->name, "hugepages") == 0 ? "hugetlb 2MiB"
									   : axes[i]->initial;

		if (strcmp(axes[i]->name, "settings") == 0)
			assert_int_equal(parse("settings", fields, 2, &values[i], &bad, &err), 0);
		else
			assert_int_equal(fixture_parse(axes[i]->name, text, &values[i], &err), 0);
		params.value[i] = &values[i];
	}
	assert_int_equal(params_resolve(&params, &host, &c, &err), 0);
	fixture_wants(&c, CELL("hugetlb.2MiB=512"));
	for (int i = 0; axes[i]; i++)
		axis_value_free(&values[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_a_set),
		cmocka_unit_test(a_set_may_be_empty),
		cmocka_unit_test(refuses_settings),
		cmocka_unit_test(settings_rule_over_hugepages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
