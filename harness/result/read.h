/* SPDX-License-Identifier: MIT */
/*
 * A result read back, from a finished document or from the journal of a run that was cut short,
 * into arrays small enough to hold millions of values.
 */
#ifndef RESULT_READ_H
#define RESULT_READ_H

#include "base/error.h"
#include "ops/op.h"
#include "stats/hist.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RESULT_BYTES_MAX (1ull << 30) /* a larger file is refused unread */

struct result_axis {
	const char *name;
	bool varies;
	unsigned int nr_values; /* in the scenario's order; cells that it adds may have others */
	const char **values;
};

struct result_metric {
	const char *name, *step, *unit, *help;
	const char *absent; /* why it cannot be had there; NULL: it can */
	const char *note;   /* what to know of its figures; NULL: nothing */
	enum better better;
	bool headline; /* shown unless others are asked for; where it is not stated: first of its
			  step */
};

struct result_cell {
	uint64_t number;     /* in the matrix */
	const char **params; /* by axis of the result; NULL: not stated */
	uint64_t size_bytes;
	unsigned int nr_workers;
	uint32_t nr_repetitions;
	uint32_t next_round; /* above the last that it has a repetition in */
};

/* A sparse histogram, see FORMAT.md. */
struct result_hist {
	uint64_t n, sum, min, max;
	unsigned int nr_buckets;
	const struct result_bucket {
		uint32_t index;
		uint64_t count;
	} * buckets;
};

/* From this share of an event on, what is measured of events is mostly their time stamps. */
#define STAMP_SHARE_NOTED 0.5

struct result_step {
	const char *name;
	uint64_t executions, elapsed_ns;
	double count[COUNTS]; /* NaN: nobody counted */
	double worker_ns_min, worker_ns_median, worker_ns_max;
	struct result_hist times, events; /* n is 0 where there is none */
	double stamp_share;               /* of an event; NaN: not known, or there are none */
};

/* What the kernel really gave; NaN: not known. */
struct result_effective {
	const char *overcommit; /* NULL: not known */
	double committed_bytes; /* Committed_AS before it, that the prediction reckoned with */
	double mapped_bytes, resident_bytes, huge_bytes, huge_share, swap_bytes, locked_bytes,
		page_table_bytes;
};

/* A perf event that had a counter for a part of the time only. */
struct result_share {
	unsigned int metric; /* index */
	double share;        /* 0: never */
};

struct result_repetition {
	uint32_t cell;  /* index into result.cells */
	uint32_t round; /* ascending inside a cell */
	uint64_t sequence, started_ns, elapsed_ns, iterations;
	const char *outcome;  /* as of outcome_name() */
	const char *step;     /* NULL: none */
	const char *detail;   /* NULL: nothing to say */
	const char *rule;     /* of the kernel, that the model saw; NULL: none */
	bool indeterminate;   /* the model would not say */
	bool take_turns;      /* there were more workers than CPUs for them */
	const char *expected; /* NULL: nothing was stated */
	bool as_expected;     /* true where nothing was stated */
	struct result_effective effective;
	uint32_t nr_warnings;
	const char **warnings;
	uint32_t nr_shares;
	const struct result_share *shares;
	uint32_t nr_steps; /* 0 without RESULT_STEPS */
	const struct result_step *steps;
};

struct result_warning {
	const char *kind, *text;
};

struct result {
	const char *path; /* that was read: OUTPUT or OUTPUT.journal */
	const char *note; /* a sentence for the person, NULL: none: "… read from …" */
	bool complete;
	bool from_journal;
	uint64_t seed; /* exact */

	unsigned int nr_axes, nr_metrics;
	struct result_axis *axes;
	struct result_metric *metrics;
	uint32_t nr_cells, nr_repetitions, nr_warnings;
	struct result_cell *cells;
	struct result_repetition *repetitions; /* in the order that they ran */
	struct result_warning *warnings;
	double *values; /* [nr_repetitions × nr_metrics]: see result_values() */

	struct result_store *store; /* what everything above points into */
};

enum result_read_flags {
	RESULT_STEPS = 1 << 0, /* each repetition's steps with their histograms too */
};

/*
 * Read the file; where there is none, or only an incomplete one, the journal beside it. err names
 * the file and says what is wrong with it: cut short, no result, of a newer schema, no JSON (with
 * line and column), a folder, too large. *ret is untouched on failure.
 */
int result_read(struct result **ret, const char *path, unsigned int flags, struct error *err);
void result_free(struct result *r);

/* The values of a repetition, one a metric; NaN: not measured. */
static inline const double *result_values(const struct result *r, uint32_t repetition)
{
	return r->values + (size_t)repetition * r->nr_metrics;
}

/* Index of the axis or metric with that name, or −ENOENT. */
int result_axis_index(const struct result *r, const char *name);
int result_metric_index(const struct result *r, const char *name);

/* Index of the cell with that number in the matrix, or −ENOENT. */
int64_t result_cell_index(const struct result *r, uint64_t number);

/*
 * What the result says of its scenario, tool, run and host, by a path with slashes: "host/kernel",
 * "host/memory/ram_bytes", "scenario/source". A text, or NULL where there is none.
 */
const char *result_text(const struct result *r, const char *path);

/* A number; fallback where there is none. Exact up to 2^53. */
double result_number(const struct result *r, const char *path, double fallback);

/*
 * Visit every leaf at and below a path ("host"): its path and its value as text ("null", "true",
 * numbers in decimal). Lists are walked by index: "host/nodes/0/memory_bytes".
 */
void result_visit(const struct result *r, const char *path,
		  void (*visit)(void *context, const char *path, const char *text), void *context);

/* Count a sparse histogram into a dense one. */
void result_hist_merge(const struct result_hist *from, struct hist *into);

#endif
