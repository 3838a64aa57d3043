/* SPDX-License-Identifier: MIT */
/*
 * Where the time that is left of a run narrows most: which candidates, each a cell or a group of
 * cells that are compared, the next round takes. Pure.
 */
#ifndef RUN_SPEND_H
#define RUN_SPEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct spend_candidate {
	double gain;    /* by how much its intervals would narrow; infinite: it has none yet */
	double cost_ns; /* of its part of a round; 0: it takes none */
	bool chosen;
};

/*
 * By how much an interval that wide, made of n values, narrows with one more: its width goes with
 * 1/√n. Infinite for an infinite width.
 */
double spend_gain(double width, uint32_t n);

/*
 * Choose for one round: of those that fit into the time that is left, the one whose intervals
 * narrow most a second, and those that do at least half as well, as long as they fit together.
 * Greedy choice of the steepest makes the sum of all widths as small as the time allows
 * (repetitions go as (noise/cost)^⅔); half as well keeps cells alike in the same rounds, spread
 * over the run. Returns how many are chosen; 0: nothing fits. −ENOMEM.
 */
int spend_choose(struct spend_candidate *candidates, size_t n, double left_ns);

#endif
