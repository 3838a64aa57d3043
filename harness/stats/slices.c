/* SPDX-License-Identifier: MIT */
#include "stats/slices.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DIFFERS     0.05
#define STALL_RATIO 3.0

void slices_fold(struct slices *s)
{
	for (unsigned int i = 0; i < SLICES / 2; i++) {
		struct slice *a = &s->slice[2 * i], *b = a + 1;

		s->slice[i] = (struct slice){ a->executions + b->executions, a->ticks + b->ticks };
	}
	memset(&s->slice[SLICES / 2], 0, SLICES / 2 * sizeof(s->slice[0]));
	s->folds++;
}

void slices_merge(struct slices *into, const struct slices *from)
{
	unsigned int shift;

	while (into->folds < from->folds)
		slices_fold(into);
	shift = into->folds - from->folds;
	for (unsigned int i = 0; i < SLICES; i++) {
		struct slice *slice = &into->slice[shift < 32 ? i >> shift : 0];

		slice->executions += from->slice[i].executions;
		slice->ticks += from->slice[i].ticks;
	}
}

unsigned int slices_used(const struct slices *s)
{
	unsigned int n = SLICES;

	while (n && !s->slice[n - 1].executions)
		n--;
	return n;
}

/* Means of the slices that have executions, and which slices they are. */
static unsigned int means(const struct slices *s, double mean[SLICES], unsigned int which[SLICES])
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < SLICES; i++) {
		if (!s->slice[i].executions)
			continue;
		which[n] = i;
		mean[n++] = (double)s->slice[i].ticks / (double)s->slice[i].executions;
	}
	return n;
}

static double average(const double *x, unsigned int n)
{
	double sum = 0;

	for (unsigned int i = 0; i < n; i++)
		sum += x[i];
	return sum / n;
}

/* The squared standard error of the mean of x, but for a constant factor. */
static double squared_error(const double *x, unsigned int n)
{
	double mean = average(x, n), sum = 0;

	for (unsigned int i = 0; i < n; i++)
		sum += (x[i] - mean) * (x[i] - mean);
	return sum / ((double)n * n);
}

/* How many values to leave out: at most half of them. */
static unsigned int truncation(const double *x, unsigned int n)
{
	double least = INFINITY;
	unsigned int best = 0;

	for (unsigned int d = 0; d <= n / 2; d++) {
		double error = squared_error(x + d, n - d);

		if (error < least) {
			least = error;
			best = d;
		}
	}
	if (best && fabs(average(x, best) / average(x + best, n - best) - 1) <= DIFFERS)
		best = 0;
	return best;
}

static int compare_double(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(const double *x, unsigned int n)
{
	double sorted[SLICES];

	memcpy(sorted, x, n * sizeof(*x));
	qsort(sorted, n, sizeof(*sorted), compare_double);
	return n % 2 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
}

static uint64_t executions(const struct slices *s)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < SLICES; i++)
		sum += s->slice[i].executions;
	return sum;
}

void slices_judge(const struct slices *s, struct steadiness *ret)
{
	double mean[SLICES], usual;
	unsigned int which[SLICES], n = means(s, mean, which), cut;

	*ret = (struct steadiness){ .worst = 1 };
	if (n < SLICES_TO_JUDGE || executions(s) < 4 * SLICES_TO_JUDGE)
		return;
	ret->known = true;
	cut = truncation(mean, n);
	ret->settled = cut < n / 2;
	ret->warm_up = cut ? which[cut] : 0;
	usual = median(mean + cut, n - cut);
	for (unsigned int i = cut; i < n; i++) {
		double ratio = usual > 0 ? mean[i] / usual : 1;

		ret->nr_stalled += ratio >= STALL_RATIO;
		ret->worst = ratio > ret->worst ? ratio : ret->worst;
	}
	if (!ret->nr_stalled)
		ret->worst = 1;
}
