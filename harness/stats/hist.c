/* SPDX-License-Identifier: MIT */
#include "stats/hist.h"

#include <string.h>

void hist_reset(struct hist *h)
{
	memset(h, 0, sizeof(*h));
	h->min = UINT64_MAX;
}

void hist_merge(struct hist *into, const struct hist *from)
{
	if (!from->n)
		return;
	into->n += from->n;
	into->sum += from->sum;
	into->min = from->min < into->min ? from->min : into->min;
	into->max = from->max > into->max ? from->max : into->max;
	/* Only what may hold something is read: the rest of from may never have been resident. */
	for (unsigned int i = hist_index(from->min); i <= hist_index(from->max); i++)
		into->count[i] += from->count[i];
}

/* Buckets of one octave are 2^shift wide; the first two octaves are exact. */
static unsigned int bucket_shift(unsigned int index)
{
	unsigned int octave = index >> HIST_SUB_BITS;

	return octave > 1 ? octave - 1 : 0;
}

uint64_t hist_bucket_low(unsigned int index)
{
	unsigned int shift = bucket_shift(index);

	return (uint64_t)(index - (shift << HIST_SUB_BITS)) << shift;
}

uint64_t hist_bucket_high(unsigned int index)
{
	return hist_bucket_low(index) + ((1ull << bucket_shift(index)) - 1);
}

static uint64_t clamp(const struct hist *h, uint64_t value)
{
	if (value > h->max)
		return h->max;
	return value < h->min ? h->min : value;
}

uint64_t hist_percentile(const struct hist *h, double p)
{
	/* 7 % of 100 are 7 events, though 0.07 * 100 is a little more in binary. */
	double wanted = p * (double)h->n * (1 - 1e-12), seen = 0;

	if (!h->n)
		return 0;
	for (unsigned int i = hist_index(h->min); i <= hist_index(h->max); i++) {
		seen += (double)h->count[i];
		if (h->count[i] && seen >= wanted)
			return clamp(h, hist_bucket_high(i));
	}
	return h->max;
}

static double bucket_middle(unsigned int i)
{
	return ((double)hist_bucket_low(i) + (double)hist_bucket_high(i)) / 2;
}

static double bucket_time(const struct hist *h, unsigned int i)
{
	return (double)h->count[i] * bucket_middle(i);
}

uint64_t hist_percentile_by_time(const struct hist *h, double p)
{
	double total = 0, seen = 0;

	if (!h->n)
		return 0;
	for (unsigned int i = hist_index(h->min); i <= hist_index(h->max); i++)
		total += bucket_time(h, i);
	for (unsigned int i = hist_index(h->min); i <= hist_index(h->max); i++) {
		seen += bucket_time(h, i);
		if (h->count[i] && seen >= p * total)
			return clamp(h, hist_bucket_high(i));
	}
	return h->max;
}

double hist_middle_mean(const struct hist *h)
{
	double from = 0.05 * (double)h->n, to = 0.95 * (double)h->n, seen = 0, sum = 0;

	for (unsigned int i = hist_index(h->min); h->n && i <= hist_index(h->max); i++) {
		double first = seen > from ? seen : from, last;

		seen += (double)h->count[i];
		last = seen < to ? seen : to;
		if (last > first)
			sum += (last - first) * bucket_middle(i);
	}
	return h->n ? sum / (to - from) : 0;
}

uint64_t hist_count_from(const struct hist *h, uint64_t value)
{
	uint64_t n = 0;

	for (unsigned int i = hist_index(value); i < HIST_BUCKETS; i++)
		n += h->count[i];
	return n;
}
