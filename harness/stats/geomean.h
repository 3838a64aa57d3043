/* SPDX-License-Identifier: MIT */
/* The geometric mean of ratios, over what both sides have; what it cannot hold is counted by kind.
 */
#ifndef STATS_GEOMEAN_H
#define STATS_GEOMEAN_H

#include <stddef.h>

/* NaN stands for a cell that one side lacks. */
enum geomean_use {
	GEOMEAN_USED,
	GEOMEAN_UNMATCHED,
	GEOMEAN_ZERO,
	GEOMEAN_NEGATIVE,
	GEOMEAN_INFINITE
};

#define GEOMEAN_USES 5

struct geomean {
	double ratio;               /* NaN where no ratio was used */
	size_t count[GEOMEAN_USES]; /* by enum geomean_use */
};

/* What becomes of a ratio, so that the cells left out can be named. */
enum geomean_use geomean_use(double ratio);

/* In logarithms: no product overflows (Fleming and Wallace, "How not to lie with statistics",
 * 1986). */
void geomean_of(const double *ratios, size_t n, struct geomean *ret);

#endif
