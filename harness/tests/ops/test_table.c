/* SPDX-License-Identifier: MIT */
/* Every row of the table says all that parser, help, list and results need of it. */
#include "ops/op.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const units[] = { "ns", "1/s", "B/s", "B", "1", NULL };

static bool known(const char *const *words, const char *word)
{
	for (; *words; words++)
		if (strcmp(*words, word) == 0)
			return true;
	return false;
}

/* Small letters, digits, '-' and '_': what a key of a file may be. */
static void check_name(const char *name)
{
	assert_true(name && *name);
	for (; *name; name++)
		assert_true(islower(*name) || isdigit(*name) || *name == '-' || *name == '_');
}

static void check_help(const char *help)
{
	assert_non_null(help);
	assert_in_range(strlen(help), 5, 160);
	assert_int_not_equal(help[strlen(help) - 1], '.');
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; ops[i]; i++) {
		check_name(ops[i]->name);
		check_help(ops[i]->help);
		assert_non_null(ops[i]->step);
		if (ops[i]->event)
			check_name(ops[i]->event);
		assert_ptr_equal(op_find(ops[i]->name), ops[i]);
		assert_string_equal(op_names()[i], ops[i]->name);
		/* What is made is unmade. */
		assert_true(!ops[i]->prepare || ops[i]->finish);
	}
	assert_null(op_find("no-such-op"));
}

static void check_initial(const struct op *op, const struct arg *arg)
{
	struct arg_value value = { false };
	struct error err = { "" };

	if (arg->initial && arg_parse(arg, arg->initial, &value, &err))
		fail_msg("%s %s: %s", op->name, arg->name, err.text);
	if (arg->type == ARG_WORDS)
		free(value.words);
}

static void test_arguments(void **state)
{
	(void)state;
	for (size_t i = 0; ops[i]; i++) {
		unsigned int n = 0;

		for (const struct arg *arg = ops[i]->args; arg && arg->name; arg++, n++) {
			check_name(arg->name);
			check_help(arg->help);
			assert_ptr_equal(arg_find(ops[i]->args, arg->name), arg);
			/* The condition that every step may have. */
			assert_string_not_equal(arg->name, "when");
			assert_true((arg->type == ARG_CHOICE) == (arg->choices != NULL));
			check_initial(ops[i], arg);
		}
		assert_in_range(n, 0, ARGS_MAX);
	}
}

static void test_metrics(void **state)
{
	(void)state;
	for (size_t i = 0; ops[i]; i++) {
		unsigned int n = 0;

		for (const struct metric *m = ops[i]->metrics; m && m->name; m++, n++) {
			check_name(m->name);
			check_help(m->help);
			assert_true(known(units, m->unit));
			assert_in_range(m->better, BETTER_LOWER, BETTER_NEITHER);
			assert_in_range(m->slot, 0, METRICS_MAX - 1);
			assert_in_range(m->count, 0, COUNTS - 1);
			for (const struct metric *k = ops[i]->metrics; k < m; k++)
				assert_string_not_equal(k->name, m->name);
			if (m->kind == METRIC_RATE)
				assert_non_null(strstr(m->unit, "/s"));
			if (m->kind == METRIC_TIME || m->kind == METRIC_TIME_PER)
				assert_string_equal(m->unit, "ns");
		}
		assert_in_range(n, 1, METRICS_MAX);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_metrics),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
