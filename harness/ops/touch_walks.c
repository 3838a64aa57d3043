/* SPDX-License-Identifier: MIT */
/* One function a combination, so that nothing is chosen inside a loop: here are all timed touches.
 */
#include "ops/touch_walks.h"

#define BLOCK_PAGES 512 /* progress is published this often */
#define LINE_BYTES  64

/*
 * Spread the offset inside the page over its cache lines: an exact page stride would use one set of
 * the first-level cache.
 */
static inline uint64_t line_offset(uint64_t i, uint64_t mask)
{
	return (i * LINE_BYTES) & mask;
}

static inline void touch_one(volatile unsigned char *at, bool write)
{
	/* Store only: a load first would map the zero page, and the store would fault again. */
	if (write)
		*at = 1;
	else
		(void)*at;
}

static inline __attribute__((always_inline)) unsigned char *place(const struct touch_walk *k,
								  uint64_t i)
{
	return k->base + i * k->stride + line_offset(i, k->line_mask);
}

static inline __attribute__((always_inline)) void walk_whole(const struct touch_walk *k, bool write)
{
	uint64_t before = k->report->count[COUNT_TOUCHES], i = 0;

	while (i < k->n) {
		uint64_t end = k->n - i > BLOCK_PAGES ? i + BLOCK_PAGES : k->n;

#pragma GCC unroll 8
		for (; i < end; i++)
			touch_one(place(k, i), write);
		*(volatile uint64_t *)&k->report->count[COUNT_TOUCHES] = before + i;
	}
}

static inline __attribute__((always_inline)) void walk_scattered(const struct touch_walk *k,
								 bool write)
{
	uint64_t before = k->report->count[COUNT_TOUCHES];

	for (uint64_t i = 0; i < k->n; i++) {
		touch_one(place(k, scatter_place(&k->scatter, i, SCATTER_CHEAP)), write);
		if (i % BLOCK_PAGES == 0)
			*(volatile uint64_t *)&k->report->count[COUNT_TOUCHES] = before + i;
	}
	k->report->count[COUNT_TOUCHES] = before + k->n;
}

static inline __attribute__((always_inline)) void walk_each(const struct touch_walk *k, bool write,
							    bool scattered)
{
	uint64_t before = k->report->count[COUNT_TOUCHES], i = 0;
	struct events *e = k->events;

	while (i < k->n) {
		unsigned int n = k->n - i > EVENTS_BLOCK ? EVENTS_BLOCK : (unsigned int)(k->n - i);

		for (unsigned int at = 0; at < n; at++, i++) {
			uint64_t j = scattered ? scatter_place(&k->scatter, i, SCATTER_CHEAP) : i;

			touch_one(place(k, j), write);
			e->stamp[at + 1] = clock_next(e->clock);
		}
		events_record(e, n);
		*(volatile uint64_t *)&k->report->count[COUNT_TOUCHES] = before + i;
	}
}

static void write_sequential(const struct touch_walk *k)
{
	walk_whole(k, true);
}
static void read_sequential(const struct touch_walk *k)
{
	walk_whole(k, false);
}
static void write_scattered(const struct touch_walk *k)
{
	walk_scattered(k, true);
}
static void read_scattered(const struct touch_walk *k)
{
	walk_scattered(k, false);
}
static void write_sequential_each(const struct touch_walk *k)
{
	walk_each(k, true, false);
}
static void read_sequential_each(const struct touch_walk *k)
{
	walk_each(k, false, false);
}
static void write_scattered_each(const struct touch_walk *k)
{
	walk_each(k, true, true);
}
static void read_scattered_each(const struct touch_walk *k)
{
	walk_each(k, false, true);
}

void (*const touch_walks[2][2][2])(const struct touch_walk *) = {
	{ { write_sequential, read_sequential }, { write_scattered, read_scattered } },
	{ { write_sequential_each, read_sequential_each },
	  { write_scattered_each, read_scattered_each } },
};
