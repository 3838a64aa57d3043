/* SPDX-License-Identifier: MIT */
/*
 * What the kernel counted while the timed steps ran: resource usage of the process, /proc/vmstat
 * and its neighbours for the whole system.
 */
#ifndef SYS_COUNTERS_H
#define SYS_COUNTERS_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

#define COUNTERS_MAX   64
#define USAGE_COUNTERS 7 /* the first rows: usage.* */
#define USAGE_HARNESS  6 /* the last of them, which the harness fills itself */

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

/* Once a process, before the first counting and any fork: what takes time to find out. */
void counters_prepare(void);

/* Make ready. −ENOMEM. */
int counting_open(struct counting **ret);

/* From here on; cheap, no allocation. */
void counting_start(struct counting *c);

/* How much each has grown since, by row; NaN where it cannot be had here. */
void counting_stop(struct counting *c, double ret[COUNTERS_MAX]);

/* A process with those of its children that have been waited for, the calling thread, or those. */
enum usage_whose { USAGE_PROCESS, USAGE_THREAD, USAGE_CHILDREN };

/*
 * The rows usage.* until now; that of the harness is 0. All of a child's life comes at once: what
 * children do that work side by side, each says itself.
 */
void counters_usage(enum usage_whose whose, double ret[USAGE_COUNTERS]);

void counting_close(struct counting *c);

#define ABSENCE_MAX 64

/* Why each counter cannot be had on this machine, by row; "": it can. */
void counters_absences(char ret[COUNTERS_MAX][ABSENCE_MAX]);

#endif
