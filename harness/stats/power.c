/* SPDX-License-Identifier: MIT */
#include "stats/power.h"

#include "stats/holm.h"
#include "stats/normal.h"

double power_noise(const struct interval *interval, double n)
{
	double z = normal_quantile((1 + interval->coverage) / 2);

	return (interval->high / 2 - interval->low / 2) / z * sqrt(n);
}

/* What small samples lose against the normal distribution: they have to find their noise too. */
static double lost_pairs(double z)
{
	return z * z / 2;
}

double power_detectable(double noise, double n, double alpha, double power)
{
	double z = normal_quantile(1 - alpha / 2), left = n - lost_pairs(z);

	if (left <= 0 || n < (double)holm_pairs_needed(1, alpha))
		return INFINITY;
	return (z + normal_quantile(power)) * noise / sqrt(left);
}

double power_pairs_needed(double noise, double effect, double alpha, double power)
{
	double z = normal_quantile(1 - alpha / 2);
	double ratio = (z + normal_quantile(power)) * noise / fabs(effect);
	double least = (double)holm_pairs_needed(1, alpha);

	if (effect == 0)
		return INFINITY;
	return noise > 0 ? fmax(least, ceil(ratio * ratio + lost_pairs(z))) : least;
}

double power_pairs_for_equivalence(double noise, double margin, double alpha, double power)
{
	double z = normal_quantile(1 - alpha);
	double ratio = (z + normal_quantile((1 + power) / 2)) * noise / margin;
	double least = (double)holm_pairs_needed(1, 2 * alpha);

	if (margin <= 0)
		return INFINITY;
	return noise > 0 ? fmax(least, ceil(ratio * ratio + lost_pairs(z))) : least;
}

double power_reached(double noise, double effect, double n, double alpha)
{
	double z = normal_quantile(1 - alpha / 2), left = n - lost_pairs(z);

	if (left <= 0 || n < (double)holm_pairs_needed(1, alpha))
		return 0;
	if (noise <= 0)
		return effect == 0 ? 0 : 1;
	return normal_cdf(fabs(effect) / noise * sqrt(left) - z);
}
