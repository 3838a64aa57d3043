/* SPDX-License-Identifier: MIT */
/* Which cells need another repetition, round by round. */
#include "run/tracks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NR_CELLS 3

static const char text[] = "scenario: tracks\n"
			   "matrix: {size: [4KiB, 8KiB, 12KiB]}\n"
			   "steps: [map, unmap]\n"
			   "repetitions: {min: 6, max: 10, until: 10%}\n";

struct fixture {
	struct scenario *scenario;
	struct tracks *tracks;
	struct order_item items[NR_CELLS];
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	static struct host host = { .page_bytes = 4096 };

	assert_int_equal(scenario_load_text(text, strlen(text), "text", stderr, &f->scenario, NULL),
			 0);
	assert_int_equal(tracks_new(&f->tracks, f->scenario, &host), 0);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	tracks_free(f->tracks);
	scenario_free(f->scenario);
	free(f);
	return 0;
}

/* A repetition of the cell whose two steps took so long. */
static void add(struct fixture *f, uint64_t cell, unsigned int round, double ns)
{
	struct repetition r = { .cell = cell, .round = round, .nr_steps = 2 };

	r.steps[0].metric[0] = r.steps[1].metric[0] = ns;
	assert_int_equal(tracks_add(f->tracks, &r), 0);
}

static void test_all_until_min(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(tracks_count(f->tracks), NR_CELLS);
	for (unsigned int round = 0; round < 6; round++) {
		assert_int_equal(tracks_due(f->tracks, round, NULL, f->items), NR_CELLS);
		assert_int_equal(tracks_left(f->tracks), NR_CELLS * (6 - round));
		for (unsigned int i = 0; i < NR_CELLS; i++)
			add(f, f->items[i].cell, round, 100);
		assert_int_equal(tracks_left(f->tracks), NR_CELLS * (5 - round));
	}
	/* All values are equal: the interval has no width. */
	assert_int_equal(tracks_due(f->tracks, 6, NULL, f->items), 0);
}

static void test_wide_ones_go_on_to_max(void **state)
{
	struct fixture *f = *state;

	for (unsigned int round = 0; round < 10; round++) {
		size_t n = tracks_due(f->tracks, round, NULL, f->items);

		assert_int_equal(n, round < 6 ? NR_CELLS : 1);
		for (size_t i = 0; i < n; i++)
			/* Cell 1 wavers by far more than 10 %. */
			add(f, f->items[i].cell, round,
			    f->items[i].cell == 1 ? 100 + 50 * (round % 3) : 100 + round % 2);
	}
	assert_int_equal(tracks_due(f->tracks, 10, NULL, f->items), 0);
	assert_int_equal(tracks_left(f->tracks), 0);
}

static void test_skipped_once_is_skipped_for_good(void **state)
{
	struct fixture *f = *state;
	struct repetition r = { .cell = 2, .outcome = { .kind = OUTCOME_SKIPPED } };

	assert_int_equal(tracks_due(f->tracks, 0, NULL, f->items), NR_CELLS);
	assert_int_equal(tracks_add(f->tracks, &r), 0);
	assert_int_equal(tracks_left(f->tracks), 12);
	assert_int_equal(tracks_due(f->tracks, 1, NULL, f->items), 2);
}

/* A resumed run stopped inside round 0: its first cells are a round ahead. */
static void test_resumed_in_the_middle_of_a_round(void **state)
{
	struct fixture *f = *state;

	add(f, 0, 0, 100);
	assert_int_equal(tracks_due(f->tracks, 0, NULL, f->items), 2);
	assert_int_equal(f->items[0].cell, 1);
	assert_int_equal(f->items[1].cell, 2);
	assert_int_equal(tracks_due(f->tracks, 1, NULL, f->items), NR_CELLS);
}

static void test_unknown_cell(void **state)
{
	struct fixture *f = *state;
	struct repetition r = { .cell = 99 };

	assert_int_equal(tracks_add(f->tracks, &r), -ENOENT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_all_until_min),
		TEST(test_wide_ones_go_on_to_max),
		TEST(test_skipped_once_is_skipped_for_good),
		TEST(test_resumed_in_the_middle_of_a_round),
		TEST(test_unknown_cell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
