/* SPDX-License-Identifier: MIT */
/*
 * What the kernel and the CPU counted while the timed steps ran: resource usage of the process,
 * /proc/vmstat and its neighbours for the whole system, performance events where there are any.
 */
#ifndef SYS_COUNTERS_H
#define SYS_COUNTERS_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

#define COUNTERS_MAX   64
#define USAGE_COUNTERS 6 /* the first rows: usage.* */

struct counter {
	const char *name; /* "vmstat.pgfault": NULL ends */
	const char *unit; /* "1", "ns", "B", "us" */
	const char *help;
};

/* All that are known, in the order of values. */
extern const struct counter counters[];

/* Row with that name, or −ENOENT. */
int counter_index(const char *name);

struct counting;

/* Which performance events to count: none, those that cost nothing, or also each page fault. */
enum counting_perf { COUNTING_NO_PERF, COUNTING_CHEAP_PERF, COUNTING_EVERY_PERF };

/* Once a process, before the first counting and any fork: what takes time to find out. */
void counters_prepare(void);

/*
 * Before any thread is started: make ready, and open the performance events, not counting yet.
 * −ENOMEM.
 */
int counting_open(struct counting **ret, enum counting_perf perf);

/* From here on; cheap, no allocation. */
void counting_start(struct counting *c);

/*
 * How much each has grown since, by row; NaN where it cannot be had here. Performance events that
 * the CPU had to take turns with are scaled up: ret_scaled says by which share of the time they ran
 * (1: always), the least of all.
 */
void counting_stop(struct counting *c, double ret[COUNTERS_MAX], double *ret_scaled);

/*
 * The rows usage.* of this process until now, with those of its children that have been waited for.
 * All of a child's life comes at once: what children do that work side by side, each says itself.
 */
void counters_usage(double ret[USAGE_COUNTERS]);

void counting_close(struct counting *c);

#define ABSENCE_MAX 64

/* Why each counter cannot be had on this machine, by row; "": it can. */
void counters_absences(char ret[COUNTERS_MAX][ABSENCE_MAX]);

#endif
