/* SPDX-License-Identifier: MIT */
#include "stats/holm.h"

#include "base/cleanup.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct ranked {
	double p;
	size_t place;
};

static int compare_p(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	return (x->p > y->p) - (x->p < y->p);
}

int holm_adjust(const double *p, size_t n, double *ret)
{
	AUTO_FREE struct ranked *ranked = malloc((n + 1) * sizeof(*ranked));
	double largest = 0;
	size_t nr_known = 0;

	if (!ranked)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		if (!isnan(p[i]))
			ranked[nr_known++] = (struct ranked){ p[i], i };
	qsort(ranked, nr_known, sizeof(*ranked), compare_p);
	if (ret != p)
		memcpy(ret, p, n * sizeof(*p));
	for (size_t i = 0; i < nr_known; i++) {
		largest = fmax(largest, ranked[i].p * (double)(n - i));
		ret[ranked[i].place] = fmin(1, largest);
	}
	return 0;
}

size_t holm_pairs_needed(size_t n, double alpha)
{
	double least = 2;
	size_t pairs = 0;

	while (least * (double)n > alpha) {
		least /= 2;
		pairs++;
	}
	return pairs;
}

size_t holm_samples_needed(size_t n, double alpha)
{
	double least = 2;
	size_t values = 0;

	while (least * (double)n > alpha) {
		values++;
		/* C(2k, k) = C(2k − 2, k − 1) (2k)(2k − 1)/k² */
		least *= (double)values / (2 * (2 * (double)values - 1));
	}
	return values;
}
