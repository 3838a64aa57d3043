/* SPDX-License-Identifier: MIT */
#include "stats/compare.h"

#include "base/cleanup.h"
#include "stats/compare_values.h"
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

#define ROUNDING 1e-9 /* of a margin: what is nearer to it is no difference from it */

static const struct interval no_interval = { NAN, NAN, 0 };

static bool options_valid(const struct compare_options *o)
{
	return o->alpha > 0 && o->alpha < 0.5 && o->margin >= 0 && isfinite(o->margin) &&
	       o->power >= 0.5 && o->power < 1;
}

/* From the scale of differences to that of effects. */
static double effect_of(const struct comparison *c, double difference)
{
	return compare_is_log(c) ? exp(difference) : difference;
}

static double neutral(const struct comparison *c)
{
	return compare_is_log(c) ? 1 : 0;
}

/* The margin on the scale of differences. */
static double margin_difference(const struct comparison *c)
{
	return compare_is_log(c) ? log1p(c->options.margin) : c->options.margin * fabs(c->a.median);
}

static bool within_margin(const struct comparison *c, double effect)
{
	double margin = margin_difference(c);

	if (compare_is_log(c))
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

static void describe_arms(struct comparison *c, struct compare_values *w)
{
	describe_arm(w->a, w->nr_a, c->options.alpha, &c->a);
	describe_arm(w->b, w->nr_b, c->options.alpha, &c->b);
	c->plain = compare_is_log(c) ? effect_of(c, compare_log_ratio(c->a.median, c->b.median))
				     : c->b.median - c->a.median;
}

/* An interval of differences; none where the sample is too small. */
static int difference_interval(const struct comparison *c, struct compare_values *w,
			       double coverage, struct interval *ret)
{
	int error;

	*ret = no_interval;
	error = c->paired ? signed_rank_interval(w->effects, w->nr_a, coverage, ret)
			  : rank_sum_interval(w->effects, w->nr_a, w->effects_b, w->nr_b, coverage,
					      w->known, ret);
	return error == -EDOM ? 0 : error;
}

/* The noise that the interval shows or, where there is none, the standard deviation. */
static double noise_of(const struct comparison *c, struct compare_values *w,
		       const struct interval *narrow)
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

static int estimate(struct comparison *c, struct compare_values *w)
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

/* Where differences must lie above, or below, for B to be worse than A by more than the margin. */
static double worse_margin(const struct comparison *c)
{
	double margin = margin_difference(c);

	return c->options.better == COMPARE_HIGHER ? -margin : margin;
}

/* Of the side that is worse. The two-sided p is twice that of the side that the values are on. */
static double one_sided(const struct comparison *c, double p, double above, double below)
{
	bool worse = c->options.better == COMPARE_HIGHER ? below > above : above > below;

	return worse ? p / 2 : 1 - p / 2;
}

static int margin_of_pairs(struct comparison *c, const double *less, size_t n)
{
	struct signed_rank test;
	int error = signed_rank_test(less, n, &test);

	if (!error)
		c->p_margin = one_sided(c, test.p, test.plus, test.minus);
	return error;
}

static int margin_of_samples(struct comparison *c, struct compare_values *w, double *less)
{
	double pairs = (double)w->nr_a * (double)w->nr_b;
	struct rank_sum test;
	int error = rank_sum_test(w->effects, w->nr_a, less, w->nr_b, w->known, &test);

	if (!error)
		c->p_margin = one_sided(c, test.p, test.u, pairs - test.u);
	return error;
}

/* The test against the margin in place of no difference: the same values, less the margin. */
static int test_margin(struct comparison *c, struct compare_values *w)
{
	const double *effects = c->paired ? w->effects : w->effects_b;
	size_t n = c->paired ? w->nr_a : w->nr_b;
	AUTO_FREE double *less = malloc((n + 1) * sizeof(*less));
	double margin = worse_margin(c);

	c->p_margin = NAN;
	if (c->options.better == COMPARE_NEITHER || !c->n)
		return 0;
	if (!less)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		less[i] = effects[i] - margin;
		/* What is the margin but for rounding lies on neither side of it. */
		if (fabs(less[i]) < ROUNDING * fabs(margin))
			less[i] = 0;
	}
	return c->paired ? margin_of_pairs(c, less, n) : margin_of_samples(c, w, less);
}

