/* SPDX-License-Identifier: MIT */
#include "stats/order.h"

#include <stdbool.h>
#include <stdlib.h>

static int compare_double(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static bool is_sorted(const double *values, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (values[i] < values[i - 1])
			return false;
	return true;
}

void order_sort(double *values, size_t n)
{
	if (!is_sorted(values, n))
		qsort(values, n, sizeof(*values), compare_double);
}
