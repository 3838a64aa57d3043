/* SPDX-License-Identifier: MIT */
/*
 * A worker's seat in the crew: what its thread or process needs. Private to the files that a crew
 * is made of: crew, work, pass, rendezvous, inspect and tally.
 */
#ifndef RUN_SEAT_H
#define RUN_SEAT_H

#include "run/crew.h"
#include "sys/perf.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>

/* What one worker's thread needs; in the leader's memory. */
struct seat {
	const struct assignment *assignment;
	struct worker worker;
	struct mapping *shared;                 /* NULL: every worker has its own */
	bool takes_turns;                       /* more workers than CPUs: somebody waits */
	struct counting *counting;              /* the first worker's; NULL: the others' */
	double usage_before[USAGE_COUNTERS];    /* its own, at the start of the timed steps */
	double children_before[USAGE_COUNTERS]; /* the first of several threads' */
	double usage_paused[USAGE_COUNTERS];    /* see tally_pause() */
	struct perf *perf;                      /* NULL: none, and in the setup */
	uint64_t *node_used; /* as the first worker found it; NULL: the others', unknown */
	pthread_t thread;
	pid_t process;
};

static inline struct worker_report *seat_report(const struct seat *seat)
{
	return &seat->assignment->area->workers[seat->worker.index];
}

static inline bool seat_stopped(const struct seat *seat)
{
	return atomic_load_explicit(&seat->assignment->area->control->stop, memory_order_relaxed);
}

/* shared: the mapping that all have in common; NULL: each has its own. */
void seat_init(struct seat *seat, const struct assignment *a, unsigned int index,
	       struct mapping *shared);

/*
 * The worker ends with r, −errno, and the sentence in its error, and takes the others with it.
 * harness: the failure is ours, not the step's. Returns r.
 */
int seat_fail(struct seat *seat, int r, bool harness);

#endif
