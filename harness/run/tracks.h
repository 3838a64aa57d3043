/* SPDX-License-Identifier: MIT */
/*
 * What the supervisor remembers of each cell between rounds: whether it needs another repetition,
 * and the values that decide it.
 */
#ifndef RUN_TRACKS_H
#define RUN_TRACKS_H

#include "run/order.h"
#include "scenario/record.h"
#include "scenario/scenario.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tracks;

/* A track for every cell that is not excluded. −ENOMEM. */
int tracks_new(struct tracks **ret, const struct scenario *s, const struct host *host);
void tracks_free(struct tracks *t);

size_t tracks_count(const struct tracks *t);

/* Take a repetition into account: just run, or from an earlier run that is resumed. */
int tracks_add(struct tracks *t, const struct repetition *r);

/* A limited time, and what came of it. */
struct tracks_time {
	double left_ns;
	double overhead_ns; /* of a repetition, beside its own time: settings, journal */
	bool over;          /* set where cells need a repetition and none fits any more */
};

/*
 * The cells that need a repetition in this round, unordered, into items (room for tracks_count()).
 * A cell needs one until it has min; then until every step's first metric has a 95 % interval of
 * its median no wider than `until`; never after max; never once it was skipped or refused.
 * Where the scenario compares an axis, run/adaptive.h decides instead of `until`.
 *
 * Where the time is limited (NULL: it is not), the first round is taken whatever is left, and those
 * up to min where the whole of one fits, by what those before took. Each round after min takes
 * those cells alone that run/spend.h chooses; a comparison's cells go together, so that rounds stay
 * pairs.
 */
size_t tracks_due(struct tracks *t, unsigned int round, struct tracks_time *time,
		  struct order_item *items);

/* The least number of repetitions that are still to run; exact after each tracks_due(). */
uint64_t tracks_left(const struct tracks *t);

/*
 * How many cells have not got what the scenario repeats them for, whatever ended the run: min
 * repetitions; an interval as narrow as `until`, or a verdict. Looks a last time.
 */
uint64_t tracks_unsettled(struct tracks *t);

#endif
