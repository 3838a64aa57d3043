/* SPDX-License-Identifier: MIT */
/* Order statistics of a sample: the median, and an interval for it that assumes no distribution. */
#ifndef STATS_SUMMARY_H
#define STATS_SUMMARY_H

#include <stddef.h>

struct interval {
	double low, high;
	double coverage; /* the exact one, at least what was asked for */
};

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

#endif
