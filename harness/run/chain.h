/* SPDX-License-Identifier: MIT */
/*
 * Steps that need nothing done between them, back to back: the end of one is the start of the next,
 * one time stamp a step, and what was measured is written down once a block of passes. Between two
 * stamps there is the step and a handful of stores; a short system call is measured, not the loop.
 */
#ifndef RUN_CHAIN_H
#define RUN_CHAIN_H

#include "run/area.h"

struct assignment;

struct chain {
	unsigned int nr_links;
	struct chain_link {
		const struct op_call *call;
		struct step_report *report;
		unsigned int step; /* index in the assignment */
	} links[STEPS_MAX];
	uint64_t iterations,
		until_ticks; /* goes on until one of them is reached (0 iterations: that time) */
};

/* Could the cell's timed steps be one? */
bool chain_possible(const struct assignment *a);

/*
 * The timed steps of a worker as a chain. false: they are to be timed apart, or one of them has
 * work before or after it, counts faults, or waits for other workers.
 */
bool chain_make(const struct assignment *a, const struct worker *w, struct chain *ret);

/*
 * Pass through the links from *done passes on, adding to it, until the end that the chain has or
 * the area's word to stop. 0, or −errno of the step w->step.
 */
int chain_run(const struct chain *c, const struct assignment *a, struct worker *w, uint64_t *done);

#endif
