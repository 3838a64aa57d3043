/* SPDX-License-Identifier: MIT */
/*
 * A log-linear histogram of unsigned 64-bit values: buckets at most 0.78 % wide, exact n, sum, min
 * and max, merging by addition. The shape is HdrHistogram's with 7 sub-bits.
 */
#ifndef STATS_HIST_H
#define STATS_HIST_H

#include <stdint.h>

#define HIST_SUB_BITS 7
#define HIST_BUCKETS  ((64 - HIST_SUB_BITS + 1) << HIST_SUB_BITS)

struct hist {
	uint64_t n, sum, min, max; /* min is UINT64_MAX while n is 0 */
	uint64_t count[HIST_BUCKETS];
};

void hist_reset(struct hist *h);

/* The bucket of a value. */
static inline unsigned int hist_index(uint64_t v)
{
	unsigned int m = 63u - (unsigned int)__builtin_clzll(v | 1);
	unsigned int s = m > HIST_SUB_BITS ? m - HIST_SUB_BITS : 0;

	return (s << HIST_SUB_BITS) + (unsigned int)(v >> s);
}

/* Count one value: no branch that depends on earlier values, no call. */
static inline void hist_record(struct hist *h, uint64_t v)
{
	h->n++;
	h->sum += v;
	h->min = v < h->min ? v : h->min;
	h->max = v > h->max ? v : h->max;
	h->count[hist_index(v)]++;
}

void hist_merge(struct hist *into, const struct hist *from);

/* The smallest and the largest value that falls into the bucket. */
uint64_t hist_bucket_low(unsigned int index);
uint64_t hist_bucket_high(unsigned int index);

/*
 * The value below or at which a share p (0 … 1) of the events lie: the upper edge of its bucket,
 * held within min … max. 0 where n is 0.
 */
uint64_t hist_percentile(const struct hist *h, double p);

/*
 * The same by time: the event duration at or below which a share p of the total time was spent, so
 * that one 100 ms stall among ten million 100 ns events is visible.
 */
uint64_t hist_percentile_by_time(const struct hist *h, double p);

/* How many of the events fall into the bucket of a value or a higher one. */
uint64_t hist_count_from(const struct hist *h, uint64_t value);

/*
 * The mean of the middle 90 % of the events: where they take but few of the clock's steps it is
 * finer than the median, which is one of these, and no stall is in it. 0 where n is 0.
 */
double hist_middle_mean(const struct hist *h);

#endif
