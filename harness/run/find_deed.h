/* SPDX-License-Identifier: MIT */
/*
 * Inside run/find*.c: what the worker does for each kind of search, and the room in which it leaves
 * what it found. The prediction is made there too, in the process that then maps, since the largest
 * hole is its own, and on the Committed_AS of that moment.
 */
#ifndef RUN_FIND_DEED_H
#define RUN_FIND_DEED_H

#include "model/rule.h"
#include "ops/op.h"
#include "run/ceiling.h"
#include "run/find.h"
#include "run/pile.h"

#include <stdbool.h>
#include <stdint.h>

struct find_room {
	uint64_t reserve_bytes, max_touched_bytes; /* what the supervisor permits */

	/* What the worker leaves */
	bool searched, predicted; /* predicted: the rules have a figure */
	bool cut;                 /* we ended it, not the kernel: it says nothing about the rules */
	enum rule_id rule;
	uint64_t bytes, predicted_bytes, low_bytes, high_bytes;
	char detail[160];
	struct pile pile;

	/* What the process that touches leaves before it dies */
	volatile uint64_t touched_bytes;
	volatile int map_error, stopped; /* stopped: 1 by the budget, 2 by the reserve */
};

/* What the worker keeps: the machine as it is at this moment. */
struct find_state {
	struct host host, under; /* under: the conditions of the cell */
	struct ceiling_found found;
};

/* The calls of the one step: untimed, timed, untimed. */
struct find_deed {
	int (*before)(struct worker *w, const struct op_call *call);
	int (*step)(struct worker *w, const struct op_call *call);
	int (*after)(struct worker *w, const struct op_call *call);
};
extern const struct find_deed find_ceiling_deed, find_resident_deed, find_cumulative_deed;

/* Read the machine again. −errno with the sentence in w->error. */
int find_refresh(struct worker *w, struct find_state *s);

/* What the rules say: bytes from low to high, the same where they are sure. */
void find_expect(struct find_room *room, uint64_t low, uint64_t middle, uint64_t high,
		 enum rule_id rule);

/* What was found, in bytes, into the room and the step's metrics. */
void find_leave(struct worker *w, uint64_t bytes, uint64_t nr_calls);

#endif
