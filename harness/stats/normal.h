/* SPDX-License-Identifier: MIT */
/* The normal distribution, for samples too large for exact ones, and for planning. */
#ifndef STATS_NORMAL_H
#define STATS_NORMAL_H

#include <stdint.h>

/* P(Z ≤ z). */
double normal_cdf(double z);

/* The z with P(Z ≤ z) = p, 0 < p < 1; −∞ and ∞ at the ends. To 1e-12, by bisection. */
double normal_quantile(double p);

/* The even cumulants of a distribution that is symmetric around 0, in its unit's powers. */
struct cumulants {
	double variance, fourth, sixth;
};

/*
 * P(X ≤ x) of such an X: Edgeworth's expansion to the terms of second order (Kendall and Stuart,
 * The Advanced Theory of Statistics I, §6.18), in the logarithm, so that far tails stay positive.
 * variance > 0.
 */
double normal_edgeworth(const struct cumulants *c, double x);

/*
 * For a sum of ranks with that mean and those cumulants, whole and at least 0: the largest k, at
 * most mean, with P(sum < k) ≤ limit, continuity corrected; *ret_tail: that P. 0 where even the
 * first is above limit.
 */
uint64_t normal_rank(const struct cumulants *c, double mean, double limit, double *ret_tail);

#endif
