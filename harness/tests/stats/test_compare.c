/* SPDX-License-Identifier: MIT */
#include "stats/compare.h"

#include "tests/stats/near.h"

#include "base/random.h"

#include <errno.h>

/* Kept from one test to the next, as callers keep it from one row to the next. */
static struct untied_table known;

#define MAX 64

/* Pairs of a and a × ratio or so: noise is uniform, up to ± noise of each. Orders by coin. */
static void make_pairs(struct compare_pair *pairs, size_t n, double ratio, double noise)
{
	struct random r = { 19 };

	for (size_t i = 0; i < n; i++) {
		pairs[i] = (struct compare_pair){ .a = 100, .b = 100 * ratio };
		pairs[i].a *= 1 + noise * (2 * random_unit(&r) - 1);
		pairs[i].b *= 1 + noise * (2 * random_unit(&r) - 1);
		pairs[i].order = random_below(&r, 2) ? ORDER_AB : ORDER_BA;
	}
}

static struct comparison by_pairs(const struct compare_pair *pairs, size_t n,
				  struct compare_options options)
{
	struct comparison c;

	assert_int_equal(compare_pairs(pairs, n, &options, &c), 0);
	return c;
}

static struct compare_options randomised(void)
{
	struct compare_options options = compare_defaults;

	options.randomised = true;
	return options;
}

static void test_options_out_of_range(void **state)
{
	struct compare_options bad[6];
	struct comparison c = { .n = 77 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(bad); i++)
		bad[i] = compare_defaults;
	bad[0].alpha = 0;
	bad[1].alpha = 0.5;
	bad[2].margin = -0.01;
	bad[3].margin = NAN;
	bad[4].power = 1;
	bad[5].alpha = NAN;
	for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
		assert_int_equal(compare_pairs(NULL, 0, &bad[i], &c), -EDOM);
		assert_int_equal(compare_samples(NULL, 0, NULL, 0, &bad[i], &known, &c), -EDOM);
	}
	assert_int_equal(c.n, 77);
}

static void test_nothing_to_compare(void **state)
{
	static const struct compare_pair useless[] = { { .a = NAN, .b = 1 },
						       { .a = 1, .b = INFINITY },
						       { .a = 0, .b = 1 },
						       { .a = -1, .b = 0 },
						       { .a = 5, .b = 5, .disturbed = true } };
	struct comparison c;

	(void)state;
	for (size_t n = 0; n <= 5; n += 5) {
		c = by_pairs(useless, n, randomised());
		assert_int_equal(c.n, 0);
		assert_near(c.effect, NAN, 0);
		assert_near(c.plain, NAN, 0);
		assert_near(c.p, NAN, 0);
		assert_near(c.p_adjusted, NAN, 0);
		assert_near(c.wide.low, NAN, 0);
		assert_near(c.needed, NAN, 0);
		assert_int_equal(c.verdict, COMPARE_VERDICT_INCONCLUSIVE);
		assert_false(c.beyond_margin);
	}
	assert_int_equal(c.a.counts.given, 5);
	assert_int_equal(c.a.counts.used, 0);
	assert_int_equal(c.a.counts.nan, 1);
	assert_int_equal(c.a.counts.not_positive, 2);
	assert_int_equal(c.a.counts.disturbed, 1);
	assert_int_equal(c.b.counts.infinite, 1);
	assert_int_equal(c.b.counts.not_positive, 1);
	assert_int_equal(
		compare_samples(NULL, 0, (double[]){ 1, 2 }, 2, &compare_defaults, &known, &c), 0);
	assert_int_equal(c.n, 0);
	assert_near(c.p, NAN, 0);
	assert_near(c.a.median, NAN, 0);
	assert_near(c.b.median, 1.5, 0);
}

