/* SPDX-License-Identifier: MIT */
/* Typed arguments: parsed, refused with a remedy, formatted back. */
#include "base/arg.h"

#include "base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

static const char *const orders[] = { "sequential", "random", "stride", NULL };

static const struct arg table[] = {
	{ .name = "amount", .type = ARG_SIZE },
	{ .name = "times", .type = ARG_COUNT, .minimum = 1, .maximum = 64 },
	{ .name = "any", .type = ARG_COUNT },
	{ .name = "order", .type = ARG_CHOICE, .choices = orders },
	{ .name = "pause", .type = ARG_DURATION },
	{ .name = "nodes", .type = ARG_WORDS },
	{ .name = "place", .type = ARG_ADDRESS },
	{ .name = "share", .type = ARG_SHARE },
	{ .name = "piece",
	  .type = ARG_SIZE,
	  .initial = "64KiB",
	  .minimum = 1,
	  .multiple = ARG_PAGE },
	{ 0 },
};

static void finds_rows(void **state)
{
	(void)state;
	assert_ptr_equal(arg_find(table, "amount"), &table[0]);
	assert_ptr_equal(arg_find(table, "nodes"), &table[5]);
	assert_null(arg_find(table, "amounts"));
	assert_null(arg_find(NULL, "amount"));
}

static void parses_and_formats(void **state)
{
	static const struct {
		const char *name, *text, *canonical;
	} vectors[] = {
		{ "amount", "2048KiB", "2MiB" },
		{ "amount", "50% mapping", "50% mapping" },
		{ "times", "1", "1" },
		{ "times", "64", "64" },
		{ "any", "18446744073709551615", "18446744073709551615" },
		{ "any", "0", "0" },
		{ "order", "random", "random" },
		{ "pause", "1.5ms", "1500000ns" },
		{ "nodes", "0,1", "0,1" },
		{ "place", "256GiB", "256GiB" },
		{ "share", "2%", "2%" },
		{ "share", "0.25%", "0.25%" },
		{ "piece", "8KiB", "8KiB" },
		{ "piece", "3 pages", "3 pages" },
		{ "piece", "0.001% ram", "0.001% ram" }, /* held against that when it is known */
		{ "place", "0x4000000000", "256GiB" },
		{ "place", "0x7f0000001000", "0x7f0000001000" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		const struct arg *arg = arg_find(table, vectors[i].name);
		struct arg_value value;
		struct error err;
		char text[96];

		assert_int_equal(arg_parse(arg, vectors[i].text, &value, &err), 0);
		assert_true(value.given);
		assert_string_equal(arg_format(arg, &value, text, sizeof(text)),
				    vectors[i].canonical);
		if (arg->type == ARG_WORDS)
			free(value.words);
	}
}

static void refuses(void **state)
{
	static const struct {
		const char *name, *text;
		int result;
		const char *remedy;
	} vectors[] = {
		{ "amount", "2M", -EINVAL, "2MiB" },
		{ "times", "0", -ERANGE, "at least 1" },
		{ "times", "65", -ERANGE, "at most 64" },
		{ "times", "many", -EINVAL, "whole number" },
		{ "any", "-1", -EINVAL, "whole number" },
		{ "order", "randon", -EINVAL, "did you mean \"random\"" },
		{ "order", "upside-down", -EINVAL, "choose sequential, random or stride" },
		{ "order", "", -EINVAL, "choose" },
		{ "pause", "5", -EINVAL, "5s" },
		{ "share", "-5%", -EINVAL, "try 2%" },
		{ "share", "5", -EINVAL, "try 2%" },
		{ "share", "100000001%", -ERANGE, "at most 100000000%" },
		{ "piece", "0", -ERANGE, "try 64KiB" },
		{ "piece", "3KiB", -EINVAL, "try 64KiB" },
		{ "place", "4096", -EINVAL, "try 0x4000000000" },
		{ "place", "0x10000000000000000", -ERANGE, "2^64" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		struct arg_value value = { .count = 42 };
		struct error err = { "" };

		assert_int_equal(
			arg_parse(arg_find(table, vectors[i].name), vectors[i].text, &value, &err),
			vectors[i].result);
		if (!strstr(err.text, vectors[i].remedy))
			fail_msg("%s: %s", vectors[i].text, err.text);
		assert_false(value.given);
		assert_int_equal(value.count, 42);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_rows),
		cmocka_unit_test(parses_and_formats),
		cmocka_unit_test(refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
