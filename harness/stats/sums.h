/* SPDX-License-Identifier: MIT */
/*
 * The k-th smallest of all sums of two samples, without making them all: Walsh averages and
 * pairwise shifts are such sums, and there are n² of them.
 */
#ifndef STATS_SUMS_H
#define STATS_SUMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All x[i] + y[j], or, as a triangle, those with i ≤ j. x and y ascend, are finite and so small
 * that no sum overflows; nx, ny < 2^32. */
struct sums {
	const double *x, *y;
	size_t nx, ny; /* equal for a triangle */
	bool triangle;
};

/* How many sums there are. */
uint64_t sums_count(const struct sums *s);

/*
 * The sum of rank k (0 for the smallest). Expected O(n log n) time, 20 bytes a row and 0.5 MiB:
 * bounds close in around the rank between two values of a random sample of what is left (Monahan,
 * "Algorithm 616: fast computation of the Hodges–Lehmann location estimator", 1984; Johnson and
 * Mizoguchi, "Selecting the Kth element in X + Y", 1978). The result does not depend on the sample.
 * −EDOM: no such rank; −ENOMEM.
 */
int sums_select(const struct sums *s, uint64_t k, double *ret);

/* The median of the sums, mid of the two middle ones where their number is even. */
int sums_median(const struct sums *s, double *ret);

#endif
