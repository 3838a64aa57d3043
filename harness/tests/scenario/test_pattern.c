/* SPDX-License-Identifier: MIT */
#include "scenario/matrix.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct axis_value parse(const char *axis, const char *text)
{
	struct field field = { NULL, text };
	struct axis_value value;
	struct error err;
	size_t bad;

	assert_int_equal(axis_value_parse(axes[axis_index(axis)], &field, 1, &value, &bad, &err),
			 0);
	return value;
}

/* A matrix of the initial values, but with these sizes. */
static void fill(struct matrix *m, const char *const *sizes, unsigned int n)
{
	for (unsigned int i = 0; axes[i]; i++) {
		struct matrix_axis *axis = &m->axes[m->nr_axes++];
		bool is_size = strcmp(axes[i]->name, "size") == 0;

		axis->axis = axes[i];
		axis->nr_values = is_size ? n : 1;
		axis->values = calloc(axis->nr_values, sizeof(*axis->values));
		axis->initial = parse(axes[i]->name, axes[i]->initial);
		for (unsigned int j = 0; j < axis->nr_values; j++)
			axis->values[j] = parse(axes[i]->name,
						is_size ? sizes[j] : axes[i]->initial);
	}
	assert_int_equal(matrix_count(m, NULL), 0);
}

static struct pattern one_term(const char *axis, enum pattern_compare compare, const char *text)
{
	struct pattern p = { 0 };

	p.terms[0].axis = axis_index(axis);
	p.terms[0].nr_values = 1;
	p.terms[0].values = calloc(1, sizeof(struct pattern_value));
	p.terms[0].values[0] = (struct pattern_value){ compare, parse(axis, text) };
	p.terms[1].axis = -1;
	return p;
}

static const char *const sizes[] = { "1GiB", "50% ram", "4x ram", "100% swap", "2GiB" };

/* RAM is 4 GiB, there is no swap: a share of it compares with nothing. One digit a size. */
static const struct vector {
	enum pattern_compare compare;
	const char *text, *matches;
} vectors[] = {
	{ PATTERN_IS, "1GiB", "10000" },        { PATTERN_IS, "1024MiB", "10000" },
	{ PATTERN_IS, "50% ram", "01000" }, /* the words count, not what they come to */
	{ PATTERN_LESS, "2GiB", "10000" },      { PATTERN_LESS_OR, "2GiB", "11001" },
	{ PATTERN_MORE, "2GiB", "00100" },      { PATTERN_MORE_OR, "50% ram", "01101" },
	{ PATTERN_LESS, "100% swap", "00000" }, { PATTERN_MORE, "0", "11101" },
};

static void check(const struct matrix *m, const struct pattern *p, const struct host *host,
		  const char *expected, const char *what)
{
	for (uint64_t i = 0; i < matrix_numbers(m); i++) {
		struct cell cell;

		assert_true(matrix_cell(m, host, i, &cell));
		if (pattern_match(p, &cell.params, host) != (expected[i] == '1'))
			fail_msg("%s: size %s", what, sizes[i]);
	}
}

static void test_vectors(void **state)
{
	struct host host = { .page_bytes = 4096, .ram_bytes = 4ull << 30 };
	struct matrix m = { 0 };

	(void)state;
	fill(&m, sizes, 5);
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		const struct vector *v = &vectors[i];
		struct pattern p = one_term("size", v->compare, v->text);

		check(&m, &p, &host, v->matches, v->text);
		assert_int_equal(pattern_index(&p, &m), 0);
		check(&m, &p, &host, v->matches, v->text);
		pattern_clear(&p);
	}
	matrix_free(&m);
}

static void test_index_follows_the_host(void **state)
{
	struct host host = { .page_bytes = 4096, .ram_bytes = 4ull << 30 };
	struct matrix m = { 0 };
	struct pattern p = one_term("size", PATTERN_MORE, "25% ram");

	(void)state;
	fill(&m, sizes, 5);
	assert_int_equal(pattern_index(&p, &m), 0);
	check(&m, &p, &host, "01101", "4 GiB");
	host.ram_bytes = 2ull << 30;
	check(&m, &p, &host, "11101", "2 GiB");
	host.swap_bytes = 1ull << 30;
	check(&m, &p, &host, "11111", "swap");
	check(&m, &p, NULL, "00000", "no host");
	pattern_clear(&p);
	matrix_free(&m);
}

static void test_values_of_extra_cells(void **state)
{
	struct host host = { .page_bytes = 4096, .ram_bytes = 4ull << 30 };
	struct matrix m = { 0 };
	struct pattern p = one_term("size", PATTERN_IS, "3GiB");
	struct axis_value extra = parse("size", "3GiB");
	struct cell cell;

	(void)state;
	fill(&m, sizes, 5);
	assert_int_equal(pattern_index(&p, &m), 0);
	assert_true(matrix_cell(&m, &host, 0, &cell));
	cell.params.value[axis_index("size")] = &extra; /* not one of the matrix' own */
	assert_true(pattern_match(&p, &cell.params, &host));
	assert_true(pattern_match(NULL, &cell.params, &host));
	axis_value_free(&extra);
	pattern_clear(&p);
	matrix_free(&m);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_index_follows_the_host),
		cmocka_unit_test(test_values_of_extra_cells),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
