/* SPDX-License-Identifier: MIT */
/*
 * What a scenario may search for instead of doing steps: the largest mapping that is granted, how
 * much of a mapping can be touched, what is granted chunk by chunk. Each is declared like an
 * operation, so that results, tables and comparisons need to know nothing of it; run/ does it.
 */
#ifndef SCENARIO_FIND_H
#define SCENARIO_FIND_H

#include "ops/op.h"

enum find_kind { FIND_NOTHING, FIND_CEILING, FIND_RESIDENT, FIND_CUMULATIVE };

/* Slots of step_report.value that the metrics read. */
enum find_slot {
	FOUND_BYTES,
	FOUND_PREDICTED,
	FOUND_CALLS,
	FOUND_COMMITTED,
	FOUND_TABLES,
	FOUND_TOUCHED
};

/* Rows of find_args, for FIND_CUMULATIVE. */
enum find_arg { FIND_CHUNK, FIND_UNTIL, FIND_TOUCHED };

/* The words after `find:`, NULL-terminated, less "nothing": index + 1 is the kind. */
extern const char *const find_words[];

/* The one step of such a scenario, without a `step` function; NULL for FIND_NOTHING. */
const struct op *find_op(enum find_kind kind);

/* Which of them an operation is. */
enum find_kind find_kind_of(const struct op *op);

#endif
