/* SPDX-License-Identifier: MIT */
#include "stats/summary.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

static int compare_double(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double summary_median(double *values, size_t n)
{
	qsort(values, n, sizeof(*values), compare_double);
	return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

/* P(X = k) of Binomial(n, 1/2). */
static double binomial_half(size_t n, size_t k)
{
	double dn = (double)n, dk = (double)k;

	return exp(lgamma(dn + 1) - lgamma(dk + 1) - lgamma(dn - dk + 1) - dn * log(2));
}

int summary_median_interval(double *values, size_t n, double coverage, struct interval *ret)
{
	double tail = 0, kept = 0;
	size_t k = 0;

	/* The k-th smallest and largest leave P(X < k) on either side. */
	while (k < (n + 1) / 2) {
		tail += binomial_half(n, k);
		if (1 - 2 * tail < coverage)
			break;
		kept = 1 - 2 * tail;
		k++;
	}
	if (!k)
		return -EDOM;
	qsort(values, n, sizeof(*values), compare_double);
	*ret = (struct interval){ values[k - 1], values[n - k], kept };
	return 0;
}
