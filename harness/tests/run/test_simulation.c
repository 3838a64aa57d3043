/* SPDX-License-Identifier: MIT */
/*
 * A run on a made-up machine, its time limited: who gets the rounds that are left after the first,
 * that pairs stay pairs, and that 5 % stay 5 % although what is noisy is measured more often.
 */
#include "run/tracks.h"

#include "base/random.h"
#include "stats/compare.h"
#include "tests/stats/near.h"

#define CELLS_MAX   10
#define EXPERIMENTS 1000

/* At a true rate of 5 %, more than this of 1,000 happens once in 1,000 times. */
#define FALSE_MAX 73

/* The sizes of a comparison: cell i is baseline i, cell NR_SIZES + i what is held against it. */
#define NR_SIZES 4

static const char narrow[] = "scenario: s\n"
			     "matrix: {size: [4KiB, 8KiB, 12KiB]}\n"
			     "steps: [map]\n"
			     "repetitions: {min: 6, max: 40, until: 1%}\n";

static const char versus[] = "scenario: s\n"
			     "matrix:\n"
			     "  settings: [{name: a}, {name: b}]\n"
			     "  size: [4KiB, 8KiB, 12KiB, 16KiB]\n"
			     "steps: [map]\n"
			     "repetitions: {compare: settings, margin: 1%}\n";

/* What a made-up machine measures, and what became of a run on it. */
struct play {
	struct scenario *scenario;
	struct tracks *tracks;
	struct random random;
	double noise[CELLS_MAX];  /* of a cell's values, in logarithms */
	double factor[CELLS_MAX]; /* that they are larger by */
	double cost_ns[CELLS_MAX];
	double spent_ns;
	uint32_t n[CELLS_MAX];
	double *values[CELLS_MAX]; /* of each round; NaN: it had no turn */
	uint64_t *order[CELLS_MAX];
	unsigned int rounds, room;
	uint64_t sequence;
};

static void play_open(struct play *p, const char *text, uint64_t seed)
{
	static const struct host host = { .page_bytes = 4096 };

	*p = (struct play){ .random = { seed }, .room = 1000 };
	assert_int_equal(
		scenario_load_text(text, strlen(text), "s.yaml", stderr, &p->scenario, NULL), 0);
	assert_int_equal(tracks_new(&p->tracks, p->scenario, &host), 0);
	for (size_t i = 0; i < CELLS_MAX; i++) {
		p->factor[i] = p->cost_ns[i] = 1;
		p->values[i] = calloc(p->room, sizeof(double));
		p->order[i] = calloc(p->room, sizeof(uint64_t));
		assert_true(p->values[i] && p->order[i]);
	}
}

static void play_close(struct play *p)
{
	tracks_free(p->tracks);
	scenario_free(p->scenario);
	for (size_t i = 0; i < CELLS_MAX; i++) {
		free(p->values[i]);
		free(p->order[i]);
	}
}

static double normal(struct random *r)
{
	return sqrt(-2 * log(1 - random_unit(r))) * cos(2 * M_PI * random_unit(r));
}

static void visit(struct play *p, uint64_t cell, unsigned int round)
{
	struct repetition r = {
		.cell = cell,
		.round = round,
		.sequence = p->sequence++,
		.elapsed_ns = (uint64_t)(1000 * p->cost_ns[cell]),
		.nr_steps = 1,
	};

	r.steps[0].metric[0] = 1000 * p->factor[cell] * exp(p->noise[cell] * normal(&p->random));
	p->values[cell][round] = r.steps[0].metric[0];
	p->order[cell][round] = r.sequence;
	p->n[cell]++;
	p->spent_ns += (double)r.elapsed_ns;
	assert_int_equal(tracks_add(p->tracks, &r), 0);
}

/* One round; false: the run is over. */
static bool play_round(struct play *p, double limit_ns, struct tracks_time *ret)
{
	struct order_item items[CELLS_MAX];
	unsigned int round = p->rounds++;
	size_t n;

	assert_true(round < p->room);
	*ret = (struct tracks_time){ .left_ns = limit_ns - p->spent_ns };
	n = tracks_due(p->tracks, round, limit_ns > 0 ? ret : NULL, items);
	for (size_t i = 0; i < CELLS_MAX; i++)
		p->values[i][round] = NAN;
	assert_int_equal(order_round(items, n, 7, round), 0);
	for (size_t i = 0; i < n; i++)
		visit(p, items[i].cell, round);
	return n;
}

