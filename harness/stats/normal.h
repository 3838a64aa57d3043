/* SPDX-License-Identifier: MIT */
/* The normal distribution, for samples too large for exact ones, and for planning. */
#ifndef STATS_NORMAL_H
#define STATS_NORMAL_H

/* P(Z ≤ z). */
double normal_cdf(double z);

/* The z with P(Z ≤ z) = p, 0 < p < 1; −∞ and ∞ at the ends. To 1e-12, by bisection. */
double normal_quantile(double p);

/*
 * P(X ≤ z) of a standardised symmetric X with this excess kurtosis: Edgeworth's expansion to the
 * term in the fourth cumulant (Kendall and Stuart, The Advanced Theory of Statistics I, §6.18), the
 * term applied as a factor so that far tails stay positive.
 */
double normal_edgeworth(double z, double excess);

#endif
