/* SPDX-License-Identifier: MIT */
/* What the model says of one mapping, and ceilings found, as JSON documents. */
#ifndef RESULT_ANSWER_H
#define RESULT_ANSWER_H

#include "model/ceiling.h"
#include "model/explain.h"
#include "scenario/record.h"

#include <stdio.h>

struct answer {
	const struct model *model;
	const struct map_request *request;
	struct prediction prediction;
	struct ceiling ceiling; /* of requests like this */
};

/* One document, {"overmap": "prediction", …}. −ENOMEM, −errno. */
int answer_write(const struct answer *a, FILE *out, struct error *err);

/* What became of some repetitions of a cell, beside what the rules say of it. */
struct explanation {
	uint64_t number;                     /* of the cell */
	const char *cell;                    /* "overcommit=never size=1TiB" */
	const char *outcome, *step, *detail; /* step, detail NULL: none */
	uint32_t nr_repetitions, nr_all;     /* that ended so; of the cell */
	const char *sentence;
	bool predicted; /* the rules were asked: what follows holds */
	bool agrees;
	bool curable; /* a mapping was refused, and remedies may be sought */
	const char *predicted_outcome, *predicted_step; /* "": indeterminate; NULL: none */
	struct answer answer;                           /* less the ceiling */
};

/* {"overmap": "explanations", "result": path, "explanations": […]} while it is put together. */
struct explanations;
int explanations_new(struct explanations **ret, const char *path);
void explanations_add(struct explanations *e, const struct explanation *what);

/* Write it and let go. −ENOMEM, −errno. */
int explanations_write(struct explanations *e, FILE *out, struct error *err);

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

/*
 * {"overmap": "cumulative", "run", "host", "end", "cumulative": [{"granted_bytes", …}]}; end in
 * words: "then refused: ENOMEM".
 */
int cumulative_write(const struct cumulative_sample *samples, unsigned int n, const char *end,
		     const struct host *host, uint64_t started_ns, FILE *out, struct error *err);

#endif
