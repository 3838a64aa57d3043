/* SPDX-License-Identifier: MIT */
/*
 * Inside a repetition's process: the workers are placed, start together, and pass through the steps
 * while only the step itself is timed.
 */
#ifndef RUN_CREW_H
#define RUN_CREW_H

#include "base/clock.h"
#include "ops/op.h"
#include "run/area.h"
#include "sys/topology.h"

#include <stdbool.h>
#include <stdint.h>

/* A repetition made ready: everything that a worker needs is a plain number by now. */
struct assignment {
	const struct conditions *conditions;
	const struct host *host;
	const struct clock *clock;
	struct area *area;
	unsigned int nr_setup, nr_calls; /* calls[]: setup first, then the timed steps */
	struct op_call calls[2 * STEPS_MAX];
	bool active[2 * STEPS_MAX];  /* false: the step's `when` keeps it out of this cell */
	uint64_t iterations, for_ns; /* one of them is 0 */
	const struct topology *topology;
	const struct worker_place *places; /* by worker; NULL: anywhere */
	void *room;                        /* see worker.room */
	bool apart; /* each step is timed by itself even where they could be a chain */
};

/* CPUs that the workers have among them: those that they are placed on, or all that are allowed. */
unsigned int crew_cpus(const struct assignment *a);

/* Are there more workers than that, so that one waits while another runs? */
bool crew_takes_turns(const struct assignment *a);

/*
 * Run the repetition and report into the area. Returns when all workers have ended; the exit status
 * for the process. Called in a fresh child; may leave memory mapped, the process ends next.
 */
int crew_run(const struct assignment *a);

#endif
