/* SPDX-License-Identifier: MIT */
/* The structs of a run as JSON trees, in the shape that FORMAT.md describes. */
#ifndef RESULT_ENCODE_H
#define RESULT_ENCODE_H

#include "result/json.h"
#include "result/write.h"

/* Each returns a fresh tree; memory that ran out shows when it is printed. */
cJSON *encode_header(const struct result_context *context);
cJSON *encode_cell(const struct result_context *context, const struct cell *cell);
cJSON *encode_repetition(const struct scenario *s, const struct host *host,
			 const struct repetition *rep);
/* What a search found in a cell: a row of "ceilings", and a list of rows of "cumulative". */
cJSON *encode_ceiling(const struct scenario *s, const struct cell *cell,
		      const struct repetition *rep);
cJSON *encode_samples(const struct scenario *s, const struct cell *cell,
		      const struct repetition *rep);
cJSON *encode_end(const struct result_end *end);
cJSON *encode_resumed(const struct result_context *context);

/* The host as results state it, less the facts. */
cJSON *encode_machine(const struct host *host);

/* Add a point of time (CLOCK_REALTIME, ns) as "2026-11-24T10:12:33.123456789Z". */
void encode_time(cJSON *object, const char *name, uint64_t realtime_ns);

/* Add "boot_id": null where the kernel does not say. */
void encode_boot(cJSON *object);

/* Does any cell of the scenario name this row of the axis table, and has it more than one value? */
bool axis_named(const struct matrix *m, unsigned int row);
bool axis_varies(const struct matrix *m, unsigned int row);

#endif
