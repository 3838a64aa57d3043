/* SPDX-License-Identifier: MIT */
/* Samples of other programs: what is read of them, and what is said of those that cannot be. */
#include "base/cleanup.h"
#include "result/samples.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static int parse(const char *text, struct samples *ret, struct error *err)
{
	return samples_parse(text, strlen(text), "f", ret, err);
}

static void test_numbers(void **state)
{
	struct samples s;
	struct error err;

	(void)state;
	assert_int_equal(parse("# ms\n1.5\n\n  2e3 # slow\r\n\t+3\n.5", &s, &err), 0);
	assert_int_equal(s.nr_sets, 1);
	assert_string_equal(s.unit, "");
	assert_string_equal(s.sets[0].name, "");
	assert_int_equal(s.sets[0].n, 4);
	assert_true(s.sets[0].values[0] == 1.5 && s.sets[0].values[1] == 2000);
	assert_true(s.sets[0].values[2] == 3 && s.sets[0].values[3] == 0.5);
	assert_int_equal(s.sets[0].odd, 0);
	samples_free(&s);
	assert_int_equal(parse("\xef\xbb\xbf"
			       "7\n",
			       &s, &err),
			 0);
	assert_true(s.sets[0].n == 1 && s.sets[0].values[0] == 7);
	samples_free(&s);
}

static void test_odd_numbers(void **state)
{
	struct samples s;
	struct error err;

	(void)state;
	assert_int_equal(parse("1\n-2\n0\nnan\ninf\n", &s, &err), 0);
	assert_int_equal(s.sets[0].n, 5);
	assert_int_equal(s.sets[0].odd, 4);
	assert_string_equal(s.sets[0].where, "line 2: -2");
	assert_true(isnan(s.sets[0].values[3]) && isinf(s.sets[0].values[4]));
	samples_free(&s);
}

static void test_hyperfine(void **state)
{
	struct samples s;
	struct error err;

	(void)state;
	assert_int_equal(parse("{\"results\": [{\"command\": \"sleep 1\", \"mean\": 1,"
			       " \"times\": [1.25, 0.5], \"exit_codes\": [0, 1]},"
			       " {\"command\": \"b\", \"times\": [0]}]}",
			       &s, &err),
			 0);
	assert_int_equal(s.nr_sets, 2);
	assert_string_equal(s.unit, "ns");
	assert_string_equal(s.sets[0].name, "sleep 1");
	assert_true(s.sets[0].values[0] == 1.25e9 && s.sets[0].values[1] == 0.5e9);
	assert_int_equal(s.nr_failed, 1);
	assert_string_equal(s.sets[1].where, "results[1].times[0]: 0 s");
	assert_ptr_equal(samples_find(&s, "b"), &s.sets[1]);
	assert_null(samples_find(&s, "c"));
	samples_free(&s);
}

static void test_google_benchmark(void **state)
{
	struct samples s;
	struct error err;

	(void)state;
	assert_int_equal(
		parse("{\"context\": {\"num_cpus\": 2}, \"benchmarks\": ["
		      "{\"name\": \"BM/1\", \"run_name\": \"BM/1\", \"run_type\": \"iteration\","
		      " \"real_time\": 2.5, \"time_unit\": \"us\"},"
		      "{\"name\": \"BM/1\", \"run_name\": \"BM/1\", \"run_type\": \"iteration\","
		      " \"real_time\": 7, \"time_unit\": \"ns\"},"
		      "{\"name\": \"BM/1_mean\", \"run_name\": \"BM/1\", \"run_type\": "
		      "\"aggregate\", \"real_time\": 9, \"time_unit\": \"us\"},"
		      "{\"name\": \"BM/2\", \"error_occurred\": true, \"real_time\": 1,"
		      " \"time_unit\": \"ns\"},"
		      "{\"name\": \"BM/3\", \"real_time\": 1, \"time_unit\": \"s\"}]}",
		      &s, &err),
		0);
	assert_int_equal(s.nr_sets, 2);
	assert_int_equal(s.sets[0].n, 2);
	assert_true(s.sets[0].values[0] == 2500 && s.sets[0].values[1] == 7);
	assert_true(s.sets[1].values[0] == 1e9);
	assert_int_equal(s.nr_aggregates, 1);
	assert_int_equal(s.nr_failed, 1);
	samples_free(&s);
}

