/* SPDX-License-Identifier: MIT */
/* What the model says of one mapping, and ceilings found, as JSON documents. */
#ifndef RESULT_ANSWER_H
#define RESULT_ANSWER_H

#include "model/ceiling.h"
#include "model/explain.h"

#include <stdio.h>

struct answer {
	const struct model *model;
	const struct map_request *request;
	struct prediction prediction;
	struct ceiling ceiling; /* of requests like this */
};

/* One document, {"overmap": "prediction", …}. −EIO where the stream failed. */
int answer_write(const struct answer *a, FILE *out, struct error *err);

/* A ceiling as searched and as predicted; found false: only predicted. */
struct ceiling_row {
	char label[128];
	bool found;
	uint64_t bytes, predicted_bytes;
	enum rule_id rule;
	unsigned int nr_calls;
	uint64_t elapsed_ns;
};

/*
 * {"overmap": "ceilings", "run": {"started"}, "host": {…}, "ceilings": [{"label", "bytes",
 * "predicted_bytes", "rule"}]}; host as in results.
 */
int ceilings_write(const struct ceiling_row *rows, unsigned int n, const struct host *host,
		   uint64_t started_ns, FILE *out, struct error *err);

/* One step of mapping until refused. */
struct cumulative_row {
	uint64_t granted_bytes, committed_bytes, page_table_bytes, resident_bytes;
};

/* {"overmap": "cumulative", "run", "host", "cumulative": [{"granted_bytes", …}]} */
int cumulative_write(const struct cumulative_row *rows, unsigned int n, const struct host *host,
		     uint64_t started_ns, FILE *out, struct error *err);

#endif
