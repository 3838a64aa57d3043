/* SPDX-License-Identifier: MIT */
/* What every test of statistics needs: cmocka, and doubles that are near each other. */
#ifndef TESTS_STATS_NEAR_H
#define TESTS_STATS_NEAR_H

#include "base/cleanup.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* cmocka's own comparison goes through float. NaN is near NaN, infinity near itself. */
#define assert_near(value, wanted, tolerance)                                                      \
	do {                                                                                       \
		double near_value = (value), near_wanted = (wanted);                               \
		bool same = near_value == near_wanted ||                                           \
			    (isnan(near_value) && isnan(near_wanted));                             \
                                                                                                   \
		if (!same && !(fabs(near_value - near_wanted) <= (tolerance)))                     \
			fail_msg("%s is %.17g, not %.17g", #value, near_value, near_wanted);       \
	} while (0)

static inline int near_compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The median by sorting: what estimates are compared with. values is sorted. */
static inline double near_median(double *values, size_t n)
{
	qsort(values, n, sizeof(*values), near_compare);
	return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

#endif
