/* SPDX-License-Identifier: MIT */
/* A table on standard output whose number of rows shows only while it is filled. */
#ifndef CMD_COLUMNS_H
#define CMD_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>

#define COLUMNS_MAX 8

struct column_head {
	const char *name; /* NULL ends */
	bool right;       /* numbers */
};

struct columns {
	const struct column_head *heads;
	size_t nr_columns, nr_rows, room;
	char **texts; /* [nr_rows × nr_columns] */
	bool out_of_memory;
};

/* Begin: heads must outlive the table. */
void columns_begin(struct columns *c, const struct column_head *heads);

/* Add a row of one text for each column, copied. */
void columns_add(struct columns *c, const char *const *texts);

/* Print and free. −errno. */
int columns_print(struct columns *c);

#endif
