/* SPDX-License-Identifier: MIT */
#include "cmd/columns.h"

#include <libsmartcols.h>
#include <stdio.h>

struct libscols_table *columns_new(const struct column *columns)
{
	struct libscols_table *table = scols_new_table();

	for (; table && columns->name; columns++) {
		int flags = (columns->right ? SCOLS_FL_RIGHT : 0) |
			    (columns->wrap ? SCOLS_FL_WRAP : 0);

		if (scols_table_new_column(table, columns->name, 0, flags))
			continue;
	}
	return table;
}

void columns_add(struct libscols_table *table, const char *const *texts, size_t n)
{
	struct libscols_line *line = table ? scols_table_new_line(table, NULL) : NULL;

	for (size_t i = 0; line && i < n; i++)
		scols_line_set_data(line, i, texts[i]);
}

void columns_print(struct libscols_table *table)
{
	if (!table)
		return;
	fflush(stdout);
	scols_print_table(table);
	scols_unref_table(table);
}
