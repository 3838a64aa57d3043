/* SPDX-License-Identifier: MIT */
/*
 * Does the way of comparing keep its word on a bad machine? Seeded experiments on one that drifts,
 * whose values depend on the ones before, and that stalls now and then. The same values judged as
 * if A had been run whole before B show why rounds are paired.
 */
#include "stats/compare.h"

#include "stats/looks.h"
#include "stats/rank_sum.h"
#include "stats/signed_rank.h"
#include "tests/stats/near.h"

#include "base/random.h"

/* Kept from one test to the next, as callers keep it from one row to the next. */
static struct untied_table known;

#define EXPERIMENTS 1000
#define PAIRS       40
#define PAIRS_MAX   64

/* At a true rate of 5 %, more than this of 1,000 happens once in 1,000 times. */
#define FALSE_MAX 73

struct machine {
	struct random random;
	double drift; /* per measurement, in logarithms */
	double slow;  /* what lasts from one measurement to the next */
	size_t t;
};

static double normal(struct random *r)
{
	return sqrt(-2 * log(1 - random_unit(r))) * cos(2 * M_PI * random_unit(r));
}

/* Drift of up to ± 4 % over 80 measurements, either way. */
static void boot(struct machine *m, uint64_t seed)
{
	*m = (struct machine){ .random = { seed } };
	m->drift = (2 * random_unit(&m->random) - 1) * 0.04 / 80;
	m->slow = 0.014 * normal(&m->random);
}

/* One measurement: 1 % of its own noise, 1.4 % that lasts (φ = .7), and 5 % are stalls of 5 to 30
 * %. */
static double measure(struct machine *m, double factor)
{
	double value;

	m->slow = 0.7 * m->slow + 0.01 * normal(&m->random);
	value = 100 * factor * exp(m->drift * (double)m->t++ + m->slow);
	value *= exp(0.01 * normal(&m->random));
	if (random_unit(&m->random) < 0.05)
		value *= 1.05 + 0.25 * random_unit(&m->random);
	return value;
}

/* n rounds of A and B, B by this factor slower; in_time gets the values as they came. */
static void run(uint64_t seed, double factor, size_t n, struct compare_pair *pairs, double *in_time)
{
	struct machine m;

	boot(&m, seed);
	for (size_t i = 0; i < n; i++) {
		bool a_first = random_below(&m.random, 2);
		double first = measure(&m, a_first ? 1 : factor);
		double second = measure(&m, a_first ? factor : 1);

		pairs[i] = (struct compare_pair){
			.a = a_first ? first : second,
			.b = a_first ? second : first,
			.order = a_first ? ORDER_AB : ORDER_BA,
		};
		in_time[2 * i] = first;
		in_time[2 * i + 1] = second;
	}
}

static struct comparison judge(const struct compare_pair *pairs, size_t n, bool adaptive)
{
	struct compare_options options = compare_defaults;
	struct comparison c;

	options.randomised = true;
	options.adaptive = adaptive;
	assert_int_equal(compare_pairs(pairs, n, &options, &c), 0);
	return c;
}

/* The first half of the values as A, the second as B. */
static double p_of_halves(double *in_time, size_t n)
{
	struct rank_sum test;

	assert_int_equal(rank_sum_test(in_time, n, in_time + n, n, &known, &test), 0);
	return test.p;
}

static void test_no_difference(void **state)
{
	unsigned int by_pairs = 0, one_after_the_other = 0, covered = 0, verdicts = 0;

	(void)state;
	for (uint64_t i = 0; i < EXPERIMENTS; i++) {
		struct compare_pair pairs[PAIRS];
		double in_time[2 * PAIRS];
		struct comparison c;

		run(1000 + i, 1, PAIRS, pairs, in_time);
		c = judge(pairs, PAIRS, false);
		by_pairs += c.p_adjusted <= 0.05;
		covered += c.wide.low <= 1 && 1 <= c.wide.high;
		verdicts += c.verdict == COMPARE_VERDICT_FASTER ||
			    c.verdict == COMPARE_VERDICT_SLOWER;
		one_after_the_other += p_of_halves(in_time, PAIRS) <= 0.05;
	}
	print_message("A/A, %d pairs: p <= .05 in %u of %d, called faster or slower in %u\n", PAIRS,
		      by_pairs, EXPERIMENTS, verdicts);
	print_message("the same values, had A been run whole before B: p <= .05 in %u of %d\n",
		      one_after_the_other, EXPERIMENTS);
	assert_true(by_pairs <= FALSE_MAX);
	assert_true(by_pairs >= 20); /* nor is it deaf */
	assert_true(verdicts <= by_pairs);
	assert_in_range(covered, 930, 970);
	assert_true(one_after_the_other > 3 * by_pairs);
}

