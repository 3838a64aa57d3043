/* SPDX-License-Identifier: MIT */
/* Sorted samples: what all rank statistics start from. */
#ifndef STATS_ORDER_H
#define STATS_ORDER_H

#include <float.h>
#include <math.h>
#include <stddef.h>

/* An interval of a location: of a median, a difference, a ratio. */
struct interval {
	double low, high;
	double coverage; /* the exact one, at least what was asked for */
};

/* Ascending, in place; no NaN. O(n); one pass where they are sorted already. Borrows 16 bytes a
 * value, and does without where there are none. */
void order_sort(double *values, size_t n);

/* Of sorted values: the end of the run of equal values that begins at from (from < n). */
static inline size_t order_tie_end(const double *sorted, size_t n, size_t from)
{
	size_t end = from + 1;

	while (end < n && sorted[end] == sorted[from])
		end++;
	return end;
}

/* The middle of two values, also where their sum is beyond the range of double. */
static inline double order_middle(double a, double b)
{
	if (fabs(a) > DBL_MAX / 2 || fabs(b) > DBL_MAX / 2)
		return a / 2 + b / 2;
	return (a + b) / 2;
}

#endif
