/* SPDX-License-Identifier: MIT */
/* Where the workers of a crew wait for one another: at the start, and at walls around steps. */
#ifndef RUN_RENDEZVOUS_H
#define RUN_RENDEZVOUS_H

#include "run/seat.h"

/* All workers wait for the last. false: the repetition was stopped meanwhile. */
bool rendezvous_wall(struct seat *seat);

/*
 * When all are ready, so that no setup is counted, the first worker begins to count and sets a
 * deadline a little ahead; all spin on it, a line that nobody writes any more, and so leave within
 * some cache misses of one another. false: a worker failed before.
 */
bool rendezvous_start(struct seat *seat);

/*
 * Behind the last step: when all are through the first worker reads what was counted, and only then
 * does any do what would be in it or in another's steps. They sleep meanwhile. false: a worker
 * failed.
 */
bool rendezvous_end(struct seat *seat);

/*
 * Between two walls, where workers take turns: the worker has done its part of the step from start
 * to end, in ticks. From the first of these to the last all did the step together, which the wall
 * behind it adds to together_ticks of the first worker's report.
 */
void rendezvous_together(struct seat *seat, uint64_t start, uint64_t end);

#endif
