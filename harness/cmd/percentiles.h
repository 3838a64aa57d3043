/* SPDX-License-Identifier: MIT */
/* The table of events that were timed each: percentiles by events, and by the time they took. */
#ifndef CMD_PERCENTILES_H
#define CMD_PERCENTILES_H

#include "cmd/show.h"
#include "result/read.h"

/* Did the run time each event? Then its steps are worth reading (RESULT_STEPS). */
bool percentiles_wanted(const struct result *r);

/*
 * Print a row for each cell and step that has events, all repetitions together, cells as in order
 * (indices of r->cells); nothing where there are none. −errno.
 */
int percentiles_print(const struct result *r, const uint32_t *order, FILE *stream,
		      const struct show_options *options, struct error *err);

#endif
