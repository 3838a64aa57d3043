/* SPDX-License-Identifier: MIT */
#include "stats/geomean.h"

#include <math.h>

enum geomean_use geomean_use(double ratio)
{
	if (isnan(ratio))
		return GEOMEAN_UNMATCHED;
	if (isinf(ratio))
		return GEOMEAN_INFINITE;
	if (ratio == 0)
		return GEOMEAN_ZERO;
	return ratio < 0 ? GEOMEAN_NEGATIVE : GEOMEAN_USED;
}

void geomean_of(const double *ratios, size_t n, struct geomean *ret)
{
	double sum = 0;

	*ret = (struct geomean){ .ratio = NAN };
	for (size_t i = 0; i < n; i++) {
		enum geomean_use use = geomean_use(ratios[i]);

		ret->count[use]++;
		if (use == GEOMEAN_USED)
			sum += log(ratios[i]);
	}
	if (ret->count[GEOMEAN_USED])
		ret->ratio = exp(sum / (double)ret->count[GEOMEAN_USED]);
}
