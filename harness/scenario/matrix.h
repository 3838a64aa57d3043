/* SPDX-License-Identifier: MIT */
/*
 * All cells of a scenario, by number. A cell is computed from its number, so a matrix of a million
 * cells costs no more memory than its axes.
 */
#ifndef SCENARIO_MATRIX_H
#define SCENARIO_MATRIX_H

#include "axes/axis.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MATRIX_CELLS_MAX UINT32_MAX

/* One axis of the matrix: its values in the file's order. An axis not named has its initial value.
 */
struct matrix_axis {
	const struct axis *axis;
	bool named;             /* the scenario names it */
	unsigned int nr_values; /* at least 1 */
	struct axis_value *values;
};

/* Which cells: for each axis that it names, the values that match. All must match. */
struct pattern {
	struct pattern_term {
		int axis; /* row; −1 ends */
		unsigned int nr_values;
		struct pattern_value {
			enum {
				PATTERN_IS,
				PATTERN_LESS,
				PATTERN_LESS_OR,
				PATTERN_MORE,
				PATTERN_MORE_OR
			} compare; /* other than IS: size, threads */
			struct axis_value value;
		} * values; /* any of them */
	} terms[AXES_MAX + 1];
};

struct cell {
	uint64_t index; /* the number in results: stable whatever is excluded */
	struct params params;
};

/* A cell that the file adds beside the product. */
struct extra_cell {
	struct axis_value values[AXES_MAX]; /* data NULL: the axis' initial value */
};

struct matrix {
	struct matrix_axis axes[AXES_MAX]; /* by row of the axis table */
	unsigned int nr_axes;              /* rows of the table */
	uint64_t nr_product;               /* combinations before exclude and when */
	struct pattern *exclude, *when;
	unsigned int nr_exclude, nr_when;
	struct extra_cell *include;
	unsigned int nr_include;
};

/* Numbers run from 0 to this − 1; some may be excluded. */
uint64_t matrix_numbers(const struct matrix *m);

/*
 * The cell of a number. false: it is excluded on this host (patterns may compare sizes, which needs
 * what the host has).
 */
bool matrix_cell(const struct matrix *m, const struct host *host, uint64_t index, struct cell *ret);

/* Does the pattern match the cell? NULL matches all. */
bool pattern_match(const struct pattern *p, const struct params *params, const struct host *host);

/*
 * A key that is equal for cells which want the same system-wide settings: such cells run together
 * inside a round.
 */
uint64_t cell_block(const struct matrix *m, const struct cell *cell);

/* "size=1TiB overcommit=never": the named axes, in the file's words. Returns ret. */
char *cell_format(const struct matrix *m, const struct cell *cell, char *ret, size_t length);

#endif
