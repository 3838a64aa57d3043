/* SPDX-License-Identifier: MIT */
/*
 * The cells of a result as comparisons see them: with their repetitions together, found by what
 * they are, and only those and only the metrics that were asked for.
 */
#ifndef CMD_CELLS_H
#define CMD_CELLS_H

#include "base/error.h"
#include "result/read.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FILTERS_MAX 32

/* AXIS=VALUE: any of the values of an axis, for each axis that is named. */
struct cell_filter {
	size_t n;
	struct {
		const char *axis, *value;
	} terms[FILTERS_MAX];
};

/* Add "AXIS=VALUE" (changed: it is parted). −EINVAL, −ENOSPC. */
int cell_filter_add(struct cell_filter *f, char *text, struct error *err);

struct cells {
	const struct result *r;
	uint32_t *first;   /* [nr_cells + 1]: a cell's repetitions in by_cell */
	uint32_t *by_cell; /* indices of repetitions, grouped by cell, in the order that they ran */
	bool *kept;        /* [nr_cells]: by the filter */
	size_t nr_kept;
	struct cell_key {
		char *text; /* its params, by name, less one axis */
		uint32_t cell;
	} * keys; /* of the kept cells, sorted */
};

/*
 * Group the repetitions and apply the filter (NULL: none). The keys leave out the axis without
 * (NULL: none). −EINVAL: the filter names what the result does not have; −ENOMEM.
 */
int cells_open(struct cells *ret, const struct result *r, const struct cell_filter *filter,
	       const char *without, struct error *err);
void cells_close(struct cells *c);

/* The first kept cell with that key of those where the axis (index, −1: any) has that value; −1:
 * none. */
int64_t cells_find(const struct cells *c, const char *key, int axis, const char *value);

/*
 * "size=1MiB overcommit=never": the axes that vary, less one (−1: none); where that is nothing, the
 * scenario's name. Returns ret.
 */
char *cells_name(const struct result *r, uint32_t cell, int without, char *ret, size_t length);

/* "ok", "ENOMEM at map", "skipped: no swap": of the cell's last repetition. Returns ret. */
char *cells_outcome(const struct cells *c, uint32_t cell, char *ret, size_t length);

enum metric_choice { METRIC_NO, METRIC_PRIMARY, METRIC_OTHER };

/*
 * Which metrics, one a metric of r (fresh memory in *ret): names or steps of the list are primary;
 * without a list the first of each step that has a better direction, and with all the others as
 * METRIC_OTHER. −EINVAL: no such metric.
 */
int metrics_choose(const struct result *r, const char *const *names, bool all,
		   enum metric_choice **ret, struct error *err);

/* The finite values of a metric in a cell, in the order that they ran; how many. */
size_t cells_values(const struct cells *c, uint32_t cell, unsigned int metric, double *ret);

#endif
