/* SPDX-License-Identifier: MIT */
/*
 * One repetition: a fresh process that runs the crew, watched from outside, and what became of it.
 */
#ifndef RUN_REPETITION_H
#define RUN_REPETITION_H

#include "run/area.h"
#include "run/crew.h"
#include "scenario/record.h"

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* What the supervisor looks at while it waits. */
struct watch {
	int signal_fd;          /* SIGINT and SIGTERM arrive here */
	uint64_t timeout_ns;    /* then the repetition is killed */
	uint64_t reserve_bytes; /* killed when less is usable; 0: not watched */
	/* Told the process group, by the child itself too, in memory both share; 0 when it is gone.
	 */
	void (*started)(void *context, pid_t pid);
	int (*enter)(void *context, struct error *err); /* in the child, first: limits, groups */
	void *context;
	struct cgroup *cgroup;   /* that repetitions go into; NULL: none */
	uint64_t oom_kills;      /* as last seen: start with watch_oom_kills() */
	unsigned int nr_signals; /* seen so far in this run */
	int signal;              /* the first of them; 0: none */
};

/*
 * How many processes the kernel's OOM killer has killed: in the control group, which is exact, or
 * without one on the whole machine since boot. 0 where the kernel does not say.
 */
uint64_t watch_oom_kills(const struct watch *watch);

/*
 * Fork, run, wait. ret's outcome, started_ns and elapsed_ns are filled. Whatever the child does,
 * its whole process group is gone on return. −errno only where no process could be had.
 */
int repetition_run(const struct assignment *a, struct watch *watch, struct repetition *ret,
		   struct error *err);

/* Fill the figures of ret from the area: steps, effective conditions, skew, window. */
struct collector;
int collector_new(struct collector **ret);
void collector_free(struct collector *c);
void repetition_collect(struct collector *c, const struct assignment *a, struct repetition *ret);

#endif
