/* SPDX-License-Identifier: MIT */
/*
 * Wilcoxon's signed-rank statistics of paired differences: a test, an estimate and an interval that
 * assume no more than that the differences are symmetric. All inputs are finite; any order.
 */
#ifndef STATS_SIGNED_RANK_H
#define STATS_SIGNED_RANK_H

#include "stats/order.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Up to so many differences the distribution is exact; beyond, p is within 1 part in 1000 of the
 * exact one, within 1 in 90 where it is below 1e-4.
 */
#define SIGNED_RANK_EXACT_MAX 150

struct signed_rank {
	size_t n, zeros;    /* differences that are not zero; that are, and were dropped */
	double plus, minus; /* the rank sums of positive and negative differences, mid-ranks */
	double p;           /* two-sided; 1 where n is 0 */
	bool exact;
};

/*
 * Are the differences centred on zero? Exact under sign flips, with mid-ranks for ties and zeros
 * dropped (Wilcoxon, "Individual comparisons by ranking methods", 1945; Pratt and Gibbons, Concepts
 * of Nonparametric Theory, ch. 3). Large n: normal with continuity correction and the cumulants of
 * the ranks as they are, ties and all. −ENOMEM.
 */
int signed_rank_test(const double *differences, size_t n, struct signed_rank *ret);

/*
 * The largest sum of either sign's ranks with which differences of these magnitudes, whatever their
 * signs, have p at most alpha; −1: there is none. −ENOMEM.
 */
int signed_rank_critical(const double *differences, size_t n, double alpha, double *ret);

/*
 * The Hodges–Lehmann estimate of the centre: the median of all (d_i + d_j)/2, i ≤ j (Hodges and
 * Lehmann, "Estimates of location based on rank tests", 1963). Zeros count as what they are.
 * differences is sorted in place. −EDOM: n is 0; −ENOMEM.
 */
int signed_rank_estimate(double *differences, size_t n, double *ret);

/*
 * The interval of the centre from the k-th smallest to the k-th largest (d_i + d_j)/2, the k of the
 * signed-rank distribution for at least this coverage (Tukey 1949; Hollander and Wolfe,
 * Nonparametric Statistical Methods, §3.3). differences is sorted in place. −EDOM: n is too small
 * for any (below 6 at 95 %, below 5 at 90 %); −ENOMEM.
 */
int signed_rank_interval(double *differences, size_t n, double coverage, struct interval *ret);

#endif
