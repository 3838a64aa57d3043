/* SPDX-License-Identifier: MIT */
/*
 * Comparisons as they are told: one row a cell and metric, what could not be compared by name, and
 * what to know beside them. Made in cmd from results or samples; written from here.
 */
#ifndef RESULT_COMPARISONS_H
#define RESULT_COMPARISONS_H

#include "base/error.h"
#include "ops/op.h"
#include "result/read.h"
#include "stats/compare.h"
#include "stats/geomean.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define COMPARISONS_SCHEMA 1 /* of the document */

struct compared {
	char *cell;   /* "overcommit=always size=1MiB" */
	char *metric; /* "" where samples have none */
	char *unit;   /* as of a metric: "ns"; "" not known */
	char *group;  /* what a geomean is taken over, beside the metric: "overcommit=always" */
	enum better better;
	bool primary;    /* of the declared family: it decides the exit status */
	size_t unpaired; /* repetitions whose round has none on the other side */
	struct comparison result;
};

/* The geometric mean of the ratios of one metric over the cells that both sides have. */
struct compared_mean {
	const char *metric, *group; /* of a row */
	enum better better;
	struct geomean mean;
};

struct sentences {
	char **texts;
	size_t n;
};

/* Where the figures come from, for whoever draws them. */
enum origin {
	ORIGIN_HOST,
	ORIGIN_KERNEL,
	ORIGIN_MACHINE,
	ORIGIN_STARTED,
	ORIGIN_CLOCK,
	ORIGIN_SCENARIO,
	ORIGIN_VERSION,
	ORIGINS
};

struct comparisons {
	char *a, *b;                    /* the sides; a is the baseline */
	const char *unit;               /* of statistics: "pair", "repetition", "run", "boot" */
	struct compare_options options; /* that rows were compared with, less better */
	struct compared *rows;
	size_t n, room;
	struct compared_mean *means;
	size_t nr_means;
	struct sentences unmatched;   /* cells and metrics that only one side has, and why */
	struct sentences differences; /* between the environments */
	struct sentences warnings;
	char *origin[ORIGINS]; /* NULL: not known */
	bool emulated;
	bool out_of_memory;
};

void comparisons_free(struct comparisons *c);

/*
 * A new row, zeroed but for copies of the texts; it lives until the next one is added. NULL: memory
 * ran out, which comparisons_judge() tells.
 */
struct compared *comparisons_add(struct comparisons *c, const char *cell, const char *metric,
				 const char *unit, const char *group);

/* Add a sentence; memory that runs out is told by comparisons_judge(). */
void comparisons_say(struct comparisons *c, struct sentences *to, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Take the origin from the result, or from both: what differs is told as "6.1 / 6.18". */
void comparisons_origin(struct comparisons *c, const struct result *a, const struct result *b);

/*
 * Holm over the primary rows, and over the others by themselves; geomeans over the primary rows;
 * warnings of the rows as sentences; then the order: what matters first. −ENOMEM.
 */
int comparisons_judge(struct comparisons *c);

/* "slower", "equivalent", …; "indicative: slower" where no more may be claimed. Returns ret. */
char *compared_verdict(const struct compared *row, char *ret, size_t length);

/* One JSON document; scripts/plot draws it. −ENOMEM, −EIO. */
int comparisons_write_json(const struct comparisons *c, FILE *out, struct error *err);

/* The rows with as many digits as it takes, RFC 4180 quoting, a header line. −ENOMEM, −EIO. */
int comparisons_write_csv(const struct comparisons *c, FILE *out, struct error *err);

#endif
