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

double normal_edgeworth(double z, double excess)
{
	double density = exp(-z * z / 2) / sqrt(2 * M_PI);
	double cdf;

	if (z > 0)
		return 1 - normal_edgeworth(-z, excess);
	cdf = normal_cdf(z);
	if (cdf <= 0)
		return 0;
	return cdf * exp(-density * excess / 24 * (z * z * z - 3 * z) / cdf);
}