static void test_one_pair(void **state)
{
	struct compare_pair pair = { .a = 2, .b = 3, .order = ORDER_AB };
	struct comparison c = by_pairs(&pair, 1, randomised());

	(void)state;
	assert_near(c.effect, 1.5, 1e-15);
	assert_near(c.plain, 1.5, 1e-15);
	assert_near(c.p, 1, 0);
	assert_near(c.wide.coverage, 0, 0);
	assert_near(c.wide.low, NAN, 0);
	assert_near(c.detectable, INFINITY, 0);
	assert_near(c.needed, NAN, 0);
	assert_int_equal(c.verdict, COMPARE_VERDICT_INCONCLUSIVE);
	assert_true(c.beyond_margin);
}

static void test_all_equal(void **state)
{
	struct compare_options options = randomised();
	struct compare_pair pairs[6];
	struct comparison c;

	(void)state;
	make_pairs(pairs, 6, 1, 0);
	for (unsigned int i = 0; i < 4; i++) {
		options.margin = i % 2 ? 0.01 : 0;
		options.transform = i / 2 ? COMPARE_NONE : COMPARE_LOG;
		c = by_pairs(pairs, 6, options);
		assert_int_equal(c.zeros, 6);
		assert_near(c.p, 1, 0);
		assert_near(c.effect, i / 2 ? 0 : 1, 0);
		assert_near(c.wide.low, c.effect, 0);
		assert_near(c.wide.high, c.effect, 0);
		assert_near(c.detectable, 0, 0);
		assert_int_equal(c.verdict, COMPARE_VERDICT_EQUIVALENT);
	}
}

/* Six pairs, all the same way: the least p of six. What is said depends on what is better. */
static void test_verdict_by_direction(void **state)
{
	static const struct {
		double ratio;
		enum compare_better better;
		enum compare_verdict verdict;
	} vectors[] = {
		{ 1.1, COMPARE_LOWER, COMPARE_VERDICT_SLOWER },
		{ 0.9, COMPARE_LOWER, COMPARE_VERDICT_FASTER },
		{ 1.1, COMPARE_HIGHER, COMPARE_VERDICT_FASTER },
		{ 0.9, COMPARE_HIGHER, COMPARE_VERDICT_SLOWER },
		{ 1.1, COMPARE_NEITHER, COMPARE_VERDICT_HIGHER },
		{ 0.9, COMPARE_NEITHER, COMPARE_VERDICT_LOWER },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		struct compare_options options = randomised();
		struct compare_pair pairs[6];
		struct comparison c;

		options.better = vectors[i].better;
		make_pairs(pairs, 6, vectors[i].ratio, 0.01);
		c = by_pairs(pairs, 6, options);
		assert_near(c.p, 0.03125, 0);
		assert_near(c.p_adjusted, 0.03125, 0);
		assert_int_equal(c.verdict, vectors[i].verdict);
		assert_int_equal(c.apparent, vectors[i].verdict);
		assert_true(c.beyond_margin);
		assert_string_equal(compare_label(&c), "paired");
		assert_near(c.effect, vectors[i].ratio, 0.02);
		assert_true(c.wide.low <= c.effect && c.effect <= c.wide.high);
		assert_near(c.wide.coverage, 0.96875, 1e-12);
		assert_near(c.narrow.coverage, 0.90625, 1e-12);
		/* The same without randomisation, or without knowing the order. */
		options.randomised = false;
		c = by_pairs(pairs, 6, options);
		assert_int_equal(c.verdict, COMPARE_VERDICT_INDICATIVE);
		assert_int_equal(c.apparent, vectors[i].verdict);
		assert_string_equal(compare_label(&c), "paired, unrandomised");
		pairs[3].order = ORDER_UNKNOWN;
		c = by_pairs(pairs, 6, randomised());
		assert_false(c.randomised);
		assert_int_equal(c.verdict, COMPARE_VERDICT_INDICATIVE);
	}
}

static void test_five_pairs_cannot_reach_a_verdict(void **state)
{
	struct compare_pair pairs[5];
	struct comparison c;

	(void)state;
	make_pairs(pairs, 5, 2, 0.01);
	c = by_pairs(pairs, 5, randomised());
	assert_near(c.p, 0.0625, 0);
	assert_int_equal(c.verdict, COMPARE_VERDICT_INCONCLUSIVE);
	assert_near(c.detectable, INFINITY, 0);
	assert_true(c.needed >= 6);
}

