/* SPDX-License-Identifier: MIT */
#include "result/json.h"
#include "result/json_walk.h"

#include "base/cleanup.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_doubles(void **state)
{
	static const struct {
		double value;
		const char *text;
	} vectors[] = {
		{ 0, "0" },
		{ -0.0, "-0" },
		{ 1, "1" },
		{ 0.1, "0.1" },
		{ 0.1 + 0.2, "0.30000000000000004" },
		{ 1.0 / 3, "0.3333333333333333" },
		{ 2150.5, "2150.5" },
		{ 9007199254740992.0, "9007199254740992" },
		{ 1e300, "1e+300" },
		{ 5e-324, "4.94065645841247e-324" },
		{ NAN, "null" },
		{ INFINITY, "null" },
		{ -INFINITY, "null" },
	};
	char text[JSON_DOUBLE_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		assert_string_equal(json_format_double(vectors[i].value, text), vectors[i].text);
		if (isfinite(vectors[i].value))
			assert_true(strtod(text, NULL) == vectors[i].value);
	}
}

static void test_text(void **state)
{
	static const struct {
		const char *text, *printed;
	} vectors[] = {
		{ "", "\"\"" },
		{ "a\"b\\c\n", "\"a\\\"b\\\\c\\n\"" },
		{ "\x01", "\"\\u0001\"" },
		{ "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
		  "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"" },
		{ "\xff", "\"\xef\xbf\xbd\"" },                                 /* no lead byte */
		{ "\xc0\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\"" },                 /* overlong */
		{ "a\xe2\x82", "\"a\xef\xbf\xbd\xef\xbf\xbd\"" },               /* cut */
		{ "\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" }, /* surrogate */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		cJSON *item = json_text(vectors[i].text);
		char *printed = json_print(item);

		assert_non_null(printed);
		assert_string_equal(printed, vectors[i].printed);
		free(printed);
		cJSON_Delete(item);
	}
}

static void test_exact(void **state)
{
	static const struct {
		const char *text;
		uint64_t value;
	} vectors[] = {
		{ "{\"n\":18446744073709551615}", UINT64_MAX },
		{ "{ \"m\": 1, \"n\" : 9007199254740993 }", 9007199254740993u },
		{ "{\"m\":\"\\\"n\\\":5\",\"n\":6}", 6 }, /* in a string it is no member */
		{ "{\"m\":\"n\",\"n\":7}", 7 },
		{ "{\"n\":1.5}", 99 },
		{ "{\"n\":1e3}", 99 },
		{ "{\"n\":-1}", 99 },
		{ "{\"n\":null}", 99 },
		{ "{\"nn\":1}", 99 },
		{ "{}", 99 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		struct json_slice text = { vectors[i].text, strlen(vectors[i].text) };

		assert_true(json_exact_u64(text, "n", 99) == vectors[i].value);
	}
}

/* Values of an array stepped over, by skipping (s) or by parsing (p): n values, or wrong at. */
static void test_walk(void **state)
{
	static const struct {
		const char *text;
		int n, wrong; /* −1: not wrong */
		bool skip;
	} vectors[] = {
		{ "[]", 0, -1, false },
		{ " [ 1 , 2 ] ", 2, -1, false },
		{ "[[1,[2]],{\"a\":\"]}\"},3]", 3, -1, true },
		{ "[\"a\\\"]\",\"\\\\\"]", 2, -1, true },
		{ "[1 2]", 1, 3, false },
		{ "[1,]", 1, 3, false },
		{ "[1", 1, 2, false },
		{ "[[1", 0, 3, true },
		{ "[\"a", 0, 3, true },
		{ "{\"a\":1}", 0, 1, false }, /* an object is no array */
		{ "7", 0, 0, false },
		{ "", 0, 0, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		const char *text = vectors[i].text;
		struct json_walk w;
		int n = 0;

		json_walk_begin(&w, (struct json_slice){ text, strlen(text) });
		while (json_walk_next(&w, NULL)) {
			if (vectors[i].skip)
				json_walk_skip(&w, NULL);
			else
				cJSON_Delete(json_walk_parse(&w, NULL));
			n += !w.error;
		}
		if (n != vectors[i].n ||
		    (w.error ? w.error - text : -1) != (ptrdiff_t)vectors[i].wrong)
			fail_msg("%s: %d values, wrong at %td", text, n,
				 w.error ? w.error - text : (ptrdiff_t)-1);
		assert_true(w.error || json_walk_at_end(&w));
	}
}

/* What a terminal would obey is a mark; what a scenario's text may hold stays. */
static void test_harmless(void **state)
{
	static const struct {
		const char *text, *expected;
	} vectors[] = {
		{ "[\"plain \\u00b5s\"]", "plain \xc2\xb5s" },
		{ "[\"\\u001b[31mred\"]", "?[31mred" },
		{ "[\"\x1b[31mred\"]", "?[31mred" },
		{ "[\"a\\u009b31m\"]", "a??31m" },
		{ "[\"a\\bb\\rc\\u007f\"]", "a?b?c?" },
		{ "[\"a\x0e\x07\x05\x0b\x0c"
		  "b\\f\"]",
		  "a?????b?" },
		{ "[\"a\x9b"
		  "31m\x80 \xe2\x82\xac\xe2\x82\"]",
		  "a?31m? \xe2\x82\xac??" },
		{ "[\"a\\r\\nb\\n\\tc\"]", "a\r\nb\n\tc" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		struct json_slice text = { vectors[i].text, strlen(vectors[i].text) };
		struct json_walk w;
		cJSON *item;

		json_walk_begin(&w, text);
		assert_true(json_walk_next(&w, NULL));
		item = json_walk_parse(&w, NULL);
		assert_non_null(item);
		assert_string_equal(item->valuestring, vectors[i].expected);
		cJSON_Delete(item);
	}
}

static void test_position(void **state)
{
	static const char text[] = "ab\nc\n\nd";
	struct json_position p = json_position(text, text + 6);

	(void)state;
	assert_int_equal(p.line, 4);
	assert_int_equal(p.column, 1);
	p = json_position(text, text + 1);
	assert_int_equal(p.line, 1);
	assert_int_equal(p.column, 2);
}

static void *no_memory(size_t bytes)
{
	(void)bytes;
	return NULL;
}

/* Memory that runs out half-way never passes as a shorter document. */
static void test_out_of_memory(void **state)
{
	cJSON_Hooks none = { no_memory, free };
	cJSON *object = cJSON_CreateObject(), *inner = json_add_object(object, "inner");

	(void)state;
	json_add_u64(inner, "a", 1);
	cJSON_InitHooks(&none);
	json_add_u64(inner, "b", 2);
	cJSON_InitHooks(NULL);
	assert_null(json_print(object));
	cJSON_Delete(object);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_doubles),       cmocka_unit_test(test_text),
		cmocka_unit_test(test_exact),         cmocka_unit_test(test_walk),
		cmocka_unit_test(test_harmless),      cmocka_unit_test(test_position),
		cmocka_unit_test(test_out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
