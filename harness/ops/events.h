/* SPDX-License-Identifier: MIT */
/*
 * Time stamps of the single events of a step, where they are asked for (events: each). The end of
 * one is the start of the next: one stamp an event. They are written down a block at a time, in no
 * event's time: there a processor does several at once, while between two stamps, which wait for
 * all that came before, each would have to be over.
 */
#ifndef OPS_EVENTS_H
#define OPS_EVENTS_H

#include "ops/op.h"

#define EVENTS_BLOCK 64

struct events {
	const struct clock *clock; /* NULL: not asked for */
	struct hist *hist;
	uint64_t ns_per_tick; /* times 2^32: by way of a double it takes three times as long */
	unsigned int n;       /* events of the block so far */
	uint64_t stamp[EVENTS_BLOCK + 1];
};

/* Write down the first n events of the block; the next one begins now. */
static inline void events_record(struct events *e, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		uint64_t ticks = e->stamp[i + 1] - e->stamp[i];

		hist_record(
			e->hist,
			(uint64_t)(((unsigned __int128)ticks * e->ns_per_tick + (1u << 31)) >> 32));
	}
	e->n = 0;
	e->stamp[0] = clock_ticks(e->clock);
}

/* At the start of a step: the first event begins now. */
static inline void events_begin(struct events *e, const struct worker *w,
				const struct op_call *call)
{
	e->clock = call->each_event ? w->clock : NULL;
	if (!e->clock)
		return;
	e->hist = &w->report->events;
	e->ns_per_tick = (uint64_t)(w->clock->ns_per_tick * 4294967296.0 + 0.5);
	events_record(e, 0);
}

/* An event is over. Nothing but a branch where they are not timed. */
static inline void events_next(struct events *e)
{
	if (!e->clock)
		return;
	e->stamp[++e->n] = clock_next(e->clock);
	if (e->n == EVENTS_BLOCK)
		events_record(e, e->n);
}

/* What is in the block yet; at the end of a step, also of one that is refused. */
static inline void events_end(struct events *e)
{
	if (e->clock)
		events_record(e, e->n);
}

#endif