static void play_all(struct play *p, double limit_ns)
{
	struct tracks_time time;

	while (play_round(p, limit_ns, &time)) {
	}
}

/* Every round's cells, of a comparison: both or none. */
static void assert_pairs(const struct play *p)
{
	for (unsigned int round = 0; round < p->rounds; round++)
		for (size_t i = 0; i < NR_SIZES; i++)
			assert_int_equal(isnan(p->values[i][round]),
					 isnan(p->values[NR_SIZES + i][round]));
}

/* The first round comes whatever is left; then nothing that does not fit, below the minimum too. */
static void test_whole_rounds_first(void **state)
{
	struct tracks_time time;
	struct play p;

	(void)state;
	play_open(&p, narrow, 1);
	for (size_t i = 0; i < 3; i++)
		p.noise[i] = 0.1;
	assert_true(play_round(&p, 1, &time));
	assert_false(play_round(&p, p.spent_ns + 2999, &time));
	assert_true(time.over);
	assert_int_equal(tracks_unsettled(p.tracks), 3);
	p.rounds = 1;
	for (unsigned int round = 1; round < 6; round++)
		assert_true(play_round(&p, p.spent_ns + 3000, &time));
	assert_false(time.over);
	assert_false(play_round(&p, p.spent_ns + 999, &time));
	assert_true(time.over);
	assert_true(play_round(&p, p.spent_ns + 1000, &time));
	assert_false(time.over);
	assert_int_equal(p.n[0] + p.n[1] + p.n[2], 19);
	assert_int_equal(tracks_unsettled(p.tracks), 3);
	play_close(&p);
}

/* Where it narrows most: the noisy one; of two alike the cheaper; the quiet one has had enough. */
static void test_narrows_most(void **state)
{
	struct play p;

	(void)state;
	play_open(&p, narrow, 2);
	p.noise[0] = 0.001;
	p.noise[1] = p.noise[2] = 0.05;
	p.cost_ns[2] = 8;
	play_all(&p, 150e3);
	assert_int_equal(p.n[0], 6);
	assert_true(p.n[1] > 2 * p.n[2] && p.n[2] > 6);
	assert_true(p.spent_ns <= 150e3 && p.spent_ns > 141e3);
	assert_int_equal(tracks_unsettled(p.tracks), 2);
	play_close(&p);
}

/* Time enough is as no limit. */
static void test_enough_time(void **state)
{
	struct play limited, free_one;

	(void)state;
	play_open(&limited, narrow, 3);
	play_open(&free_one, narrow, 3);
	limited.noise[1] = free_one.noise[1] = 1;
	play_all(&limited, 1e9);
	play_all(&free_one, 0);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(limited.n[i], free_one.n[i]);
	assert_int_equal(limited.n[1], 40);
	assert_int_equal(tracks_unsettled(limited.tracks), 1);
	play_close(&limited);
	play_close(&free_one);
}

/* A comparison's two go together; a look comes by pairs, not by rounds. */
static void test_comparisons(void **state)
{
	struct play p;

	(void)state;
	play_open(&p, versus, 6);
	/* Clear at once; clear at the second look; never, and never at four times the price. */
	for (size_t i = 0; i < 2 * NR_SIZES; i++)
		p.noise[i] = (double[]){ 0.005, 0.5, 0.5, 0.5 }[i % NR_SIZES];
	p.factor[NR_SIZES] = 1.5;
	p.factor[NR_SIZES + 1] = 1.75;
	p.cost_ns[3] = p.cost_ns[NR_SIZES + 3] = 4;
	play_all(&p, 620e3);
	assert_pairs(&p);
	assert_int_equal(p.n[0], 16);
	assert_int_equal(p.n[1], 32);
	assert_int_equal(p.n[2], 64);
	assert_in_range(p.n[3], 17, 63);
	assert_true(p.rounds > 64);
	assert_true(p.spent_ns <= 620e3 && p.spent_ns > 600e3);
	assert_int_equal(tracks_unsettled(p.tracks), 4);
	play_close(&p);
}