static void test_swapping_sides_mirrors_everything(void **state)
{
	struct compare_pair pairs[20], swapped[20];
	struct comparison c, d;

	(void)state;
	make_pairs(pairs, 20, 1.013, 0.03);
	for (size_t i = 0; i < 20; i++) {
		swapped[i] = pairs[i];
		swapped[i].a = pairs[i].b;
		swapped[i].b = pairs[i].a;
	}
	c = by_pairs(pairs, 20, randomised());
	d = by_pairs(swapped, 20, randomised());
	assert_near(c.p, d.p, 0);
	assert_near(c.effect * d.effect, 1, 1e-14);
	assert_near(c.wide.low * d.wide.high, 1, 1e-14);
	assert_near(c.narrow.high * d.narrow.low, 1, 1e-14);
	assert_near(c.statistic + d.statistic, 210, 0);
	assert_near(c.detectable, d.detectable, 1e-12);
	assert_near(c.needed, d.needed, 0);
}

/* Slower by 1.2 %, give or take: surely slower, and not surely by more than 1 %. */
static void test_slower_perhaps_within(void **state)
{
	struct compare_pair pairs[20];
	struct comparison c;

	(void)state;
	make_pairs(pairs, 20, 1.012, 0.01);
	c = by_pairs(pairs, 20, randomised());
	assert_int_equal(c.verdict, COMPARE_VERDICT_SLOWER);
	assert_true(c.beyond_margin);
	assert_true(c.narrow.low < 1.01);
	assert_true(c.p_margin_adjusted > 0.05);
	assert_false(c.worse_beyond_margin);
	for (int better = COMPARE_LOWER; better <= COMPARE_NEITHER; better++) {
		struct compare_options options = randomised();

		options.better = (enum compare_better)better;
		make_pairs(pairs, 20, 1.05, 0.01);
		c = by_pairs(pairs, 20, options);
		assert_int_equal(c.worse_beyond_margin, better == COMPARE_LOWER);
		make_pairs(pairs, 20, 1 / 1.05, 0.01);
		c = by_pairs(pairs, 20, options);
		assert_int_equal(c.worse_beyond_margin, better == COMPARE_HIGHER);
		assert_int_equal(isnan(c.p_margin), better == COMPARE_NEITHER);
	}
}

/* Instructions that repeat to the last: at the margin is not beyond it, above it is. */
static void test_exactly_the_margin(void **state)
{
	struct compare_pair pairs[20];
	struct comparison c;

	(void)state;
	/* Of ten margins some are rounded up and some down. */
	for (int i = 0; i < 20; i++) {
		struct compare_options options = randomised();

		options.transform = i % 2 ? COMPARE_NONE : COMPARE_LOG;
		options.margin = 0.01 + i / 2 * 0.01;
		make_pairs(pairs, 20, 1 + options.margin, 0);
		c = by_pairs(pairs, 20, options);
		assert_false(c.worse_beyond_margin);
		make_pairs(pairs, 20, 1.0001 + options.margin, 0);
		c = by_pairs(pairs, 20, options);
		assert_true(c.worse_beyond_margin);
	}
}

/* Two samples are held against the margin as pairs are. */
static void test_margin_of_samples(void **state)
{
	double a[12], b[12];
	struct comparison c;

	(void)state;
	for (int i = 0; i < 12; i++) {
		a[i] = 100 + i * 0.1;
		b[i] = (100 + i * 0.1) * 1.013;
	}
	assert_int_equal(compare_samples(a, 12, b, 12, &compare_defaults, &known, &c), 0);
	assert_int_equal(c.apparent, COMPARE_VERDICT_SLOWER);
	assert_true(c.p_margin > 0.05 && c.p_margin < 0.5);
	assert_false(c.worse_beyond_margin);
	for (int i = 0; i < 12; i++)
		b[i] *= 1.02;
	assert_int_equal(compare_samples(a, 12, b, 12, &compare_defaults, &known, &c), 0);
	assert_true(c.p_margin < 1e-4);
	assert_true(c.worse_beyond_margin);
	/* The other way round nothing is worse. */
	assert_int_equal(compare_samples(b, 12, a, 12, &compare_defaults, &known, &c), 0);
	assert_true(c.p_margin > 0.99);
	assert_false(c.worse_beyond_margin);
}

