/* SPDX-License-Identifier: MIT */
/* Small tables for people on standard output, through libsmartcols. */
#ifndef CMD_COLUMNS_H
#define CMD_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>

struct libscols_table;

struct column {
	const char *name; /* NULL ends */
	bool right;       /* numbers */
	bool wrap;        /* long text: broken at the terminal's edge */
};

/* An empty table; NULL: memory ran out, and all of the following do nothing. */
struct libscols_table *columns_new(const struct column *columns);

/* Add a row; one text for each column, copied. */
void columns_add(struct libscols_table *table, const char *const *texts, size_t n);

/* Print and free. */
void columns_print(struct libscols_table *table);

#endif
