/* SPDX-License-Identifier: MIT */
/* Who else measures here, as /proc tells. */
#include "sys/neighbour.h"

#include "base/cleanup.h"
#include "tests/sys/fake_root.h"

/* The words of a command line, each with its NUL. */
static void process(const struct fake_root *f, int pid, const char *comm, const char *words,
		    size_t length)
{
	char path[96], full[320];
	FILE *file;

	snprintf(path, sizeof(path), "/%d/comm", pid);
	fake_file(f, path, comm);
	snprintf(full, sizeof(full), "%s/%d/cmdline", f->root, pid);
	file = fopen(full, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(words, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
}

static void finds_who_measures(void **state)
{
	static const struct {
		const char *comm, *words;
		size_t length;
		pid_t expected;
	} cases[] = {
#define WORDS(text) text, sizeof(text)
		{ "overmap\n", WORDS("build/overmap\0run\0x.yaml"), 7 },
		{ "overmap\n", WORDS("overmap\0selftest\0aa"), 7 },
		{ "overmap\n", WORDS("/usr/local/bin/overmap\0ceiling"), 7 },
		{ "overmap\n", WORDS("overmap\0show\0run.json"), 0 },
		{ "overmap\n", WORDS("overmap"), 0 },
		{ "overmap\n", WORDS(""), 0 },
		{ "bash\n", WORDS("overmap\0run"), 0 },
#undef WORDS
	};
	const struct fake_root *f = *state;

	fake_file(f, "/meminfo", "MemTotal: 1 kB\n");
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		process(f, 7, cases[i].comm, cases[i].words, cases[i].length);
		assert_int_equal(neighbour_find_at(f->root, 8), cases[i].expected);
		assert_int_equal(neighbour_find_at(f->root, 7), 0); /* itself */
	}
}

/* A long command line is cut behind the words that count. */
static void long_command_lines(void **state)
{
	const struct fake_root *f = *state;
	char words[2000] = "overmap\0run";

	memset(words + 12, 'x', sizeof(words) - 12);
	process(f, 7, "overmap\n", words, sizeof(words));
	assert_int_equal(neighbour_find_at(f->root, 8), 7);
	assert_int_equal(neighbour_find_at("/nonexistent", 8), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(finds_who_measures, fake_setup, fake_teardown),
		cmocka_unit_test_setup_teardown(long_command_lines, fake_setup, fake_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
