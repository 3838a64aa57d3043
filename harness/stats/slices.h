/* SPDX-License-Identifier: MIT */
/*
 * What happened when: executions and the time they took, by slices of the time since the start. A
 * fixed number of slices serves any duration: when they are full, neighbours become one, and each
 * is twice as wide. From them: when a step had warmed up, and whether it stalled later.
 */
#ifndef STATS_SLICES_H
#define STATS_SLICES_H

#include <stdbool.h>
#include <stdint.h>

#define SLICES          64
#define SLICE_MIN_SHIFT 17 /* the first width: 2^17 ticks, some 50 to 130 µs */

/* All zero is empty. One writer. */
struct slices {
	uint32_t folds; /* how often the width was doubled */
	struct slice {
		uint64_t executions, ticks; /* that ended in it */
	} slice[SLICES];
};

/* The width of each slice, in ticks. */
static inline uint64_t slices_width(const struct slices *s)
{
	return 1ull << (SLICE_MIN_SHIFT + s->folds);
}

/* Neighbours become one. */
void slices_fold(struct slices *s);

/* An execution of so many ticks ended so many ticks after the start. */
static inline void slices_add(struct slices *s, uint64_t since_ticks, uint64_t ticks)
{
	uint64_t i = since_ticks >> (SLICE_MIN_SHIFT + s->folds);

	for (; i >= SLICES; i >>= 1)
		slices_fold(s);
	s->slice[i].executions++;
	s->slice[i].ticks += ticks;
}

/* Add another worker's. */
void slices_merge(struct slices *into, const struct slices *from);

/* Slices up to the last that has any. */
unsigned int slices_used(const struct slices *s);

/* With fewer that have executions, or fewer executions than 4 in each of so many, nothing is said.
 */
#define SLICES_TO_JUDGE 16

struct steadiness {
	bool known;
	bool settled;            /* false: no steady part in the second half */
	unsigned int warm_up;    /* slices before the steady part; 0: none */
	unsigned int nr_stalled; /* later slices whose executions took 3 times the median or more */
	double worst;            /* the largest of those ratios; 1 without any */
};

/*
 * Where the warm-up ends: the truncation that makes the standard error of what is left smallest
 * (MSER; White, "An effective truncation heuristic for bias reduction in simulation output", 1997),
 * where what it leaves out differs from the rest by more than 5 %.
 */
void slices_judge(const struct slices *s, struct steadiness *ret);

#endif
