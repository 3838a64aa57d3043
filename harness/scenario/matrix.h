/* SPDX-License-Identifier: MIT */
/*
 * All cells of a scenario, by number. A cell is computed from its number, so a matrix of a million
 * cells costs no more memory than its axes.
 */
#ifndef SCENARIO_MATRIX_H
#define SCENARIO_MATRIX_H

#include "axes/axis.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MATRIX_CELLS_MAX UINT32_MAX

/* One axis of the matrix: its values in the file's order. An axis not named has its initial value.
 */
struct matrix_axis {
	const struct axis *axis;
	bool named;             /* the scenario names it, in matrix or include */
	unsigned int nr_values; /* at least 1 */
	struct axis_value *values;
	struct axis_value initial; /* what an extra cell has that does not name this axis */
};

/* How a pattern's value is compared; other than IS: size and threads only. */
enum pattern_compare {
	PATTERN_IS,
	PATTERN_LESS,
	PATTERN_LESS_OR,
	PATTERN_MORE,
	PATTERN_MORE_OR,
};

struct pattern_value {
	enum pattern_compare compare;
	struct axis_value value;
};

struct pattern_index;

/* Which cells: for each axis that it names, the values that match. All must match. */
struct pattern {
	struct pattern_term {
		int axis; /* row; −1 ends */
		unsigned int nr_values;
		struct pattern_value *values; /* any of them */
		struct pattern_index *index;  /* NULL until pattern_index() */
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
	bool pool_as_it_is;        /* of every cell: params.pool_as_it_is */
	const struct size *copied; /* and params.copied */
};

/* Numbers run from 0 to this − 1; some may be excluded. The product first, then include. */
uint64_t matrix_numbers(const struct matrix *m);

/*
 * The cell of a number. The last axis named in the table varies fastest. false: it is excluded on
 * this host (patterns may compare sizes, which needs what the host has), or there is no such
 * number. Cells of include are never excluded.
 */
bool matrix_cell(const struct matrix *m, const struct host *host, uint64_t index, struct cell *ret);

/*
 * Count the combinations of the axes into nr_product. −ERANGE: more than MATRIX_CELLS_MAX; err has
 * the number.
 */
int matrix_count(struct matrix *m, struct error *err);

void matrix_free(struct matrix *m);

/*
 * Does the pattern match the cell? NULL matches all. host may be NULL: comparisons then match
 * nothing. Not for two threads at once: what a host makes of comparisons is kept.
 */
bool pattern_match(const struct pattern *p, const struct params *params, const struct host *host);

/*
 * Note for every value of the matrix whether it matches, so that pattern_match() looks at one bit
 * an axis. Optional; −ENOMEM.
 */
int pattern_index(struct pattern *p, const struct matrix *m);

/* The words for enum pattern_compare: "", "<", "<=", ">", ">=". */
const char *pattern_compare_sign(enum pattern_compare compare);

/* Free what p holds, not p itself. */
void pattern_clear(struct pattern *p);

/*
 * A key that is equal for cells which want the same system-wide settings: such cells run together
 * inside a round.
 */
uint64_t cell_block(const struct matrix *m, const struct cell *cell);

/* "size=1TiB overcommit=never": the named axes, in the file's words. Returns ret. */
char *cell_format(const struct matrix *m, const struct cell *cell, char *ret, size_t length);

#endif
