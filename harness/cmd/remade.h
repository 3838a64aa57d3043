/* SPDX-License-Identifier: MIT */
/*
 * A cell of a result put together again, from the scenario and the machine that the result holds,
 * and what the kernel's rules say of it.
 */
#ifndef CMD_REMADE_H
#define CMD_REMADE_H

#include "model/outcome.h"
#include "result/snapshot.h"
#include "scenario/scenario.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Large: keep it off small stacks. */
struct remade {
	const struct scenario *scenario;
	struct snapshot machine; /* when the run began */

	/* By remade_make() */
	struct cell cell;
	struct conditions conditions;
	struct map_request request;
	unsigned int nr_setup, nr_calls;
	struct op_call calls[2 * STEPS_MAX];
	bool active[2 * STEPS_MAX];
	struct host under; /* the machine as the conditions make it */

	/* By remade_ask() */
	struct model before; /* the step that it is about */
	struct outlook outlook;
};

/*
 * Conditions, calls and the machine under them, of the cell with that number in the matrix.
 * committed_bytes: Committed_AS before it ran; 0, NaN: as when the run began. −errno: the cell
 * cannot be made on this machine.
 */
int remade_make(struct remade *m, uint64_t number, double committed_bytes, struct error *err);

/* Ask the rules how it ends. */
void remade_ask(struct remade *m);

/* Of the step at which it ends: its name, in ret, NULL where it ends well; its op's, else "map". */
const char *remade_step(const struct remade *m, char *ret, size_t length);
const char *remade_op(const struct remade *m);

#endif
