/* SPDX-License-Identifier: MIT */
/*
 * The parts of a scenario's schema that the tables of axes and operations say: what cells and steps
 * look like.
 */
#ifndef RESULT_SCHEMA_CELLS_H
#define RESULT_SCHEMA_CELLS_H

#include "result/json.h"

#include <stdint.h>

#define SCHEMA_PERCENT "^[0-9]+(\\.[0-9]{1,6})?%$"

enum axes_of { AXES_OF_MATRIX, AXES_OF_CELL, AXES_OF_PATTERN };

/* Axes by name: in the matrix with one value or more, in a cell with one. */
cJSON *schema_axes(enum axes_of kind);

/* A whole number, as a number or as digits; maximum 0: none. */
cJSON *schema_count(uint64_t minimum, uint64_t maximum);

/* What reference() names: size, duration, pattern, step, and every axis. */
void schema_definitions(cJSON *defs);

#endif
