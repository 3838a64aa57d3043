/* SPDX-License-Identifier: MIT */
/*
 * Does a series stand still? Drift and dependence between neighbours, for warnings: they decide
 * nothing. All values are finite and in the order in which they were measured.
 */
#ifndef STATS_TREND_H
#define STATS_TREND_H

#include <stddef.h>

#define TREND_LENGTH_MAX 512 /* a longer series is made of so many medians of neighbours */

struct trend {
	double tau; /* −1 … 1: the share of pairs that rise less the share that fall */
	double p;   /* two-sided; 1 for fewer than 4 values */
};

/*
 * Mann's and Kendall's test for a monotone trend, normal with tie and continuity correction (Mann,
 * "Nonparametric tests against trend", 1945; Kendall, Rank Correlation Methods, ch. 4). −ENOMEM.
 */
int trend_find(const double *values, size_t n, struct trend *ret);

/*
 * How steep it is, per value of the series given: the median of all slopes between two values
 * (Theil 1950; Sen, "Estimates of the regression coefficient based on Kendall's tau", 1968). 0 for
 * fewer than 2 values. −ENOMEM.
 */
int trend_slope(const double *values, size_t n, double *ret);

/*
 * The correlation of each value with the next (Box and Jenkins, Time Series Analysis, §2.1.5). 0
 * where it is not defined: fewer than 3 values, or all equal.
 */
double trend_autocorrelation(const double *values, size_t n);

/*
 * How seldom an independent series of n values has a correlation at least as far from its mean,
 * −1/n, as this: two-sided, normal with variance 1/n (Bartlett 1946).
 */
double trend_autocorrelation_p(double correlation, size_t n);

#endif
