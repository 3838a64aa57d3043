/* SPDX-License-Identifier: MIT */
/*
 * Adaptive repetition: the values of one axis are held against its first value at the looks of
 * stats/looks.h, and cells whose comparisons all have a verdict need no more rounds.
 */
#ifndef RUN_ADAPTIVE_H
#define RUN_ADAPTIVE_H

#include "scenario/record.h"
#include "scenario/scenario.h"

#include <stdbool.h>
#include <stdint.h>

struct adaptive;

/* For a scenario whose repetitions compare an axis; *ret is NULL for others. −ENOMEM. */
int adaptive_new(struct adaptive **ret, const struct scenario *s, const struct host *host);
void adaptive_free(struct adaptive *a);

/* Take a repetition into account. −ENOMEM. */
int adaptive_add(struct adaptive *a, const struct repetition *r);

/*
 * Look at each comparison whose pairs in the rounds before this one have come to a look's number.
 * It is the same whether the run went on or was resumed. The last look is the end of the run, be
 * that at 64 pairs, before or beyond: whoever reads the result takes it, with the α that is left
 * then.
 */
int adaptive_look(struct adaptive *a, unsigned int round);

/* Take that last look too, to tell which comparisons are without a verdict. No round follows. */
int adaptive_end(struct adaptive *a);

/* Has the cell, and every cell that it is compared with, all its verdicts? */
bool adaptive_settled(const struct adaptive *a, uint64_t cell);

/* The cell that this one is compared with; itself where it is the baseline, or has none. */
uint64_t adaptive_baseline(const struct adaptive *a, uint64_t cell);

/*
 * By how much the 90 % interval of ln(cell/baseline) would narrow with one more pair, at the step
 * without a verdict where it is widest; infinite: there are too few pairs for one; 0: the cell is a
 * baseline, or has its verdicts. Neither sign nor size of a difference goes into it: an interval is
 * as wide whichever of the two is slower, so that what is measured more often does not tell.
 */
double adaptive_gain(const struct adaptive *a, uint64_t cell, unsigned int round);

#endif