/* 0.1 % is found with certainty, and is no difference within 1 %. */
static void test_equivalent_though_significant(void **state)
{
	struct compare_pair pairs[20];
	struct compare_options options = randomised();
	struct comparison c;

	(void)state;
	make_pairs(pairs, 20, 1.001, 0.0001);
	c = by_pairs(pairs, 20, options);
	assert_true(c.p < 1e-5);
	assert_int_equal(c.verdict, COMPARE_VERDICT_EQUIVALENT);
	assert_false(c.beyond_margin);
	options.margin = 0.0005;
	c = by_pairs(pairs, 20, options);
	assert_int_equal(c.verdict, COMPARE_VERDICT_SLOWER);
	options.randomised = false;
	options.margin = 0.01;
	c = by_pairs(pairs, 20, options);
	assert_int_equal(c.verdict, COMPARE_VERDICT_INDICATIVE);
	assert_int_equal(c.apparent, COMPARE_VERDICT_EQUIVALENT);
}

static void test_differences_without_logarithms(void **state)
{
	struct compare_options options = randomised();
	struct compare_pair pairs[8];
	struct comparison c;

	(void)state;
	options.transform = COMPARE_NONE;
	make_pairs(pairs, 8, 1, 0);
	for (size_t i = 0; i < 8; i++) {
		pairs[i].a = -50 - (double)i;
		pairs[i].b = pairs[i].a + 5 + 0.01 * (double)i;
	}
	c = by_pairs(pairs, 8, options);
	assert_int_equal(c.n, 8);
	assert_near(c.effect, 5.035, 1e-12);
	assert_near(c.plain, 5.035, 1e-12);
	assert_near(c.p, 2 / 256.0, 0);
	assert_int_equal(c.verdict, COMPARE_VERDICT_SLOWER);
	/* 11 % of |−53.5| is 5.9. */
	options.margin = 0.11;
	c = by_pairs(pairs, 8, options);
	assert_int_equal(c.verdict, COMPARE_VERDICT_EQUIVALENT);
	/* A difference that no double holds is not silently left out. */
	pairs[2].a = -1.7e308;
	pairs[2].b = 1.7e308;
	c = by_pairs(pairs, 8, options);
	assert_int_equal(c.n, 7);
	assert_int_equal(c.a.counts.infinite, 1);
}