static int test_pairs(struct comparison *c, const struct compare_values *w)
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

static int test_samples(struct comparison *c, struct compare_values *w)
{
	struct rank_sum test;
	int error = rank_sum_test(w->a, w->nr_a, w->b, w->nr_b, w->known, &test);

	if (error)
		return error;
	c->statistic = test.u;
	c->p = c->n ? test.p : NAN;
	c->exact = test.exact;
	return 0;
}

static int compare_work(struct comparison *c, struct compare_values *w)
{
	int error;

	describe_arms(c, w);
	error = c->paired ? test_pairs(c, w) : test_samples(c, w);
	if (!error)
		error = test_margin(c, w);
	if (!error)
		error = estimate(c, w);
	return error ? error : compare_family(c, 1);
}

int compare_pairs(const struct compare_pair *pairs, size_t n, const struct compare_options *options,
		  struct comparison *ret)
{
	struct comparison c = { .options = *options, .paired = true };
	struct compare_values w;
	double order_p;
	int error;

	if (!options_valid(options))
		return -EDOM;
	error = compare_values_new(&w, n, n, true);
	if (error)
		return error;
	compare_take_pairs(&c, pairs, n, &w);
	c.randomised = options->randomised && compare_order_is_random(w.orders, w.nr_a, &order_p);
	error = compare_warn_pairs(&c, w.a, w.b, w.effects, w.orders, w.nr_a);
	if (!error)
		error = compare_work(&c, &w);
	compare_values_free(&w);
	if (!error)
		*ret = c;
	return error;
}

int compare_samples(const double *a, size_t nr_a, const double *b, size_t nr_b,
		    const struct compare_options *options, struct untied_table *known,
		    struct comparison *ret)
{
	struct comparison c = { .options = *options, .randomised = options->randomised };
	struct compare_values w;
	int error;

	if (!options_valid(options))
		return -EDOM;
	error = compare_values_new(&w, nr_a, nr_b, false);
	if (error)
		return error;
	w.known = known;
	compare_take_samples(&c, a, nr_a, b, nr_b, &w);
	error = compare_warn_sample(&c, w.a, w.nr_a, false);
	if (!error)
		error = compare_warn_sample(&c, w.b, w.nr_b, true);
	if (!error)
		error = compare_work(&c, &w);
	compare_values_free(&w);
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
	c->detectable = compare_is_log(c) ? expm1(detectable) : detectable;
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
	c->worse_beyond_margin = c->apparent == COMPARE_VERDICT_SLOWER &&
				 c->p_margin_adjusted <= c->options.alpha;
	c->verdict = c->apparent;
	if (!c->randomised && c->apparent != COMPARE_VERDICT_INCONCLUSIVE)
		c->verdict = COMPARE_VERDICT_INDICATIVE;
}

int compare_family(struct comparison *comparisons, size_t n)
{
	AUTO_FREE double *p = calloc(2 * n + 1, sizeof(*p));
	double *p_margin;
	int error;

	if (!p)
		return -ENOMEM;
	p_margin = p + n;
	/* p over the look's share of α holds for all looks together: a p-value like any other. */
	for (size_t i = 0; i < n; i++) {
		double looks = comparisons[i].options.alpha / spent_alpha(&comparisons[i]);

		p[i] = comparisons[i].p * looks;
		p_margin[i] = comparisons[i].p_margin * looks;
	}
	error = holm_adjust(p, n, p);
	if (!error)
		error = holm_adjust(p_margin, n, p_margin);
	if (error)
		return error;
	for (size_t i = 0; i < n; i++) {
		comparisons[i].p_adjusted = p[i];
		comparisons[i].p_margin_adjusted = p_margin[i];
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
