/* SPDX-License-Identifier: MIT */
#include "stats/normal.h"

#include <math.h>

double normal_cdf(double z)
{
	return erfc(-z / M_SQRT2) / 2;
}

double normal_quantile(double p)
{
	double low = -40, high = 0;

	if (p <= 0 || p >= 1)
		return p <= 0 ? -INFINITY : INFINITY;
	/* The lower tail is the precise one. */
	if (p > 0.5)
		return -normal_quantile(1 - p);
	for (int i = 0; i < 60; i++) {
		double z = (low + high) / 2;

		if (normal_cdf(z) < p)
			low = z;
		else
			high = z;
	}
	return (low + high) / 2;
}

/* Hermite's polynomials of degree 3, 5 and 7. */
static double hermite(double z, int degree)
{
	double square = z * z;

	if (degree == 3)
		return z * (square - 3);
	if (degree == 5)
		return z * ((square - 10) * square + 15);
	return z * (((square - 21) * square + 105) * square - 105);
}

double normal_edgeworth(const struct cumulants *c, double x)
{
	double z = x / sqrt(c->variance), cdf, scale, fourth, first, second;

	if (z > 0)
		return 1 - normal_edgeworth(c, -x);
	cdf = normal_cdf(z);
	if (cdf <= 0)
		return 0;
	scale = -exp(-z * z / 2) / sqrt(2 * M_PI) / cdf;
	fourth = c->fourth / pow(c->variance, 2);
	first = scale * fourth / 24 * hermite(z, 3);
	second = scale * (c->sixth / pow(c->variance, 3) / 720 * hermite(z, 5) +
			  fourth * fourth / 1152 * hermite(z, 7));
	return fmin(1, cdf * exp(first + second - first * first / 2));
}

uint64_t normal_rank(const struct cumulants *c, double mean, double limit, double *ret_tail)
{
	uint64_t low = 0, high = (uint64_t)mean;

	while (low < high) {
		uint64_t k = low + (high - low + 1) / 2;

		if (normal_edgeworth(c, (double)k - 0.5 - mean) <= limit)
			low = k;
		else
			high = k - 1;
	}
	*ret_tail = normal_edgeworth(c, (double)low - 0.5 - mean);
	return low;
}