/* Cut short inside a round: who had begun it is finished, nobody else is given another. */
static void test_resumed(void **state)
{
	struct tracks_time time = { .left_ns = 1e9 };
	struct order_item items[CELLS_MAX];
	struct tracks *again;
	struct play p;
	size_t n;

	(void)state;
	play_open(&p, versus, 5);
	for (size_t i = 0; i < 2 * NR_SIZES; i++)
		p.noise[i] = i % NR_SIZES == 1 ? 0.001 : 0.5;
	for (unsigned int round = 0; round < 20; round++)
		play_round(&p, 1e9, &time);
	again = p.tracks;
	visit(&p, 2, p.rounds);
	time = (struct tracks_time){ .left_ns = 1 };
	for (unsigned int round = 0; round < p.rounds; round++)
		assert_int_equal(tracks_due(again, round, &time, items), 0);
	n = tracks_due(again, p.rounds, &time, items);
	assert_int_equal(n, 1);
	assert_int_equal(items[0].cell, NR_SIZES + 2);
	assert_false(time.over);
	play_close(&p);
}

/* The least number's rounds too are finished where they were cut short. */
static void test_resumed_early(void **state)
{
	struct tracks_time time = { .left_ns = 1 };
	struct order_item items[CELLS_MAX];
	struct play p;

	(void)state;
	play_open(&p, versus, 5);
	for (unsigned int round = 0; round < 3; round++)
		play_round(&p, 1e9, &time);
	visit(&p, 2, p.rounds);
	time = (struct tracks_time){ .left_ns = 1 };
	assert_int_equal(tracks_due(p.tracks, p.rounds, &time, items), 2 * NR_SIZES - 1);
	assert_false(time.over);
	play_close(&p);
}

/* The verdicts as a reader of the result comes to them; any claim of a difference is false. */
static bool any_claim(const struct play *p)
{
	struct comparison family[NR_SIZES];
	struct compare_options options = compare_defaults;
	bool any = false;

	options.adaptive = options.randomised = true;
	for (size_t i = 0; i < NR_SIZES; i++) {
		struct compare_pair pairs[1000];
		size_t n = 0;

		for (unsigned int round = 0; round < p->rounds; round++)
			if (!isnan(p->values[i][round]))
				pairs[n++] = (struct compare_pair){
					.a = p->values[i][round],
					.b = p->values[NR_SIZES + i][round],
					.order = p->order[i][round] < p->order[NR_SIZES + i][round]
							 ? ORDER_AB
							 : ORDER_BA,
				};
		assert_int_equal(compare_pairs(pairs, n, &options, &family[i]), 0);
	}
	assert_int_equal(compare_family(family, NR_SIZES), 0);
	for (size_t i = 0; i < NR_SIZES; i++)
		any |= family[i].p_adjusted <= 0.05;
	return any;
}

/* No difference anywhere, some cells noisier and some dearer; looks, then the time is over. */
static void test_limit_keeps_alpha(void **state)
{
	unsigned int fooled = 0, uneven = 0;

	(void)state;
	for (uint64_t i = 0; i < EXPERIMENTS; i++) {
		struct play p;

		play_open(&p, versus, 1000 + i);
		for (size_t k = 0; k < 2 * NR_SIZES; k++) {
			p.noise[k] = (double[]){ 0.02, 0.04, 0.1, 0.3 }[k % NR_SIZES];
			p.cost_ns[k] = 1 + (double)(k % 2);
		}
		play_all(&p, (220 + 40 * random_unit(&p.random)) * 1e3 + 192e3);
		assert_pairs(&p);
		fooled += any_claim(&p);
		uneven += p.n[3] > p.n[0];
		play_close(&p);
	}
	print_message("A/A, 4 comparisons, time where it narrows most: any claim in %u of %d; the "
		      "noisiest had most pairs in %u\n",
		      fooled, EXPERIMENTS, uneven);
	assert_true(fooled <= FALSE_MAX);
	assert_true(fooled >= 5);
	assert_true(uneven > EXPERIMENTS / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole_rounds_first),
		cmocka_unit_test(test_narrows_most),
		cmocka_unit_test(test_enough_time),
		cmocka_unit_test(test_comparisons),
		cmocka_unit_test(test_resumed),
		cmocka_unit_test(test_resumed_early),
		cmocka_unit_test(test_limit_keeps_alpha),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
