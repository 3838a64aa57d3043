/* SPDX-License-Identifier: MIT */
/*
 * Is B different from A, by how much, and what may be said about it? Values in, a verdict with all
 * that it rests on out; nothing is read or printed here.
 */
#ifndef STATS_COMPARE_H
#define STATS_COMPARE_H

#include "stats/order.h"
#include "stats/untied.h"

#include <stdbool.h>
#include <stddef.h>

/* Which way is better. The order is that of the metrics' own word for it. */
enum compare_better { COMPARE_LOWER, COMPARE_HIGHER, COMPARE_NEITHER };

enum compare_transform {
	COMPARE_LOG,  /* effects are ratios B/A; values must be above 0 */
	COMPARE_NONE, /* effects are differences B − A, in the values' unit */
};

enum compare_order { ORDER_UNKNOWN, ORDER_AB, ORDER_BA };

enum compare_verdict {
	COMPARE_VERDICT_INCONCLUSIVE,
	COMPARE_VERDICT_EQUIVALENT, /* the narrow interval lies within the margin */
	COMPARE_VERDICT_FASTER,     /* B is better than A */
	COMPARE_VERDICT_SLOWER,
	COMPARE_VERDICT_HIGHER, /* B is above A; neither is better */
	COMPARE_VERDICT_LOWER,
	COMPARE_VERDICT_INDICATIVE, /* it would be the apparent verdict, had the order been
				       randomised */
};

struct compare_options {
	double alpha;  /* two-sided */
	double margin; /* as a share: a ratio within 1/(1 + margin) … 1 + margin is no difference;
			  without logarithms a difference within ± margin × |median of A| */
	double power;  /* that planned figures are for */
	enum compare_better better;
	enum compare_transform transform;
	bool randomised; /* A and B were measured in random order; pairs show it by theirs */
	bool adaptive;   /* this is one of the looks of stats/looks.h */
};

/* α = 5 %, margin 1 %, power 80 %, lower is better, logarithms, not randomised, not adaptive. */
extern const struct compare_options compare_defaults;

/* An A and a B of one round, in the order of rounds. */
struct compare_pair {
	double a, b;
	bool disturbed; /* by a rule that was declared beforehand: dropped whole */
	enum compare_order order;
};

/* What became of the input: of pairs, or of single values of two samples. */
struct compare_counts {
	size_t given, used;
	size_t disturbed, nan;
	size_t infinite;     /* with A's: a difference that no double holds, too */
	size_t not_positive; /* no logarithm */
};

struct compare_arm {
	struct compare_counts counts;
	double median;
	struct interval interval; /* of the median, 1 − alpha; NaN, coverage 0: too few values */
};

/* What to know beside the verdict; p of each is below COMPARE_WARNING_P. */
enum compare_warning {
	COMPARE_TREND_A, /* value: change over the whole series as a share of |median| */
	COMPARE_TREND_B,
	COMPARE_CORRELATED,   /* pairs' differences; value: their lag-1 autocorrelation */
	COMPARE_CORRELATED_A, /* single values, where unpaired */
	COMPARE_CORRELATED_B,
	COMPARE_ORDER_MATTERS, /* value: effect in BA rounds over that in AB rounds, or less it */
	COMPARE_ORDER_NOT_RANDOM, /* said to be randomised, but a coin would not; value 0 */
};

#define COMPARE_WARNINGS_MAX 5
#define COMPARE_WARNING_P    0.01

struct comparison {
	struct compare_options options;
	bool paired, randomised;
	struct compare_arm a, b; /* of what was used */
	size_t n;                /* pairs used; the smaller sample where unpaired */
	double n_effective;      /* n; the harmonic mean of both where unpaired */
	size_t zeros;            /* pairs without a difference: the test drops them */

	/* Ratios or differences, as options.transform says; NaN where nothing was used. */
	double plain;                 /* ratio, or difference, of the medians */
	double effect;                /* Hodges–Lehmann */
	struct interval wide, narrow; /* 1 − α and 1 − 2α, α what this look spends; as above */

	double statistic; /* W+ (paired) or U (unpaired) */
	double p;         /* two-sided; NaN where nothing was used */
	bool exact;
	double p_adjusted; /* for looks, then Holm over the family: claim where ≤ options.alpha */
	/*
	 * One-sided, of an effect that is no worse than the margin; adjusted as p is. NaN: neither
	 * way is better, or nothing was used.
	 */
	double p_margin, p_margin_adjusted;
	size_t family; /* comparisons that adjusted ones allow for */

	double noise; /* of one pair, in logarithms or units (see stats/power.h); NaN: unknown */
	double detectable; /* effect that n pairs show: a share with logarithms, else in units;
			      infinite where n pairs cannot reach alpha */
	double needed; /* pairs, or values a side, for a verdict if the effect is 0 or the margin */
	enum compare_verdict verdict, apparent;
	bool beyond_margin;       /* effect is outside the margin */
	bool worse_beyond_margin; /* apparently slower, and by p_margin_adjusted more than it */

	size_t nr_warnings;
	struct {
		enum compare_warning kind;
		double value, p;
	} warnings[COMPARE_WARNINGS_MAX];
};

/*
 * Compare by pairs: d = ln(B/A) or B − A; exact signed-rank test, Hodges–Lehmann estimate and its
 * interval. Judged as a family of one. −ENOMEM; −EDOM: an option is out of its range.
 */
int compare_pairs(const struct compare_pair *pairs, size_t n, const struct compare_options *options,
		  struct comparison *ret);

/*
 * Compare two samples with nothing to pair them by: rank-sum test, Hodges–Lehmann shift. known:
 * what distributions are kept in from one comparison to the next.
 */
int compare_samples(const double *a, size_t nr_a, const double *b, size_t nr_b,
		    const struct compare_options *options, struct untied_table *known,
		    struct comparison *ret);

/*
 * Judge n comparisons as one family: Holm's p-values, then verdicts and planned figures. The chance
 * that any is called faster or slower where there is no difference is at most alpha, and so is the
 * chance that any is called worse beyond the margin where none is. −ENOMEM.
 */
int compare_family(struct comparison *comparisons, size_t n);

/*
 * Could a coin have chosen the orders? ret_p: how seldom one is as one-sided, or changes as seldom
 * or as regularly, as these (the smaller of two exact binomial p, doubled). False below 0.001,
 * where an order is unknown, and for no pairs.
 */
bool compare_order_is_random(const enum compare_order *orders, size_t n, double *ret_p);

/* "equivalent", "faster", …, "indicative". */
const char *compare_verdict_name(enum compare_verdict verdict);

/* "paired", "paired, unrandomised", "unpaired", …: what kind of evidence it is. */
const char *compare_label(const struct comparison *c);

#endif
