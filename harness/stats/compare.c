/* SPDX-License-Identifier: MIT */
#include "stats/compare.h"

#include "base/cleanup.h"
#include "stats/compare_warnings.h"
#include "stats/holm.h"
#include "stats/looks.h"
#include "stats/power.h"
#include "stats/rank_sum.h"
#include "stats/signed_rank.h"
#include "stats/summary.h"

#include <errno.h>
#include <stdlib.h>

const struct compare_options compare_defaults = {
	.alpha = 0.05,
	.margin = 0.01,
	.power = 0.8,
	.better = COMPARE_LOWER,
	.transform = COMPARE_LOG,
};

/* What a comparison works on: values used, and their differences or logarithms. */
struct work {
	double *a, *b;               /* in the order given, until sorted */
	double *effects, *effects_b; /* paired: d. Unpaired: transformed a, transformed b */
	enum compare_order *orders;
	size_t nr_a, nr_b;
};

static const struct interval no_interval = { NAN, NAN, 0 };

static bool options_valid(const struct compare_options *o)
{
	return o->alpha > 0 && o->alpha < 0.5 && o->margin >= 0 && isfinite(o->margin) &&
	       o->power >= 0.5 && o->power < 1;
}

static bool is_log(const struct comparison *c)
{
	return c->options.transform == COMPARE_LOG;
}

/* From the scale of differences to that of effects. */
static double effect_of(const struct comparison *c, double difference)
{
	return is_log(c) ? exp(difference) : difference;
}

static double neutral(const struct comparison *c)
{
	return is_log(c) ? 1 : 0;
}

/* The margin on the scale of differences. */
static double margin_difference(const struct comparison *c)
{
	return is_log(c) ? log1p(c->options.margin) : c->options.margin * fabs(c->a.median);
}

static bool within_margin(const struct comparison *c, double effect)
{
	double margin = margin_difference(c);

	if (is_log(c))
		return effect >= 1 / (1 + c->options.margin) && effect <= 1 + c->options.margin;
	return effect >= -margin && effect <= margin;
}

/* α of this comparison by itself: a look has its share. */
static double spent_alpha(const struct comparison *c)
{
	size_t given = c->a.counts.given < c->b.counts.given ? c->a.counts.given
							     : c->b.counts.given;

	return c->options.alpha * (c->options.adaptive ? looks_share(given) : 1);
}

/* Count what a value cannot be used for; true where it can be used. */
static bool usable(const struct comparison *c, double value, struct compare_counts *counts)
{
	if (isnan(value))
		counts->nan++;
	else if (isinf(value))
		counts->infinite++;
	else if (is_log(c) && value <= 0)
		counts->not_positive++;
	else
		return true;
	return false;
}

/*
 * ln(b/a), the same for (a, b) and, negated, for (b, a), and the same for pairs of the same ratio
 * wherever a double holds it: ties stay ties.
 */
static double log_ratio(double a, double b)
{
	double ratio = a < b ? b / a : a / b;

	if (!isfinite(ratio))
		return log(b) - log(a);
	return a < b ? log(ratio) : -log(ratio);
}

static void work_free(struct work *w)
{
	free(w->a);
	free(w->b);
	free(w->effects);
	free(w->effects_b);
	free(w->orders);
}

static int work_new(struct work *w, size_t nr_a, size_t nr_b, bool paired)
{
	*w = (struct work){ .nr_a = 0 };
	w->a = malloc((nr_a + 1) * sizeof(*w->a));
	w->b = malloc((nr_b + 1) * sizeof(*w->b));
	w->effects = malloc((nr_a + 1) * sizeof(*w->effects));
	if (paired)
		w->orders = malloc((nr_a + 1) * sizeof(*w->orders));
	else
		w->effects_b = malloc((nr_b + 1) * sizeof(*w->effects_b));
	if (w->a && w->b && w->effects && (paired ? !!w->orders : !!w->effects_b))
		return 0;
	work_free(w);
	return -ENOMEM;
}

/* Pairs that can be used, in order; a disturbed pair or a value that cannot be used drops both. */
static void take_pairs(struct comparison *c, const struct compare_pair *pairs, size_t n,
		       struct work *w)
{
	size_t used = 0;

	c->a.counts.given = c->b.counts.given = n;
	for (size_t i = 0; i < n; i++) {
		const struct compare_pair *p = &pairs[i];
		double difference;
		bool a_usable, b_usable;

		c->a.counts.disturbed += p->disturbed;
		c->b.counts.disturbed += p->disturbed;
		if (p->disturbed)
			continue;
		a_usable = usable(c, p->a, &c->a.counts);
		b_usable = usable(c, p->b, &c->b.counts);
		if (!a_usable || !b_usable)
			continue;
		difference = is_log(c) ? log_ratio(p->a, p->b) : p->b - p->a;
		/* Both are finite, but apart by more than a double holds. */
		c->a.counts.infinite += !isfinite(difference);
		if (!isfinite(difference))
			continue;
		w->a[used] = p->a;
		w->b[used] = p->b;
		w->orders[used] = p->order;
		w->effects[used++] = difference;
	}
	w->nr_a = w->nr_b = used;
	c->a.counts.used = c->b.counts.used = used;
	c->n = used;
	c->n_effective = (double)used;
}

