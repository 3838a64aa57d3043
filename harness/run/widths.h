/* SPDX-License-Identifier: MIT */
/* The values that a cell has of each of its steps, and how sure their medians are by now. */
#ifndef RUN_WIDTHS_H
#define RUN_WIDTHS_H

#include "scenario/record.h"
#include "scenario/scenario.h"

#include <stdint.h>

/* All zero is empty. */
struct widths {
	double *values; /* [n * nr_watched]: the first metric of every step that has one */
	unsigned int nr_watched;
	uint32_t n;    /* repetitions */
	double widest; /* see widths_widest(), of the first widest_n */
	uint32_t widest_n;
};

/* A repetition of the cell. −ENOMEM. */
int widths_add(struct widths *w, const struct scenario *s, const struct repetition *r);

/*
 * The widest of the 95 % intervals of the steps' medians, as a share of the median: infinite where
 * one has too few values for an interval, negative where none was ever measured, which decides
 * nothing.
 */
double widths_widest(struct widths *w);

void widths_free(struct widths *w);

#endif
