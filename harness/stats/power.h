/* SPDX-License-Identifier: MIT */
/*
 * Planning: how small a difference so many pairs can show, and how many pairs a difference needs.
 *
 * Noise is that of one pair's difference, in the difference's unit: the standard error of the
 * estimate from n pairs is noise/√n. For two samples without pairs, n is the harmonic mean of their
 * sizes. alpha is two-sided, divided by the number of comparisons where there are many.
 */
#ifndef STATS_POWER_H
#define STATS_POWER_H

#include "stats/order.h"

#include <stddef.h>

/* The noise that an interval from n pairs shows: half its width is z times noise/√n. */
double power_noise(const struct interval *interval, double n);

/*
 * The smallest difference that n pairs find with this power (0.5 … 1): (z_{1−α/2} + z_power) ×
 * noise/√(n − z²/2), the last term for what small samples lose (Guenther, "Sample size formulas for
 * normal theory t tests", 1981). Infinite where n pairs cannot reach alpha at all.
 */
double power_detectable(double noise, double n, double alpha, double power);

/*
 * The pairs that find an effect with this power; at least those that can reach alpha. 0 noise: that
 * least number; 0 effect: infinite.
 */
double power_pairs_needed(double noise, double effect, double alpha, double power);

/*
 * The pairs that show, with this power, that there is no effect beyond ±margin when there is none:
 * the interval of coverage 1 − 2 alpha lies inside (Schuirmann 1987; Julious, "Sample sizes for
 * clinical trials with normal data", 2004, eq. 17).
 */
double power_pairs_for_equivalence(double noise, double margin, double alpha, double power);

/* The power of n pairs to find the effect. */
double power_reached(double noise, double effect, double n, double alpha);

#endif
