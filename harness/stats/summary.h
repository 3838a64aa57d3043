/* SPDX-License-Identifier: MIT */
/*
 * What a sample looks like: its order statistics, its spread, and an interval for its median that
 * assumes no distribution.
 */
#ifndef STATS_SUMMARY_H
#define STATS_SUMMARY_H

#include "stats/order.h"

#include <stddef.h>

/*
 * A sample in figures, in the unit of its values. They describe the n finite values; NaN and
 * infinities are counted beside them. All are NaN where n is 0; sd is NaN where n is 1.
 */
struct summary {
	size_t n, nr_nan, nr_infinite;
	double min, max, mean, median;
	double sd;  /* with n − 1; infinite only where it is beyond the range of double */
	double mad; /* the median distance from the median, not scaled to the normal's sd */
};

/* Fill ret. values is put in order: the finite ones, sorted, come first. */
void summary_describe(double *values, size_t n, struct summary *ret);

/*
 * The quantile p (0 … 1) of sorted finite values, linear between the order statistics around
 * 1 + (n − 1) p: type 7 of Hyndman and Fan, "Sample quantiles in statistical packages" (1996).
 * NaN where n is 0.
 */
double summary_quantile(const double *sorted, size_t n, double p);

/*
 * The median, mid of the two middle values where n is even. values is sorted in place; all finite;
 * n > 0.
 */
double summary_median(double *values, size_t n);

/*
 * The narrowest symmetric order-statistic interval for the median with at least this coverage
 * (0 < coverage < 1): from the k-th smallest to the k-th largest value, k from the binomial
 * distribution with p = 1/2 (Thompson 1936; Conover, Practical Nonparametric Statistics, §3.2).
 * values is sorted in place. −EDOM: n is too small for any (below 6 at 95 %); ret untouched.
 */
int summary_median_interval(double *values, size_t n, double coverage, struct interval *ret);

/*
 * The width of an interval as a share of what it is around: (high − low) / |median|. This is what
 * `until: 2%` bounds. 0 where high is low; infinite where only the median is 0.
 */
double summary_relative_width(const struct interval *interval, double median);

#endif
