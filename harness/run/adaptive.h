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
 * Look at what the rounds before this one say, where a look is due. It is the same whether the run
 * went on or was resumed.
 */
int adaptive_look(struct adaptive *a, unsigned int round);

/* Has the cell, and every cell that it is compared with, all its verdicts? */
bool adaptive_settled(const struct adaptive *a, uint64_t cell);

#endif