static size_t take_sample(const struct comparison *c, const double *values, size_t n,
			  struct compare_counts *counts, double *ret, double *effects)
{
	counts->given = n;
	for (size_t i = 0; i < n; i++) {
		if (!usable(c, values[i], counts))
			continue;
		ret[counts->used] = values[i];
		effects[counts->used++] = is_log(c) ? log(values[i]) : values[i];
	}
	return counts->used;
}

static void describe_arm(double *values, size_t n, double alpha, struct compare_arm *arm)
{
	arm->interval = no_interval;
	arm->median = NAN;
	if (!n)
		return;
	arm->median = summary_median(values, n);
	/* Too few for one leaves none. */
	(void)summary_median_interval(values, n, 1 - alpha, &arm->interval);
}

static void describe_arms(struct comparison *c, struct work *w)
{
	describe_arm(w->a, w->nr_a, c->options.alpha, &c->a);
	describe_arm(w->b, w->nr_b, c->options.alpha, &c->b);
	c->plain = is_log(c) ? effect_of(c, log_ratio(c->a.median, c->b.median))
			     : c->b.median - c->a.median;
}

/* An interval of differences; none where the sample is too small. */
static int difference_interval(const struct comparison *c, struct work *w, double coverage,
			       struct interval *ret)
{
	int error;

	*ret = no_interval;
	error = c->paired ? signed_rank_interval(w->effects, w->nr_a, coverage, ret)
			  : rank_sum_interval(w->effects, w->nr_a, w->effects_b, w->nr_b, coverage,
					      ret);
	return error == -EDOM ? 0 : error;
}

/* The noise that the interval shows or, where there is none, the standard deviation. */
static double noise_of(const struct comparison *c, struct work *w, const struct interval *narrow)
{
	struct summary a, b;

	if (narrow->coverage > 0)
		return power_noise(narrow, c->n_effective);
	summary_describe(w->effects, w->nr_a, &a);
	if (c->paired)
		return a.sd;
	summary_describe(w->effects_b, w->nr_b, &b);
	return hypot(a.sd, b.sd);
}

static void effect_interval(const struct comparison *c, struct interval *interval)
{
	interval->low = effect_of(c, interval->low);
	interval->high = effect_of(c, interval->high);
}

static int estimate(struct comparison *c, struct work *w)
{
	double alpha = spent_alpha(c), difference = NAN;
	int error = c->paired ? signed_rank_estimate(w->effects, w->nr_a, &difference)
			      : rank_sum_shift(w->effects, w->nr_a, w->effects_b, w->nr_b,
					       &difference);

	if (error && error != -EDOM)
		return error;
	error = difference_interval(c, w, 1 - alpha, &c->wide);
	if (!error)
		error = difference_interval(c, w, 1 - 2 * alpha, &c->narrow);
	if (error)
		return error;
	c->effect = effect_of(c, difference);
	c->noise = noise_of(c, w, &c->narrow);
	effect_interval(c, &c->wide);
	effect_interval(c, &c->narrow);
	return 0;
}

static int test_pairs(struct comparison *c, const struct work *w)
{
	struct signed_rank test;
	int error = signed_rank_test(w->effects, w->nr_a, &test);

	if (error)
		return error;
	c->zeros = test.zeros;
	c->statistic = test.plus;
	c->p = w->nr_a ? test.p : NAN;
	c->exact = test.exact;
	return 0;
}

static int test_samples(struct comparison *c, struct work *w)
{
	struct rank_sum test;
	int error = rank_sum_test(w->a, w->nr_a, w->b, w->nr_b, &test);

	if (error)
		return error;
	c->statistic = test.u;
	c->p = c->n ? test.p : NAN;
	c->exact = test.exact;
	return 0;
}

static int compare_work(struct comparison *c, struct work *w)
{
	int error;

	describe_arms(c, w);
	error = c->paired ? test_pairs(c, w) : test_samples(c, w);
	if (!error)
		error = estimate(c, w);
	return error ? error : compare_family(c, 1);
}

int compare_pairs(const struct compare_pair *pairs, size_t n, const struct compare_options *options,
		  struct comparison *ret)
{
	struct comparison c = { .options = *options, .paired = true };
	struct work w;
	double order_p;
	int error;