static void test_mistakes(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "", "f: holds no number" },
		{ " \n# nothing\n", "f: holds no number" },
		{ "1\ntwo\n", "f:2: \"two\" is not a number" },
		{ "1\n2 3\n", "f:2: \"2 3\" is not a number" },
		{ "1,5\n", "f:1: \"1,5\" is not a number" },
		{ "0x10\n", "f:1: \"0x10\" is not a number" },
		{ "1ms\n", "f:1: \"1ms\" is not a number" },
		{ "1e999\n", "f:1: 1e999 is beyond what a double holds" },
		{ "{", "f:1:2: is not valid JSON from here" },
		{ "{}", "f: is neither hyperfine's JSON" },
		{ "[1, 2]", "f: is neither hyperfine's JSON" },
		{ "{\"results\": []}", "f: holds no benchmark" },
		{ "{\"results\": 1}", "f:1:13: is not valid JSON from here" },
		{ "{\"results\": [1]}", "f: results[0]: is no object" },
		{ "{\"results\": [{}]}", "f: results[0]: has no \"command\"" },
		{ "{\"results\": [{\"command\": \"a\", \"mean\": 1}]}",
		  "f: results[0]: has no list of \"times\"" },
		{ "{\"results\": [{\"command\": \"a\", \"times\": [null]}]}",
		  "f: results[0]: has a time that is no number" },
		{ "{\"results\": [{\"command\": \"a\", \"times\": []}]}",
		  "f: holds no number for a" },
		{ "{\"results\": [{\"command\": \"a\", \"times\": [1]},"
		  " {\"command\": \"a\", \"times\": [1]}]}",
		  "f: results[1]: is a second result of the same command" },
		{ "{\"results\": [{\"command\": \"a\", \"times\": [1]}]} x",
		  "is not valid JSON from here" },
		{ "{\"benchmarks\": [{}]}", "f: benchmarks[0]: has no \"name\"" },
		{ "{\"benchmarks\": [{\"name\": \"a\"}]}", "its \"real_time\" is missing" },
		{ "{\"benchmarks\": [{\"name\": \"a\", \"real_time\": 1}]}",
		  "its \"time_unit\" is none of" },
		{ "{\"benchmarks\": [{\"name\": \"a\", \"run_type\": \"aggregate\"}]}",
		  "f: holds only aggregates" },
		{ "{\"overmap\": \"result\", \"schema\": 1}", "f: is a result of overmap" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct samples s = { .unit = "kept" };
		struct error err = { "" };

		assert_int_not_equal(parse(cases[i].text, &s, &err), 0);
		assert_string_equal(s.unit, "kept");
		if (!strstr(err.text, cases[i].says))
			fail_msg("%s: \"%s\" lacks \"%s\"", cases[i].text, err.text, cases[i].says);
	}
}

static void test_zero_byte(void **state)
{
	struct samples s;
	struct error err;

	(void)state;
	assert_int_equal(samples_parse("1\n2\0003\n", 6, "f", &s, &err), -EINVAL);
	assert_string_equal(err.text, "f:2: a zero byte: the file is no text");
}

static void test_no_file(void **state)
{
	struct samples s;
	struct error err;

	(void)state;
	assert_int_equal(samples_read("/nonexistent/x", &s, &err), -ENOENT);
	assert_int_equal(samples_read("/", &s, &err), -EISDIR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),   cmocka_unit_test(test_odd_numbers),
		cmocka_unit_test(test_hyperfine), cmocka_unit_test(test_google_benchmark),
		cmocka_unit_test(test_mistakes),  cmocka_unit_test(test_zero_byte),
		cmocka_unit_test(test_no_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
