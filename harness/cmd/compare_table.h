/* SPDX-License-Identifier: MIT */
/* Comparisons for people: a table, what it rests on above it, what to know beneath. */
#ifndef CMD_COMPARE_TABLE_H
#define CMD_COMPARE_TABLE_H

#include "cmd/table.h"
#include "result/comparisons.h"

struct compare_table_options {
	enum table_format format;
	bool all; /* every row and sentence, not only the first ones */
	bool colors;
	size_t width; /* drop columns that it has no room for, unless all; 0: any */
};

/* −ENOMEM, −EIO. */
int compare_table_print(const struct comparisons *c, FILE *stream,
			const struct compare_table_options *options, struct error *err);

#endif
