/* SPDX-License-Identifier: MIT */
/* Many tests at once: p-values that keep the chance of any false claim at α. */
#ifndef STATS_HOLM_H
#define STATS_HOLM_H

#include <stddef.h>

/*
 * Holm's adjusted p-values (Holm, "A simple sequentially rejective multiple test procedure", 1979),
 * at most 1, in the order of p; ret may be p. A NaN stays NaN and still counts as a test: the
 * family was declared before it was known which tests would come to nothing. −ENOMEM.
 */
int holm_adjust(const double *p, size_t n, double *ret);

/*
 * The least number of pairs with which one of n comparisons can reach p ≤ alpha after adjustment:
 * the smallest signed-rank p of k pairs is 2^(1 − k). n ≥ 1, 0 < alpha ≤ 1.
 */
size_t holm_pairs_needed(size_t n, double alpha);

/* The same for the rank-sum test: values a side, whose smallest p is 2/C(2k, k). */
size_t holm_samples_needed(size_t n, double alpha);

#endif