static void test_two_per_cent(void **state)
{
	unsigned int found = 0, wrong = 0, covered = 0;

	(void)state;
	for (uint64_t i = 0; i < EXPERIMENTS; i++) {
		struct compare_pair pairs[PAIRS];
		double in_time[2 * PAIRS];
		struct comparison c;

		run(500000 + i, 1.02, PAIRS, pairs, in_time);
		c = judge(pairs, PAIRS, false);
		found += c.verdict == COMPARE_VERDICT_SLOWER;
		wrong += c.verdict == COMPARE_VERDICT_FASTER ||
			 c.verdict == COMPARE_VERDICT_EQUIVALENT;
		covered += c.wide.low <= 1.02 && 1.02 <= c.wide.high;
	}
	print_message("2 %% slower, %d pairs: found in %u of %d; interval holds 1.02 in %u\n",
		      PAIRS, found, EXPERIMENTS, covered);
	assert_true(found >= 950);
	assert_true(wrong <= 2);
	assert_in_range(covered, 930, 970);
}

/* Rounds until a look says stop. Peeking at the same rounds, and after every round, is counted too.
 */
static void test_looks_keep_alpha(void **state)
{
	unsigned int spent = 0, peeked = 0, peeked_always = 0;

	(void)state;
	for (uint64_t i = 0; i < EXPERIMENTS; i++) {
		struct compare_pair pairs[PAIRS_MAX];
		double in_time[2 * PAIRS_MAX], d[PAIRS_MAX];
		bool stopped = false, fooled = false, always_fooled = false;

		run(900000 + i, 1, PAIRS_MAX, pairs, in_time);
		for (size_t n = looks_next(0); n; n = looks_next(n)) {
			struct comparison c = judge(pairs, n, true);

			stopped |= c.p_adjusted <= 0.05;
			fooled |= c.p <= 0.05;
		}
		for (size_t n = 0; n < PAIRS_MAX; n++) {
			struct signed_rank test;

			d[n] = log(pairs[n].b / pairs[n].a);
			assert_int_equal(signed_rank_test(d, n + 1, &test), 0);
			always_fooled |= test.p <= 0.05;
		}
		spent += stopped;
		peeked += fooled;
		peeked_always += always_fooled;
	}
	print_message("A/A, looks at 16, 32, 64: %u of %d; without spending alpha %u; after every "
		      "round %u\n",
		      spent, EXPERIMENTS, peeked, peeked_always);
	assert_true(spent <= FALSE_MAX);
	assert_true(peeked > spent);
	assert_true(peeked_always > peeked);
}

#define FAMILY       20
#define FAMILY_PAIRS 24

/* A run of FAMILY cells, all of B slower by this factor: is any called slower beyond the margin? */
static void judge_run(uint64_t seed, double factor, bool *by_family, bool *by_each)
{
	struct comparison family[FAMILY];

	for (uint64_t k = 0; k < FAMILY; k++) {
		struct compare_pair pairs[FAMILY_PAIRS];
		double in_time[2 * FAMILY_PAIRS];

		run(seed * FAMILY + k, factor, FAMILY_PAIRS, pairs, in_time);
		family[k] = judge(pairs, FAMILY_PAIRS, false);
	}
	*by_family = *by_each = false;
	for (size_t k = 0; k < FAMILY; k++)
		*by_each |= family[k].worse_beyond_margin;
	assert_int_equal(compare_family(family, FAMILY), 0);
	for (size_t k = 0; k < FAMILY; k++)
		*by_family |= family[k].worse_beyond_margin;
}

/*
 * What an exit status claims of all cells together. At the margin itself, where the claim is wrong
 * by the least, it is made in at most alpha of the runs; cell by cell in most of them.
 */
static void test_margin_of_a_family(void **state)
{
	static const double factors[] = { 1, 1.01, 1.06 };
	unsigned int claimed[3] = { 0 }, by_each[3] = { 0 };

	(void)state;
	for (size_t f = 0; f < 3; f++)
		for (uint64_t i = 0; i < EXPERIMENTS; i++) {
			bool family, each;

			judge_run(2000000 + 10000 * f + i, factors[f], &family, &each);
			claimed[f] += family;
			by_each[f] += each;
		}
	for (size_t f = 0; f < 3; f++)
		print_message("%d cells of a factor %g: any slower by more than 1 %% in %u of %d "
			      "runs; had each been judged by itself in %u\n",
			      FAMILY, factors[f], claimed[f], EXPERIMENTS, by_each[f]);
	assert_true(claimed[0] <= FALSE_MAX / 2);
	assert_true(claimed[1] <= FALSE_MAX);
	assert_true(by_each[1] > 5 * FALSE_MAX);
	assert_true(claimed[2] >= 950);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_difference),
		cmocka_unit_test(test_two_per_cent),
		cmocka_unit_test(test_looks_keep_alpha),
		cmocka_unit_test(test_margin_of_a_family),
	};

	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	untied_table_free(&known);
	return failed;
}
