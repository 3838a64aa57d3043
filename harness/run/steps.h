/* SPDX-License-Identifier: MIT */
/* A cell's steps made ready: as plain numbers, and known to be possible one after the other. */
#ifndef RUN_STEPS_H
#define RUN_STEPS_H

#include "run/crew.h"
#include "scenario/scenario.h"

/*
 * Fill in the assignment's calls, setup first, from its conditions and host and the cell's params.
 * Each step is asked about the mapping as those before it have left it, which "mapping" in its
 * arguments means too. −errno with the reason, −ENOTSUP where it is one for a skip.
 */
int steps_resolve(struct assignment *a, const struct scenario *s, const struct params *params,
		  struct error *err);

#endif
