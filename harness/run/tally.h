/* SPDX-License-Identifier: MIT */
/*
 * What the kernel counted while the timed steps ran: of the whole system by the first worker, from
 * before all start until after all have ended; of each worker by itself, without what this program
 * does for itself meanwhile.
 */
#ifndef RUN_TALLY_H
#define RUN_TALLY_H

#include "run/seat.h"

/* Before the common start: the system's, where the worker is the first, and its own before it. */
void tally_begin(struct seat *seat);

/* Right before the first timed step, and right after the last. */
void tally_start(struct seat *seat);
void tally_end(struct seat *seat);

/* Around what the harness does for itself between two steps: it is in none of the worker's rows. */
void tally_pause(struct seat *seat);
void tally_resume(struct seat *seat);

/* By the first worker, when all have ended their steps. */
void tally_read(struct seat *leader);

/* When all are gone: what they used is added up. */
void tally_close(struct seat *leader);

#endif
