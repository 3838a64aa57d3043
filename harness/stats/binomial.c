/* SPDX-License-Identifier: MIT */
#include "stats/binomial.h"

#include <math.h>

#define EXACT_MAX 1000 /* 2^−n is a normal double */

double binomial_half(size_t n, size_t k, double previous)
{
	double dn = (double)n, dk = (double)k;

	if (k && previous > 0)
		return previous * (dn - dk + 1) / dk;
	if (n <= EXACT_MAX)
		return ldexp(1, -(int)n);
	/* Beyond 20 standard deviations there is nothing to add up. */
	if (fabs(dk - dn / 2) > 10 * sqrt(dn))
		return 0;
	return exp(lgamma(dn + 1) - lgamma(dk + 1) - lgamma(dn - dk + 1) - dn * log(2));
}

double binomial_half_tail(size_t n, size_t k)
{
	double share = 0, tail = 0;

	for (size_t i = 0; i <= k && i <= n; i++) {
		share = binomial_half(n, i, share);
		tail += share;
	}
	return fmin(1, tail);
}
