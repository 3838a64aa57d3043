/* SPDX-License-Identifier: MIT */
#include "run/spend.h"

#include "base/cleanup.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define AS_GOOD 0.5 /* of the best's rate: taken with it */

double spend_gain(double width, uint32_t n)
{
	return n && isfinite(width) ? width * (1 - sqrt(n / (n + 1.0))) : INFINITY;
}

/* Of what has nothing to gain, or is not there (no cost), below 0. */
static double rate(const struct spend_candidate *c)
{
	return c->gain > 0 && c->cost_ns > 0 ? c->gain / c->cost_ns : -1;
}

/* The steepest first; of two that are alike the cheaper, then the one that was named first. */
static int by_rate(const void *a, const void *b)
{
	const struct spend_candidate *x = *(struct spend_candidate *const *)a,
				     *y = *(struct spend_candidate *const *)b;

	if (rate(x) != rate(y))
		return rate(x) > rate(y) ? -1 : 1;
	if (x->cost_ns != y->cost_ns)
		return x->cost_ns < y->cost_ns ? -1 : 1;
	return x < y ? -1 : 1;
}

int spend_choose(struct spend_candidate *candidates, size_t n, double left_ns)
{
	AUTO_FREE struct spend_candidate **sorted = calloc(n + 1, sizeof(struct spend_candidate *));
	double least = 0;
	int chosen = 0;

	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		candidates[i].chosen = false;
		sorted[i] = &candidates[i];
	}
	qsort(sorted, n, sizeof(*sorted), by_rate);
	for (size_t i = 0; i < n && rate(sorted[i]) >= least; i++) {
		if (sorted[i]->cost_ns > left_ns)
			continue;
		sorted[i]->chosen = true;
		left_ns -= sorted[i]->cost_ns;
		least = chosen++ ? least : AS_GOOD * rate(sorted[i]);
	}
	return chosen;
}
