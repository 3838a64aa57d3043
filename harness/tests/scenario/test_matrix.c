/* SPDX-License-Identifier: MIT */
#include "scenario/scenario.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct host host = {
	.page_bytes = 4096, .ram_bytes = 8ull << 30, .nr_cpus = 4, .nr_cpus_allowed = 4
};

static struct scenario *load(const char *cells)
{
	struct scenario *s = NULL;
	char *text = NULL;
	int length = asprintf(&text, "scenario: s\nsteps: [map, unmap]\n%s", cells);

	assert_true(length > 0);
	assert_int_equal(scenario_load_text(text, (size_t)length, "t", stderr, &s, NULL), 0);
	free(text);
	return s;
}

/* The numbers of all cells that are kept, and their names, on one line. */
static char *walk(const struct scenario *s)
{
	char *all = NULL, name[256];
	size_t size;
	FILE *out = open_memstream(&all, &size);
	struct cell cell;

	for (uint64_t i = 0; i < matrix_numbers(&s->matrix); i++)
		if (matrix_cell(&s->matrix, &host, i, &cell))
			fprintf(out, "%llu:%s;", (unsigned long long)cell.index,
				cell_format(&s->matrix, &cell, name, sizeof(name)));
	fclose(out);
	return all;
}

static const struct vector {
	const char *cells, *expected;
} vectors[] = {
	{ "matrix: {size: 1MiB}", "0:size=1MiB;" },
	{ "matrix: {threads: [1, 2], size: [1MiB, 2MiB]}",
	  "0:size=1MiB threads=1;1:size=1MiB threads=2;2:size=2MiB threads=1;3:size=2MiB "
	  "threads=2;" },
	{ "matrix: {size: [1MiB, 2MiB, 3MiB]}\nexclude: [{size: 2MiB}]",
	  "0:size=1MiB;2:size=3MiB;" },
	{ "matrix: {size: [1MiB, 2MiB, 3MiB]}\nwhen: [{size: [1MiB, 3MiB]}]",
	  "0:size=1MiB;2:size=3MiB;" },
	{ "matrix: {size: [1GiB, 4GiB, 16GiB]}\nexclude: [{size: '>= 50% ram'}]", "0:size=1GiB;" },
	{ "matrix: {size: [1GiB, 4GiB, 16GiB]}\nwhen: {size: '< 50% ram'}", "0:size=1GiB;" },
	{ "matrix: {threads: [1, 4, 8]}\nexclude: [{threads: '> all'}]",
	  "0:threads=1;1:threads=4;" },
	{ "matrix: {threads: [1, 4, 8]}\nexclude: [{threads: ['< 4', '> 4']}]", "1:threads=4;" },
	{ "matrix: {size: [1MiB, 2MiB]}\ninclude: [{size: 2MiB, threads: 3}]\nexclude: [{size: "
	  "2MiB}]",
	  "0:size=1MiB threads=1;2:size=2MiB threads=3;" },
	{ "matrix: {size: [1MiB, 2MiB], threads: [1, 2]}\n"
	  "exclude: [{size: 1MiB, threads: 2}, {size: 2MiB, threads: 1}]",
	  "0:size=1MiB threads=1;3:size=2MiB threads=2;" },
};

static void test_cells(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		struct scenario *s;
		char *all;

		s = load(vectors[i].cells);
		all = walk(s);
		if (strcmp(all, vectors[i].expected) != 0)
			fail_msg("%s\n gives %s\n not   %s", vectors[i].cells, all,
				 vectors[i].expected);
		free(all);
		scenario_free(s);
	}
}

static void test_every_axis_has_a_value(void **state)
{
	struct scenario *s = load("matrix: {size: 1MiB}\ninclude: [{threads: 2}]");
	struct cell cell;

	(void)state;
	for (uint64_t i = 0; i < 2; i++) {
		assert_true(matrix_cell(&s->matrix, &host, i, &cell));
		for (unsigned int row = 0; axes[row]; row++)
			assert_non_null(cell.params.value[row]);
	}
	/* An extra cell has initial values where it names none, not the matrix'. */
	assert_string_equal(cell.params.value[axis_index("size")]->text,
			    axes[axis_index("size")]->initial);
	assert_false(matrix_cell(&s->matrix, &host, 2, &cell));
	assert_false(matrix_cell(&s->matrix, &host, UINT64_MAX, &cell));
	scenario_free(s);
}

static void test_blocks(void **state)
{
	struct scenario *s = load("matrix: {overcommit: [always, never], size: [1MiB, 2MiB]}");
	struct cell cell[4];

	(void)state;
	for (uint64_t i = 0; i < 4; i++)
		assert_true(matrix_cell(&s->matrix, &host, i, &cell[i]));
	assert_true(cell_block(&s->matrix, &cell[0]) == cell_block(&s->matrix, &cell[1]));
	assert_true(cell_block(&s->matrix, &cell[2]) == cell_block(&s->matrix, &cell[3]));
	assert_true(cell_block(&s->matrix, &cell[0]) != cell_block(&s->matrix, &cell[2]));
	scenario_free(s);
}

static void test_format_is_cut(void **state)
{
	struct scenario *s = load("matrix: {size: 1MiB, threads: 2}");
	struct cell cell;
	char text[12];

	(void)state;
	assert_true(matrix_cell(&s->matrix, &host, 0, &cell));
	assert_string_equal(cell_format(&s->matrix, &cell, text, sizeof(text)), "size=1MiB t");
	scenario_free(s);
}

static void test_count(void **state)
{
	struct matrix m = { .nr_axes = 3 };
	struct error err;

	(void)state;
	for (unsigned int i = 0; i < 3; i++)
		m.axes[i].nr_values = 1000;
	assert_int_equal(matrix_count(&m, &err), 0);
	assert_int_equal(m.nr_product, 1000000000);
	m.axes[0].nr_values = 10000;
	assert_int_equal(matrix_count(&m, &err), -ERANGE);
	assert_string_equal(err.text, "the matrix has 10000000000 cells: at most 4294967295");
	for (unsigned int i = 0; i < 3; i++)
		m.axes[i].nr_values = 1u << 31;
	assert_int_equal(matrix_count(&m, &err), -ERANGE);
	assert_string_equal(err.text, "the matrix has more than 2^64 cells");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cells),  cmocka_unit_test(test_every_axis_has_a_value),
		cmocka_unit_test(test_blocks), cmocka_unit_test(test_format_is_cut),
		cmocka_unit_test(test_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
