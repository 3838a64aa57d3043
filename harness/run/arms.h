/* SPDX-License-Identifier: MIT */
/*
 * What adaptive repetition compares: each cell is an arm with its values so far, and has a baseline
 * of which it differs in the compared axis alone. Values of one round are a pair.
 */
#ifndef RUN_ARMS_H
#define RUN_ARMS_H

#include "scenario/record.h"
#include "scenario/scenario.h"
#include "stats/compare.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One cell: its repetitions, and which cells it is compared with. */
struct arm {
	uint64_t cell;
	uint64_t group; /* equal for cells that differ in the compared axis alone */
	bool baseline, settled;
	struct arm *base;    /* that it is compared with; NULL: none */
	unsigned int looked; /* pairs at the last look */
	uint32_t n, room;
	struct sample {
		unsigned int round;
		uint64_t sequence;
	} * samples;
	double *values; /* [room × nr_steps] */
};

struct arms {
	const struct scenario *scenario;
	size_t nr;
	struct arm *arm;               /* ascending cell */
	unsigned int nr_steps;         /* with a primary metric */
	int primary[STEPS_MAX];        /* row of the step's metrics */
	unsigned int steps[STEPS_MAX]; /* index in the scenario */
};

/* All cells of a scenario whose repetitions compare an axis. −ENOMEM; *ret is untouched then. */
int arms_open(struct arms *ret, const struct scenario *s, const struct host *host);
void arms_close(struct arms *a);

/* The arm of a cell; NULL: none. */
struct arm *arms_find(const struct arms *a, uint64_t cell);

/* Take a repetition into its arm. −ENOENT: of no arm; −ENOMEM. */
int arms_add(struct arms *a, const struct repetition *r);

/*
 * The values of an arm and of its baseline, which it must have, at one step, in the rounds before
 * this one. ret has room for round pairs; a value that was not measured is NaN; *ret_any: some pair
 * has both. Returns their number.
 */
size_t arms_pair(const struct arms *a, const struct arm *arm, unsigned int step, unsigned int round,
		 struct compare_pair *ret, bool *ret_any);

/* Rounds before this one that an arm and its baseline both have; 0 without a baseline. */
size_t arm_count_pairs(const struct arm *arm, unsigned int round);

#endif
