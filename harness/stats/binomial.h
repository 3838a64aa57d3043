/* SPDX-License-Identifier: MIT */
/* Fair coins: the binomial distribution with p = 1/2, exact up to 1,000 tosses, to 1e-9 beyond. */
#ifndef STATS_BINOMIAL_H
#define STATS_BINOMIAL_H

#include <stddef.h>

/* P(X = k) of n tosses, k ≤ n; previous is P(X = k − 1), unused where k is 0. */
double binomial_half(size_t n, size_t k, double previous);

/* P(X ≤ k). */
double binomial_half_tail(size_t n, size_t k);

#endif
