/* SPDX-License-Identifier: MIT */
/* What is worked with while one result is shown: its cells in order, and what is shown of them. */
#ifndef CMD_SHOW_VIEW_H
#define CMD_SHOW_VIEW_H

#include "cmd/show.h"
#include "cmd/table.h"
#include "result/read.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct view {
	const struct result *r;
	const struct show_options *options;
	FILE *stream;
	uint32_t *cells;     /* indices of cells, by number in the matrix */
	uint32_t *first;     /* [nr_cells + 1]: a cell's repetitions in by_cell */
	uint32_t *by_cell;   /* indices of repetitions, grouped by cell */
	double *scratch;     /* [nr_repetitions] */
	bool *shown;         /* [nr_metrics] */
	int *metric_columns; /* [nr_metrics]: −1 none */
};

/* −ENOMEM. Cleared in any case. */
int view_init(struct view *v);
void view_clear(struct view *v);

/* Repetition i of a cell (index of r->cells). */
const struct result_repetition *view_repetition(const struct view *v, uint32_t cell, uint32_t i);

/* The finite values of a metric in a cell, into scratch; how many. */
size_t view_gather(const struct view *v, uint32_t cell, unsigned int metric);

/* Fill shown by the options. −EINVAL: the result has no such metric. */
int view_choose_metrics(struct view *v, struct error *err);

/* How often each thing was. */
struct tally {
	const char *kind, *text; /* of the store: pointers compare */
	uint32_t count;
};

/* Count one more of a kind and a text, both of the result's store; −ENOMEM. */
int tally_add(struct tally **tallies, size_t *n, const char *kind, const char *text);

/* Most often first. */
void tally_sort(struct tally *tallies, size_t n);

/* The rows of the table: axes, outcome, metrics, what the kernel gave. −ENOMEM. */
int show_fill_table(const struct view *v, struct table *t);

/* What a median's interval is for. */
#define SHOW_COVERAGE 0.95

/* Above the table: where, on which kernel, whether it is all there. */
void show_print_header(const struct view *v);

/* Of the counters shown: why one is absent, and what its figures are of; a line each. */
void show_print_counters(const struct view *v);

/* What made it noisy, a line each; nothing where nothing did. */
void show_print_noise(const struct view *v);

/*
 * Below it: the outcomes counted, reasons, warnings, and what table_fit() dropped. −ENOMEM.
 */
int show_print_footer(const struct view *v, const struct table *t, size_t dropped);

#endif
