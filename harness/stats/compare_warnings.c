/* SPDX-License-Identifier: MIT */
#include "stats/compare_warnings.h"

#include "base/cleanup.h"
#include "stats/binomial.h"
#include "stats/rank_sum.h"
#include "stats/summary.h"
#include "stats/trend.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NO_COIN_P 0.001

static void warn(struct comparison *c, enum compare_warning kind, double value, double p)
{
	if (p >= COMPARE_WARNING_P || c->nr_warnings == COMPARE_WARNINGS_MAX)
		return;
	c->warnings[c->nr_warnings].kind = kind;
	c->warnings[c->nr_warnings].value = value;
	c->warnings[c->nr_warnings++].p = p;
}

static int warn_trend(struct comparison *c, const double *values, size_t n, bool is_b)
{
	AUTO_FREE double *sorted = malloc((n + 1) * sizeof(*sorted));
	struct trend trend;
	double median, slope;
	int error;

	if (!sorted)
		return -ENOMEM;
	error = trend_find(values, n, &trend);
	if (error || trend.p >= COMPARE_WARNING_P)
		return error;
	error = trend_slope(values, n, &slope);
	if (error)
		return error;
	memcpy(sorted, values, n * sizeof(*values));
	median = summary_median(sorted, n);
	warn(c, is_b ? COMPARE_TREND_B : COMPARE_TREND_A, slope * (double)n / fabs(median),
	     trend.p);
	return 0;
}

static void warn_correlation(struct comparison *c, enum compare_warning kind, const double *values,
			     size_t n)
{
	double correlation = trend_autocorrelation(values, n);

	warn(c, kind, correlation, trend_autocorrelation_p(correlation, n));
}

/* Two-sided p of k heads in n tosses. */
static double coin_p(size_t n, size_t k)
{
	return fmin(1, 2 * binomial_half_tail(n, k < n - k ? k : n - k));
}

bool compare_order_is_random(const enum compare_order *orders, size_t n, double *ret_p)
{
	size_t nr_ab = 0, nr_changes = 0;
	double p;

	for (size_t i = 0; i < n; i++) {
		if (orders[i] == ORDER_UNKNOWN)
			return false;
		nr_ab += orders[i] == ORDER_AB;
		nr_changes += i && orders[i] != orders[i - 1];
	}
	if (!n)
		return false;
	/* Whether the order changes from one round to the next is a toss as well. */
	p = fmin(1, 2 * fmin(coin_p(n, nr_ab), coin_p(n - 1, nr_changes)));
	*ret_p = p;
	return p >= NO_COIN_P;
}

/* Do rounds in which A came first differ from those in which B did? */
static int warn_order(struct comparison *c, const double *differences,
		      const enum compare_order *orders, size_t n)
{
	AUTO_FREE double *parted = malloc((n + 1) * sizeof(*parted));
	size_t nr_ab = 0, nr_ba = 0;
	struct untied_table known = { .next = 0 };
	struct rank_sum test;
	double shift;
	int error;

	if (!parted)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		if (orders[i] == ORDER_AB)
			parted[nr_ab++] = differences[i];
		else if (orders[i] == ORDER_BA)
			parted[n - ++nr_ba] = differences[i];
	if (!nr_ab || !nr_ba)
		return 0;
	error = rank_sum_test(parted, nr_ab, parted + n - nr_ba, nr_ba, &known, &test);
	untied_table_free(&known);
	if (error || test.p >= COMPARE_WARNING_P)
		return error;
	error = rank_sum_shift(parted, nr_ab, parted + n - nr_ba, nr_ba, &shift);
	if (error)
		return error;
	warn(c, COMPARE_ORDER_MATTERS, c->options.transform == COMPARE_LOG ? exp(shift) : shift,
	     test.p);
	return 0;
}

int compare_warn_pairs(struct comparison *c, const double *a, const double *b,
		       const double *differences, const enum compare_order *orders, size_t n)
{
	double p = 1;
	int error = warn_trend(c, a, n, false);

	if (!error)
		error = warn_trend(c, b, n, true);
	if (!error)
		error = warn_order(c, differences, orders, n);
	if (error)
		return error;
	warn_correlation(c, COMPARE_CORRELATED, differences, n);
	if (c->options.randomised && !compare_order_is_random(orders, n, &p) && p < NO_COIN_P)
		warn(c, COMPARE_ORDER_NOT_RANDOM, 0, p);
	return 0;
}

int compare_warn_sample(struct comparison *c, const double *values, size_t n, bool is_b)
{
	warn_correlation(c, is_b ? COMPARE_CORRELATED_B : COMPARE_CORRELATED_A, values, n);
	return warn_trend(c, values, n, is_b);
}
