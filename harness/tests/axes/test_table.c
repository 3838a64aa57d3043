/* SPDX-License-Identifier: MIT */
/* Every row of the table keeps the promises that help, schema and loader rely on. */
#include "fixture.h"

static void rows_are_complete(void **state)
{
	(void)state;
	for (int i = 0; axes[i]; i++) {
		struct axis_value value;
		struct error err;

		assert_non_null(axes[i]->help);
		assert_non_null(axes[i]->forms);
		assert_true(axes[i]->value_bytes > 0);
		assert_int_equal(fixture_parse(axes[i]->name, axes[i]->initial, &value, &err), 0);
		assert_string_equal(value.text, axes[i]->initial); /* written canonically */
		axis_value_free(&value);
		for (int k = 0; axes[i]->words && axes[i]->words[k]; k++) {
			assert_int_equal(
				fixture_parse(axes[i]->name, axes[i]->words[k], &value, &err), 0);
			assert_string_equal(value.text, axes[i]->words[k]);
			axis_value_free(&value);
		}
	}
}

static void names_are_found(void **state)
{
	const char *const *names = axis_names();
	int n = 0;

	(void)state;
	for (; names[n]; n++) {
		assert_string_equal(axes[n]->name, names[n]);
		assert_int_equal(axis_index(names[n]), n);
	}
	assert_null(axes[n]);
	assert_true(n <= AXES_MAX);
	assert_int_equal(axis_index("hugepage"), -ENOENT);
	assert_int_equal(axis_index(""), -ENOENT);
}

/* What a row reads of the rows above it. */
static void order_serves_resolve(void **state)
{
	static const char *const before[][2] = {
		{ "settings", "size" },      { "overcommit", "size" },   { "size", "hugepages" },
		{ "flags", "hugepages" },    { "threads", "hugepages" }, { "layout", "hugepages" },
		{ "settings", "hugepages" }, { "flags", "layout" },      { "workers", "layout" },
		{ "hugepages", "numa" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(before); i++)
		assert_true(axis_index(before[i][0]) < axis_index(before[i][1]));
}

static void the_initial_cell(void **state)
{
	struct host host = fixture_host();
	struct conditions c;

	(void)state;
	fixture_cell(CELL("size=64MiB"), &host, &c);
	assert_int_equal(c.map.length_bytes, 64 * MIB);
	assert_int_equal(c.map.flags, MAP_PRIVATE | MAP_ANONYMOUS);
	assert_int_equal(c.map.protection, PROT_READ | PROT_WRITE);
	assert_int_equal(c.map.backing, BACKING_ANONYMOUS);
	assert_int_equal(c.map.thp, THP_AS_SET);
	assert_int_equal(c.map.numa.mode, NUMA_DEFAULT);
	assert_int_equal(c.map.huge_page_bytes, 0);
	assert_int_equal(c.nr_workers, 1);
	assert_int_equal(c.workers, WORKER_THREAD);
	assert_int_equal(c.placement, PLACEMENT_NONE);
	assert_int_equal(c.layout, LAYOUT_PER_WORKER);
	fixture_wants(&c, WANTS_NOTHING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_complete),
		cmocka_unit_test(names_are_found),
		cmocka_unit_test(order_serves_resolve),
		cmocka_unit_test(the_initial_cell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
