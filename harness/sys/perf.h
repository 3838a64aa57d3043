/* SPDX-License-Identifier: MIT */
/*
 * Performance events of a process and all its threads, by the names that libpfm4 knows them by on
 * this CPU. This is libpfm4's only home.
 */
#ifndef SYS_PERF_H
#define SYS_PERF_H

#include <stdbool.h>
#include <stddef.h>

#define PERF_EVENTS 5 /* in the order of the perf rows of sys/counters.c */

struct perf;

/* Once, before perf_open() and any fork. Takes some 10 ms. */
void perf_prepare(void);

/*
 * Open the events for the caller and the threads and children that it will have, not counting yet.
 * Events that cannot be had are left out; faults: also the one that costs each page fault some 30
 * ns. −ENOMEM.
 */
int perf_open(struct perf **ret, bool faults);

void perf_start(struct perf *p);

/*
 * Stop, and give each event's count, scaled to the whole time where the CPU had to take turns; NaN
 * where it could not be had. ret_scaled: the least share of the time that one of them really ran.
 */
void perf_stop(struct perf *p, double ret[PERF_EVENTS], double *ret_scaled);

/* NULL is fine. */
void perf_close(struct perf *p);

/* Why an event cannot be had here, or NULL: it can. Returns ret or NULL. */
const char *perf_absence(unsigned int event, char *ret, size_t length);

#endif
