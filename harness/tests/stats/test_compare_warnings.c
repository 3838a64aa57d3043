/* SPDX-License-Identifier: MIT */
#include "stats/compare_warnings.h"

#include "tests/stats/near.h"

#include "base/random.h"

/* Kept from one test to the next, as callers keep it from one row to the next. */
static struct untied_table known;

#define PAIRS 60

static const char *const kinds[] = {
	[COMPARE_TREND_A] = "trend a",
	[COMPARE_TREND_B] = "trend b",
	[COMPARE_CORRELATED] = "correlated",
	[COMPARE_CORRELATED_A] = "correlated a",
	[COMPARE_CORRELATED_B] = "correlated b",
	[COMPARE_ORDER_MATTERS] = "order",
	[COMPARE_ORDER_NOT_RANDOM] = "not random",
};

/* Exactly these warnings, in any order; ends with −1. */
static void assert_warnings(const struct comparison *c, const int *wanted)
{
	size_t n = 0;

	for (; wanted[n] >= 0; n++) {
		bool found = false;

		for (size_t i = 0; i < c->nr_warnings; i++)
			found |= (int)c->warnings[i].kind == wanted[n];
		if (!found)
			fail_msg("no warning of \"%s\"", kinds[wanted[n]]);
	}
	if (c->nr_warnings != n)
		fail_msg("%zu warnings, not %zu; the last is \"%s\"", c->nr_warnings, n,
			 kinds[c->warnings[c->nr_warnings - 1].kind]);
	for (size_t i = 0; i < c->nr_warnings; i++)
		assert_true(c->warnings[i].p < COMPARE_WARNING_P);
}

static double value_of(const struct comparison *c, enum compare_warning kind)
{
	for (size_t i = 0; i < c->nr_warnings; i++)
		if (c->warnings[i].kind == kind)
			return c->warnings[i].value;
	return NAN;
}

/* What a series of pairs can suffer from. */
struct fault {
	double trend_a, trend_b; /* over the whole series */
	double wave;             /* of the differences, slow */
	double second;           /* what comes second takes so much longer */
	bool regular;            /* AB, BA, AB, … */
};

static struct comparison compare_faulty(const struct fault *f)
{
	struct compare_options options = compare_defaults;
	struct compare_pair pairs[PAIRS];
	struct random r = { 101 };
	struct comparison c;

	options.randomised = true;
	for (size_t i = 0; i < PAIRS; i++) {
		double share = (double)i / PAIRS;
		struct compare_pair *p = &pairs[i];

		p->disturbed = false;
		p->order = random_below(&r, 2) ? ORDER_AB : ORDER_BA;
		if (f->regular)
			p->order = i % 2 ? ORDER_AB : ORDER_BA;
		p->a = 100 * (1 + f->trend_a * share + 0.01 * random_unit(&r));
		p->b = 100 * (1 + f->trend_b * share + 0.01 * random_unit(&r));
		p->b *= 1 + f->wave * sin(share * 20);
		*(p->order == ORDER_AB ? &p->b : &p->a) *= 1 + f->second;
	}
	assert_int_equal(compare_pairs(pairs, PAIRS, &options, &c), 0);
	return c;
}

static void test_each_fault_is_named(void **state)
{
	static const struct {
		struct fault fault;
		int wanted[5];
	} vectors[] = {
		{ { 0 }, { -1 } },
		{ { .trend_a = 0.1, .trend_b = 0.1 }, { COMPARE_TREND_A, COMPARE_TREND_B, -1 } },
		{ { .wave = 0.02 }, { COMPARE_CORRELATED, -1 } },
		{ { .second = 0.03 }, { COMPARE_ORDER_MATTERS, -1 } },
		{ { .regular = true }, { COMPARE_ORDER_NOT_RANDOM, -1 } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(vectors); i++) {
		struct comparison c = compare_faulty(&vectors[i].fault);

		assert_warnings(&c, vectors[i].wanted);
		assert_int_equal(c.randomised, !vectors[i].fault.regular);
	}
}

static void test_how_much(void **state)
{
	struct comparison c = compare_faulty(&(struct fault){ .trend_a = 0.1, .trend_b = -0.2 });

	(void)state;
	assert_near(value_of(&c, COMPARE_TREND_A), 0.1 / 1.055, 0.01);
	assert_near(value_of(&c, COMPARE_TREND_B), -0.2 / 0.905, 0.01);
	c = compare_faulty(&(struct fault){ .second = 0.03 });
	/* In AB rounds B/A is 1.03, in BA rounds 1/1.03. */
	assert_near(value_of(&c, COMPARE_ORDER_MATTERS), 1 / (1.03 * 1.03), 0.004);
	c = compare_faulty(&(struct fault){ .wave = 0.1 });
	assert_true(value_of(&c, COMPARE_CORRELATED) > 0.8);
}

static void test_samples(void **state)
{
	double a[PAIRS], b[PAIRS];
	struct random r = { 55 };
	struct comparison c;

	(void)state;
	for (size_t i = 0; i < PAIRS; i++) {
		a[i] = 100 + random_unit(&r);
		b[i] = 100 + random_unit(&r);
	}
	assert_int_equal(compare_samples(a, PAIRS, b, PAIRS, &compare_defaults, &known, &c), 0);
	assert_warnings(&c, (const int[]){ -1 });
	for (size_t i = 0; i < PAIRS; i++) {
		a[i] += 5 * sin((double)i / 3);
		b[i] += (double)i;
	}
	assert_int_equal(compare_samples(a, PAIRS, b, PAIRS, &compare_defaults, &known, &c), 0);
	assert_warnings(&c, (const int[]){ COMPARE_CORRELATED_A, COMPARE_CORRELATED_B,
					   COMPARE_TREND_B, -1 });
}

static void test_too_few_to_warn(void **state)
{
	double two[] = { 1, 100 };
	struct comparison c;

	(void)state;
	assert_int_equal(compare_samples(two, 2, two, 2, &compare_defaults, &known, &c), 0);
	assert_int_equal(c.nr_warnings, 0);
	assert_int_equal(compare_samples(two, 0, two, 1, &compare_defaults, &known, &c), 0);
	assert_int_equal(c.nr_warnings, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_fault_is_named),
		cmocka_unit_test(test_how_much),
		cmocka_unit_test(test_samples),
		cmocka_unit_test(test_too_few_to_warn),
	};

	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	untied_table_free(&known);
	return failed;
}
