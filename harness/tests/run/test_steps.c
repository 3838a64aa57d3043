/* SPDX-License-Identifier: MIT */
/* Arguments that are shares of the mapping follow its length from step to step. */
#include "run/steps.h"

#include "base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>

#define MIB (1ull << 20)

/* Of a scenario with one cell of 8 MiB: 0, or −errno and the reason. */
static int resolve(const char *text, struct assignment *ret, struct error *err)
{
	static struct conditions conditions;
	static struct host host;
	struct scenario *s = NULL;
	struct cell cell;
	int r;

	assert_int_equal(host_read(&host, NULL), 0);
	assert_int_equal(scenario_load_text(text, strlen(text), "test.yaml", stderr, &s, NULL), 0);
	assert_true(matrix_cell(&s->matrix, &host, 0, &cell));
	assert_int_equal(params_resolve(&cell.params, &host, &conditions, err), 0);
	*ret = (struct assignment){ .conditions = &conditions,
				    .host = &host,
				    .iterations = s->measure.iterations };
	r = steps_resolve(ret, s, &cell.params, err);
	scenario_free(s);
	return r;
}

#define HEAD "scenario: s\nmatrix: {size: 8MiB}\n"

static void test_lengths(void **state)
{
	static const char text[] = HEAD "steps: [map, touch, {remap: {to: 16MiB}}, touch, "
					"{touch: {amount: 50% mapping}}, "
					"{remap: {to: 25% mapping}}, touch, "
					"{unmap: {amount: 1MiB}}, touch, unmap, map, touch]\n";
	static const uint64_t touched[] = { 8, 16, 8, 4, 3, 8 };
	struct error err = { "" };
	struct assignment a;
	unsigned int n = 0;

	(void)state;
	assert_int_equal(resolve(text, &a, &err), 0);
	for (unsigned int i = 0; i < a.nr_calls; i++)
		if (strcmp(a.calls[i].op->name, "touch") == 0)
			assert_int_equal(a.calls[i].args[2], touched[n++] * MIB);
	assert_int_equal(n, ARRAY_LENGTH(touched));
}

static void test_repeated(void **state)
{
	static const struct {
		const char *text;
		int result;
	} vectors[] = {
		{ HEAD "setup: [map]\nsteps: [{remap: {to: 16MiB}}]\n", 0 },
		{ HEAD "setup: [map]\nsteps: [{remap: {to: 16MiB}}]\nmeasure: {iterations: 2}\n",
		  -ENOTSUP },
		{ HEAD "setup: [map]\nsteps: [{remap: {to: 16MiB}}]\nmeasure: {for: 1ms}\n",
		  -ENOTSUP },
		{ HEAD "setup: [map]\nsteps: [{remap: {to: 16MiB}}, {remap: {to: 50% mapping}}]\n"
		       "measure: {iterations: 2}\n",
		  0 },
		{ HEAD "setup: [map, {remap: {to: 4MiB}}]\nsteps: [{remap: {to: 4MiB}}]\n"
		       "measure: {iterations: 2}\n",
		  0 },
		{ HEAD "steps: [map, {remap: {to: 16MiB}}, unmap]\nmeasure: {iterations: 2}\n", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		struct error err = { "" };
		struct assignment a;

		print_message("%s\n", vectors[i].text);
		assert_int_equal(resolve(vectors[i].text, &a, &err), vectors[i].result);
		if (vectors[i].result)
			assert_non_null(strstr(err.text, "mapping of 8MiB and leave one of 16MiB"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_repeated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
