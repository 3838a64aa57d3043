/* SPDX-License-Identifier: MIT */
/*
 * What contrasts by round and contrasts of runs share: rows of a comparison, and sentences about
 * what could not become one.
 */
#ifndef CMD_CONTRAST_ROWS_H
#define CMD_CONTRAST_ROWS_H

#include "cmd/contrast.h"

/* The largest number of repetitions that a cell has: room for one metric's values. */
size_t contrast_most_repetitions(const struct result *r);

/* Which metrics of a cell only one side has: told in one sentence a cell. */
struct missing {
	char only_a[512], only_b[512];
	bool any;
};

/* Add a metric's name to the list of length bytes. */
void contrast_note_missing(char *list, size_t length, const char *metric);

/* Say what of the cell only one side has, or neither, and what became of its repetitions. */
void contrast_tell_missing(struct comparisons *c, const char *cell, const struct missing *m,
			   const struct cells *a, uint32_t cell_a, const struct cells *b,
			   uint32_t cell_b);

/*
 * Say how many repetitions of a cell were degraded, and whether its workers took turns. That is no
 * ground to drop them.
 */
void contrast_tell_repetitions(struct comparisons *c, const char *cell, const char *side,
			       const struct cells *cells, uint32_t index);

void contrast_set_row(struct compared *row, enum better better, bool primary, size_t unpaired);

/* The options that were asked for, with the way that is better of the metric at hand. */
struct compare_options contrast_with_better(const struct contrast *q, enum better better);

/* Name both sides, whose texts are taken over, and the unit of statistics. −ENOMEM: a text is NULL.
 */
int contrast_name_sides(struct comparisons *c, char *a, char *b, const char *unit);

/* One text between two others, in fresh memory; NULL: memory ran out. */
char *contrast_joined(const char *one, const char *between, const char *other);

#endif