static void test_huge_and_tiny(void **state)
{
	static const struct {
		double a, b, effect;
	} vectors[] = {
		{ 1e300, 2e300, 2 },         { 1.7e308, 0.85e308, 0.5 },  { 1e-300, 2e-300, 2 },
		{ 0x1p-1074, 0x1p-1073, 2 }, { 1e-300, 1e300, INFINITY }, { 1e300, 1e-300, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		struct compare_pair pairs[6];
		double a[6], b[6];
		struct comparison c;

		make_pairs(pairs, 6, 1, 0);
		for (size_t j = 0; j < 6; j++) {
			pairs[j].a = a[j] = vectors[i].a;
			pairs[j].b = b[j] = vectors[i].b;
		}
		c = by_pairs(pairs, 6, randomised());
		assert_int_equal(c.n, 6);
		assert_near(c.effect, vectors[i].effect, 1e-12);
		assert_near(c.plain, vectors[i].effect, 1e-12);
		assert_near(c.p, 0.03125, 0);
		assert_int_equal(c.verdict, vectors[i].effect > 1 ? COMPARE_VERDICT_SLOWER
								  : COMPARE_VERDICT_FASTER);
		assert_int_equal(compare_samples(a, 6, b, 6, &compare_defaults, &known, &c), 0);
		assert_near(c.effect, vectors[i].effect, 1e-12);
		assert_int_equal(c.apparent, vectors[i].effect > 1 ? COMPARE_VERDICT_SLOWER
								   : COMPARE_VERDICT_FASTER);
	}
}

static void test_samples(void **state)
{
	double a[] = { 10, 11, 12, 13, NAN, 10.5, -1 }, b[] = { 20, 22, 24, 26, 21, INFINITY };
	struct comparison c;

	(void)state;
	assert_int_equal(compare_samples(a, 7, b, 6, &compare_defaults, &known, &c), 0);
	assert_string_equal(compare_label(&c), "unpaired, unrandomised");
	assert_int_equal(c.n, 5);
	assert_int_equal(c.a.counts.nan, 1);
	assert_int_equal(c.a.counts.not_positive, 1);
	assert_int_equal(c.b.counts.infinite, 1);
	assert_near(c.a.median, 11, 0);
	assert_near(c.plain, 2, 1e-12);
	assert_near(c.effect, 2, 1e-12);
	assert_near(c.statistic, 25, 0);
	assert_near(c.p, 2 / 252.0, 1e-15);
	assert_true(c.exact);
	assert_near(c.n_effective, 5, 1e-12);
	assert_int_equal(c.apparent, COMPARE_VERDICT_SLOWER);
	assert_int_equal(c.verdict, COMPARE_VERDICT_INDICATIVE);
	/* Nothing was put in order in the caller's arrays. */
	assert_near(a[4], NAN, 0);
	assert_near(b[3], 26, 0);
}

static void test_family(void **state)
{
	struct compare_pair pairs[8];
	struct comparison family[5];

	(void)state;
	make_pairs(pairs, 8, 1.2, 0.01);
	for (size_t i = 0; i < 5; i++)
		family[i] = by_pairs(pairs, 7, randomised());
	assert_int_equal(family[0].verdict, COMPARE_VERDICT_SLOWER);
	assert_int_equal(compare_family(family, 5), 0);
	/* 2/128 × 5 */
	assert_near(family[4].p_adjusted, 0.078125, 1e-15);
	assert_int_equal(family[4].family, 5);
	assert_int_equal(family[4].verdict, COMPARE_VERDICT_INCONCLUSIVE);
	assert_near(family[4].detectable, INFINITY, 0);
	assert_true(family[4].needed >= 8);
	/* Eight pairs are enough for five cells. */
	for (size_t i = 0; i < 5; i++)
		family[i] = by_pairs(pairs, 8, randomised());
	assert_int_equal(compare_family(family, 5), 0);
	assert_near(family[0].p_adjusted, 5 / 128.0, 1e-15);
	assert_int_equal(family[0].verdict, COMPARE_VERDICT_SLOWER);
	/* Beyond the margin as well: 1/256 on that side × 5. */
	assert_near(family[0].p_margin, 1 / 256.0, 1e-15);
	assert_near(family[0].p_margin_adjusted, 5 / 256.0, 1e-15);
	assert_true(family[0].worse_beyond_margin);
	assert_int_equal(compare_family(family, 0), 0);
}

/* At the first look a tenth of α is there to spend: p = .0078 of 8 pairs is not enough. */
static void test_adaptive_looks(void **state)
{
	struct compare_options options = randomised();
	struct compare_pair pairs[MAX];
	struct comparison c;

	(void)state;
	options.adaptive = true;
	make_pairs(pairs, MAX, 1.2, 0.01);
	c = by_pairs(pairs, 8, options);
	assert_near(c.p_adjusted, 0.078125, 1e-12);
	assert_int_equal(c.verdict, COMPARE_VERDICT_INCONCLUSIVE);
	c = by_pairs(pairs, 16, options);
	assert_near(c.p_adjusted, 10 * ldexp(1, -15), 1e-12);
	assert_true(c.wide.coverage >= 0.995 && c.narrow.coverage >= 0.99);
	assert_int_equal(c.verdict, COMPARE_VERDICT_SLOWER);
	c = by_pairs(pairs, 64, options);
	assert_near(c.p_adjusted, c.p / 0.6, 1e-15);
	assert_true(c.wide.coverage >= 0.97 && c.wide.coverage < 0.972);
}

/* What is planned holds: at the figure named, half the noise is found, and no fewer pairs do it. */
static void test_planned_figures(void **state)
{
	struct compare_pair pairs[40];
	struct comparison c;

	(void)state;
	make_pairs(pairs, 40, 1, 0.05);
	c = by_pairs(pairs, 40, randomised());
	assert_int_equal(c.verdict, COMPARE_VERDICT_INCONCLUSIVE);
	/* Uniform ± 5 % on both sides: sd 4.1 % of a pair; (1.96 + .84) 4.1 % / √38 = 1.9 %. */
	assert_near(c.noise, 0.041, 0.012);
	assert_near(c.detectable, 0.0185, 0.006);
	assert_true(c.needed > 80 && c.needed < 240);
}

static void test_orders_that_no_coin_makes(void **state)
{
	enum compare_order one_sided[12], alternating[14], blocks[24], coin[64];
	struct random r = { 3 };
	double p = 5;

	(void)state;
	for (size_t i = 0; i < 24; i++)
		blocks[i] = i < 12 ? ORDER_AB : ORDER_BA;
	for (size_t i = 0; i < 12; i++)
		one_sided[i] = ORDER_AB;
	for (size_t i = 0; i < 14; i++)
		alternating[i] = i % 2 ? ORDER_AB : ORDER_BA;
	for (size_t i = 0; i < 64; i++)
		coin[i] = random_below(&r, 2) ? ORDER_AB : ORDER_BA;
	assert_false(compare_order_is_random(one_sided, 0, &p));
	assert_near(p, 5, 0);
	assert_true(compare_order_is_random(one_sided, 6, &p));
	assert_false(compare_order_is_random(one_sided, 12, &p));
	assert_near(p, ldexp(4, -12), 1e-12);
	assert_false(compare_order_is_random(alternating, 14, &p));
	assert_near(p, ldexp(4, -13), 1e-12);
	assert_false(compare_order_is_random(blocks, 24, &p));
	assert_true(compare_order_is_random(coin, 64, &p));
	coin[63] = ORDER_UNKNOWN;
	assert_false(compare_order_is_random(coin, 64, &p));
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(compare_verdict_name(COMPARE_VERDICT_INCONCLUSIVE), "inconclusive");
	assert_string_equal(compare_verdict_name(COMPARE_VERDICT_EQUIVALENT), "equivalent");
	assert_string_equal(compare_verdict_name(COMPARE_VERDICT_FASTER), "faster");
	assert_string_equal(compare_verdict_name(COMPARE_VERDICT_SLOWER), "slower");
	assert_string_equal(compare_verdict_name(COMPARE_VERDICT_HIGHER), "higher");
	assert_string_equal(compare_verdict_name(COMPARE_VERDICT_LOWER), "lower");
	assert_string_equal(compare_verdict_name(COMPARE_VERDICT_INDICATIVE), "indicative");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_options_out_of_range),
		cmocka_unit_test(test_nothing_to_compare),
		cmocka_unit_test(test_one_pair),
		cmocka_unit_test(test_all_equal),
		cmocka_unit_test(test_verdict_by_direction),
		cmocka_unit_test(test_five_pairs_cannot_reach_a_verdict),
		cmocka_unit_test(test_swapping_sides_mirrors_everything),
		cmocka_unit_test(test_slower_perhaps_within),
		cmocka_unit_test(test_exactly_the_margin),
		cmocka_unit_test(test_margin_of_samples),
		cmocka_unit_test(test_equivalent_though_significant),
		cmocka_unit_test(test_differences_without_logarithms),
		cmocka_unit_test(test_huge_and_tiny),
		cmocka_unit_test(test_samples),
		cmocka_unit_test(test_family),
		cmocka_unit_test(test_adaptive_looks),
		cmocka_unit_test(test_planned_figures),
		cmocka_unit_test(test_orders_that_no_coin_makes),
		cmocka_unit_test(test_names),
	};

	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	untied_table_free(&known);
	return failed;
}
