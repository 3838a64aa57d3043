/* SPDX-License-Identifier: MIT */
/* Adaptive repetition: who needs another round after each look. */
#include "base/cleanup.h"
#include "base/random.h"
#include "run/adaptive.h"
#include "run/tracks.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Cells 0 and 1: a; 2 and 3: b. The first size is 1MiB. */
static const char source[] = "scenario: s\n"
			     "matrix:\n"
			     "  settings: [{name: a}, {name: b}]\n"
			     "  size: [1MiB, 2MiB]\n"
			     "steps: [map, unmap]\n"
			     "repetitions: {compare: settings, margin: 1%}\n";

static struct scenario *load(const char *text)
{
	struct scenario *s = NULL;

	assert_int_equal(scenario_load_text(text, strlen(text), "s.yaml", stderr, &s, NULL), 0);
	return s;
}

/* A round: b takes factor[size] times as long, noise is ± half of noise[size]. */
static void play(struct tracks *t, const struct order_item *items, size_t n, unsigned int round,
		 struct random *r, const double factor[2], const double noise[2])
{
	uint64_t first = random_below(r, 2);

	for (size_t k = 0; k < n; k++) {
		uint64_t cell = items[k].cell, size = cell % 2, b = cell / 2;
		struct repetition rep = { .cell = cell, .round = round, .nr_steps = 2 };
		double value = 1000 * (b ? factor[size] : 1);

		rep.sequence = (uint64_t)round * 8 + (b ^ first);
		for (unsigned int i = 0; i < 2; i++)
			rep.steps[i].metric[0] = value * (1 + (random_unit(r) - 0.5) * noise[size]);
		assert_int_equal(tracks_add(t, &rep), 0);
	}
}

/* How many repetitions each cell had when no more was due. */
static void run(const char *text, const double factor[2], const double noise[2], uint32_t ret[4])
{
	struct scenario *s = load(text);
	struct random r = { .state = 7 };
	struct order_item items[4];
	struct tracks *t;
	struct host host;

	memset(ret, 0, 4 * sizeof(*ret));
	assert_int_equal(host_read(&host, NULL), 0);
	assert_int_equal(tracks_new(&t, s, &host), 0);
	for (unsigned int round = 0; round < s->repetitions.max; round++) {
		size_t n = tracks_due(t, round, NULL, items);

		for (size_t i = 0; i < n; i++)
			ret[items[i].cell]++;
		play(t, items, n, round, &r, factor, noise);
	}
	tracks_free(t);
	scenario_free(s);
}

static void test_clear(void **state)
{
	static const double factor[] = { 1.5, 1 }, noise[] = { 0.01, 0.01 };
	uint32_t n[4];

	(void)state;
	run(source, factor, noise, n);
	for (int i = 0; i < 4; i++)
		assert_int_equal(n[i], 16);
}

static void test_one_is_noisy(void **state)
{
	static const double factor[] = { 1.5, 1 }, noise[] = { 0.01, 1 };
	uint32_t n[4];

	(void)state;
	run(source, factor, noise, n);
	assert_int_equal(n[0], 16);
	assert_int_equal(n[2], 16);
	assert_int_equal(n[1], 64);
	assert_int_equal(n[3], 64);
}

static void test_second_look(void **state)
{
	static const double factor[] = { 1, 1 }, noise[] = { 0.036, 0.01 };
	uint32_t n[4];

	(void)state;
	run(source, factor, noise, n);
	assert_int_equal(n[0], 32);
	assert_int_equal(n[2], 32);
	assert_int_equal(n[1], 16);
}

/* Beyond 64 pairs too the last look is the end: what it may spend is not spent at 64 before. */
static void test_last_look_is_the_end(void **state)
{
	static const double factor[] = { 1, 1 }, noise[] = { 0.055, 0.01 };
	AUTO_FREE char *longer = NULL;
	uint32_t n[4];

	(void)state;
	assert_true(asprintf(&longer, "%.*s, max: 100}\n", (int)(strlen(source) - 2), source) > 0);
	run(longer, factor, noise, n);
	assert_int_equal(n[0], 100);
	assert_int_equal(n[2], 100);
	assert_int_equal(n[1], 16);
}

/* The plan: what it is, and what of it cannot be. */
static void test_plan(void **state)
{
	struct scenario *s = load(source);

	(void)state;
	assert_int_equal(s->repetitions.min, 16);
	assert_int_equal(s->repetitions.max, 64);
	assert_true(s->repetitions.margin == 0.01 && s->repetitions.power == 0.8);
	assert_int_equal(scenario_comparisons(s), 4);
	scenario_free(s);
}

static void test_mistakes(void **state)
{
	static const struct {
		const char *repetitions, *says;
	} cases[] = {
		{ "{compare: settings, max: 8}",
		  "4 comparisons cannot reach a verdict with 8 pairs: they need 11" },
		{ "{compare: settings, min: 3}", "remove 'min'" },
		{ "{compare: settings, until: 2%}", "remove 'until'" },
		{ "{compare: flags}", "'flags' has one value" },
		{ "{compare: flag}", "flags" },
		{ "{margin: 1%}", "'margin' without 'compare'" },
		{ "{compare: settings, power: 20%}", "choose 50% to 99.9%" },
		{ "{compare: settings, margin: 1}", "margin" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		AUTO_FREE char *text = NULL, *said = NULL;
		struct scenario *s = NULL;
		size_t length;
		FILE *messages = open_memstream(&said, &length);

		assert_non_null(messages);
		assert_true(asprintf(&text, "%.*s%s\n", (int)(strstr(source, "{compare") - source),
				     source, cases[i].repetitions) > 0);
		assert_int_not_equal(
			scenario_load_text(text, strlen(text), "s.yaml", messages, &s, NULL), 0);
		fclose(messages);
		if (!strstr(said, cases[i].says))
			fail_msg("%s: \"%s\" lacks \"%s\"", cases[i].repetitions, said,
				 cases[i].says);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clear),       cmocka_unit_test(test_one_is_noisy),
		cmocka_unit_test(test_second_look), cmocka_unit_test(test_last_look_is_the_end),
		cmocka_unit_test(test_plan),        cmocka_unit_test(test_mistakes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
