/* SPDX-License-Identifier: MIT */
/* The nearest word, and lists for messages. */
#include "base/text.h"

#include "base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static const char *const words[] = { "hugepages", "overcommit", "flags", "size", "numa", NULL };

static void finds_the_nearest(void **state)
{
	static const struct {
		const char *word, *nearest;
	} vectors[] = {
		{ "hugepage", "hugepages" },
		{ "hugpages", "hugepages" },
		{ "hgueapges", "hugepages" },
		{ "HUGEPAGES", "hugepages" },
		{ "overcomit", "overcommit" },
		{ "MAP_FLAGS", "flags" }, /* as C has it */
		{ "MPOL_F_NUMA", "numa" },
		{ "MAPFLAGS", NULL },
		{ "MAP_", NULL },
		{ "flasg", "flags" }, /* swapped neighbours */
		{ "flag", "flags" },
		{ "siez", "size" },
		{ "size", "size" },
		{ "elephant", NULL },
		{ "", NULL },
		{ "x", NULL },
		{ "hugetlbfs-pages", NULL },
	};
	char long_word[200];

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		const char *nearest = text_nearest(vectors[i].word, words);

		if (!vectors[i].nearest)
			assert_null(nearest);
		else
			assert_string_equal(nearest ? nearest : "(none)", vectors[i].nearest);
	}
	memset(long_word, 'a', sizeof(long_word) - 1);
	long_word[sizeof(long_word) - 1] = '\0';
	assert_null(text_nearest(long_word, words));
}

static void lists(void **state)
{
	static const char *const one[] = { "a", NULL }, *const two[] = { "a", "b", NULL },
				 *const none[] = { NULL };
	char text[64], small[8];

	(void)state;
	assert_string_equal(text_alternatives(none, text, sizeof(text)), "");
	assert_string_equal(text_alternatives(one, text, sizeof(text)), "a");
	assert_string_equal(text_alternatives(two, text, sizeof(text)), "a or b");
	assert_string_equal(text_alternatives(words, text, sizeof(text)),
			    "hugepages, overcommit, flags, size or numa");
	assert_string_equal(text_alternatives(words, small, sizeof(small)), "hugepag");
}

static void measures_utf8(void **state)
{
	static const struct {
		const char *text;
		size_t length;
	} vectors[] = {
		{ "", 1 },
		{ "a\xc2", 1 },
		{ "\xc2\xb5s", 2 },
		{ "\xe2\x82\xac", 3 },
		{ "\xf0\x9f\x98\x80", 4 },
		{ "\x80", 0 },
		{ "\xc1\xbf", 0 },
		{ "\xe2\x82", 0 },
		{ "\xe0\x9f\xbf", 0 },
		{ "\xed\xa0\x80", 0 },
		{ "\xf4\x90\x80\x80", 0 },
		{ "\xff", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++)
		if (text_utf8_length(vectors[i].text) != vectors[i].length)
			fail_msg("%zu: %zu", i, text_utf8_length(vectors[i].text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_the_nearest),
		cmocka_unit_test(lists),
		cmocka_unit_test(measures_utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