	if (!options_valid(options))
		return -EDOM;
	error = work_new(&w, n, n, true);
	if (error)
		return error;
	take_pairs(&c, pairs, n, &w);
	c.randomised = options->randomised && compare_order_is_random(w.orders, w.nr_a, &order_p);
	error = compare_warn_pairs(&c, w.a, w.b, w.effects, w.orders, w.nr_a);
	if (!error)
		error = compare_work(&c, &w);
	work_free(&w);
	if (!error)
		*ret = c;
	return error;
}

int compare_samples(const double *a, size_t nr_a, const double *b, size_t nr_b,
		    const struct compare_options *options, struct comparison *ret)
{
	struct comparison c = { .options = *options, .randomised = options->randomised };
	struct work w;
	int error;

	if (!options_valid(options))
		return -EDOM;
	error = work_new(&w, nr_a, nr_b, false);
	if (error)
		return error;
	w.nr_a = take_sample(&c, a, nr_a, &c.a.counts, w.a, w.effects);
	w.nr_b = take_sample(&c, b, nr_b, &c.b.counts, w.b, w.effects_b);
	c.n = w.nr_a < w.nr_b ? w.nr_a : w.nr_b;
	c.n_effective = c.n ? 2 / (1 / (double)w.nr_a + 1 / (double)w.nr_b) : 0;
	error = compare_warn_sample(&c, w.a, w.nr_a, false);
	if (!error)
		error = compare_warn_sample(&c, w.b, w.nr_b, true);
	if (!error)
		error = compare_work(&c, &w);
	work_free(&w);
	if (!error)
		*ret = c;
	return error;
}

/* What this many pairs could have shown, and how many a verdict would need. */
static void plan(struct comparison *c)
{
	double alpha = spent_alpha(c), each = alpha / (double)c->family, power = c->options.power;
	double margin = margin_difference(c), detectable;

	detectable = power_detectable(c->noise, c->n_effective, each, power);
	c->detectable = is_log(c) ? expm1(detectable) : detectable;
	c->needed = fmax(power_pairs_needed(c->noise, margin, each, power),
			 power_pairs_for_equivalence(c->noise, margin, alpha, power));
	if (isnan(c->noise))
		c->needed = NAN;
}

static enum compare_verdict direction(const struct comparison *c)
{
	bool above = c->effect > neutral(c);

	if (!above && !(c->effect < neutral(c)))
		return COMPARE_VERDICT_INCONCLUSIVE;
	if (c->options.better == COMPARE_NEITHER)
		return above ? COMPARE_VERDICT_HIGHER : COMPARE_VERDICT_LOWER;
	return above == (c->options.better == COMPARE_HIGHER) ? COMPARE_VERDICT_FASTER
							      : COMPARE_VERDICT_SLOWER;
}

static void judge(struct comparison *c)
{
	c->beyond_margin = c->n && !within_margin(c, c->effect);
	c->apparent = COMPARE_VERDICT_INCONCLUSIVE;
	if (within_margin(c, c->narrow.low) && within_margin(c, c->narrow.high))
		c->apparent = COMPARE_VERDICT_EQUIVALENT;
	else if (c->p_adjusted <= c->options.alpha)
		c->apparent = direction(c);
	c->verdict = c->apparent;
	if (!c->randomised && c->apparent != COMPARE_VERDICT_INCONCLUSIVE)
		c->verdict = COMPARE_VERDICT_INDICATIVE;
}

int compare_family(struct comparison *comparisons, size_t n)
{
	AUTO_FREE double *p = calloc(n + 1, sizeof(*p));
	int error;

	if (!p)
		return -ENOMEM;
	/* p over the look's share of α holds for all looks together: a p-value like any other. */
	for (size_t i = 0; i < n; i++)
		p[i] = comparisons[i].p * comparisons[i].options.alpha /
		       spent_alpha(&comparisons[i]);
	error = holm_adjust(p, n, p);
	if (error)
		return error;
	for (size_t i = 0; i < n; i++) {
		comparisons[i].p_adjusted = p[i];
		comparisons[i].family = n;
		plan(&comparisons[i]);
		judge(&comparisons[i]);
	}
	return 0;
}

const char *compare_verdict_name(enum compare_verdict verdict)
{
	static const char *const names[] = {
		[COMPARE_VERDICT_INCONCLUSIVE] = "inconclusive",
		[COMPARE_VERDICT_EQUIVALENT] = "equivalent",
		[COMPARE_VERDICT_FASTER] = "faster",
		[COMPARE_VERDICT_SLOWER] = "slower",
		[COMPARE_VERDICT_HIGHER] = "higher",
		[COMPARE_VERDICT_LOWER] = "lower",
		[COMPARE_VERDICT_INDICATIVE] = "indicative",
	};

	return names[verdict];
}

const char *compare_label(const struct comparison *c)
{
	if (c->paired)
		return c->randomised ? "paired" : "paired, unrandomised";
	return c->randomised ? "unpaired" : "unpaired, unrandomised";
}
