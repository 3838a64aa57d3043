/* SPDX-License-Identifier: MIT */
/* One pass of a worker through steps, each timed by itself. */
#ifndef RUN_PASS_H
#define RUN_PASS_H

#include "run/seat.h"

/*
 * Through the calls [from, to) that are active. first: what is looked at once is looked at. 0, or
 * −errno where one failed, which the report says, or where the repetition was stopped (−ECANCELED).
 */
int pass_through(struct seat *seat, unsigned int from, unsigned int to, bool first);

#endif
