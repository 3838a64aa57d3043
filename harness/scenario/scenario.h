/* SPDX-License-Identifier: MIT */
/*
 * A scenario as the file states it, checked whole: a matrix of cells, steps, what to expect, how
 * often to repeat. Loading reports every mistake of the file at once.
 */
#ifndef SCENARIO_SCENARIO_H
#define SCENARIO_SCENARIO_H

#include "axes/axis.h"
#include "base/arg.h"
#include "ops/op.h"
#include "scenario/find.h"
#include "scenario/matrix.h"
#include "sys/perf.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define SCENARIO_BYTES_MAX (1u << 20) /* a larger file is refused unread */
#define SCENARIO_NODES_MAX 100000u    /* YAML nodes after aliases are followed */
#define SCENARIO_DEPTH_MAX 32

struct step {
	char *name; /* the op's, or "touch-2" for its second place */
	const struct op *op;
	struct arg_value args[ARGS_MAX]; /* by row of op->args */
	struct pattern *when;            /* only in cells that match; NULL: in all */
	bool each_event;                 /* its events are timed, not just each execution */
};

struct measure {
	uint64_t iterations; /* passes through the steps; 0 where for_ns rules */
	uint64_t for_ns;
	bool each_event; /* of some step */
	bool by_worker;  /* histograms: per-worker */
	struct perf_choice perf;
};

/*
 * Without a word all cells are to end well: a run whose steps failed is no success. Only where the
 * end is what is asked for (find, may_oom) nothing is expected.
 */
enum expect_kind { EXPECT_OK, EXPECT_NOTHING, EXPECT_MODEL, EXPECT_RULES };

struct expect_rule {
	struct pattern *when; /* NULL: every cell */
	char *outcome;        /* "ok", "ENOMEM", "SIGBUS", "oom-killed", "timeout", … */
	char *step;           /* where; NULL: anywhere */
};

struct repetition_plan {
	unsigned int min, max; /* equal: fixed */
	double until;          /* relative width of the interval, 0.02 for 2%; 0: none */
	int compare;           /* axis (row) whose values are compared, until the looks of
				  stats/looks.h have a verdict for each; −1: none */
	double margin, power;  /* of those comparisons */
};

struct scenario {
	char *name, *summary;
	char *path;   /* as given by the user */
	char *source; /* the file's text */
	size_t source_length;
	char sha256[65]; /* of source, hex */
	struct matrix matrix;
	unsigned int nr_setup, nr_steps;
	struct step setup[STEPS_MAX], steps[STEPS_MAX];
	enum find_kind find; /* then the search is the only step */
	struct measure measure;
	enum expect_kind expect;
	struct expect_rule *rules; /* the last that matches rules */
	unsigned int nr_rules;
	struct repetition_plan repetitions;
	bool may_oom;
	uint64_t timeout_ns;          /* of one repetition; initial 60 s */
	bool requires_axis[AXES_MAX]; /* requires: [overcommit]: not permitted is exit 4, not a skip
				       */
	unsigned int nr_charts;
	char **charts; /* names of charts; none: chosen by what varies */
};

/* How many mistakes and warnings were written to the stream. */
struct load_report {
	unsigned int nr_errors, nr_warnings;
};

/*
 * Load a file ("-": standard input). 0, or −EINVAL when the file has mistakes: each was written to
 * messages as file:line:column, the source line with a marker, and what to write instead. Other
 * −errno: the file could not be read; written there too. *ret is untouched on failure. messages and
 * report may be NULL.
 */
int scenario_load(const char *path, FILE *messages, struct scenario **ret,
		  struct load_report *report);

/*
 * The text of a file ("-": standard input), at most SCENARIO_BYTES_MAX, in fresh memory. −errno
 * where it could not be read; written to messages (may be NULL) too.
 */
int scenario_read(const char *path, FILE *messages, char **ret, size_t *ret_length);

/* The same from memory; path is only the name in messages. */
int scenario_load_text(const char *text, size_t length, const char *path, FILE *messages,
		       struct scenario **ret, struct load_report *report);

void scenario_free(struct scenario *s);

/*
 * The rule that says what the cell is expected to end as on this host (rules may compare sizes), or
 * NULL: no explicit rule matches.
 */
const struct expect_rule *scenario_expect(const struct scenario *s, const struct cell *cell,
					  const struct host *host);

/*
 * The comparisons that a plan with `compare` makes at most: each cell with its neighbour that has
 * the axis' first value, in the first metric with a better direction of every step. 0 without.
 */
uint64_t scenario_comparisons(const struct scenario *s);

/* The same if the values of this axis (row) were compared; 0 where it has but one. */
uint64_t scenario_comparisons_by(const struct scenario *s, unsigned int axis);

/* Whose events are timed: "none", "each", or the names of the steps. Returns ret. */
char *scenario_events(const struct scenario *s, char *ret, size_t length);

/* The first metric of the op that has a better direction: a row of op->metrics, −1: none. */
int scenario_primary_metric(const struct op *op);

#endif
