/* SPDX-License-Identifier: MIT */
/* What the kernel counted while the timed steps ran, gathered from all workers. */
#ifndef RUN_TALLY_H
#define RUN_TALLY_H

#include "run/seat.h"

/* At the common start: the first worker's counters, and each process' usage. */
void tally_begin(struct seat *seat);

/* A process says what it used itself: the leader would see all of its life, the setup too. */
void tally_worker(const struct seat *seat);

/* After all have ended, so that what each of them did is in the sums. */
void tally_all(struct seat *leader);

#endif
