/* SPDX-License-Identifier: MIT */
#include "cmd/columns.h"

#include "cmd/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void columns_begin(struct columns *c, const struct column_head *heads)
{
	*c = (struct columns){ .heads = heads };
	while (heads[c->nr_columns].name)
		c->nr_columns++;
	if (c->nr_columns > COLUMNS_MAX)
		BUG("%zu columns", c->nr_columns);
}

void columns_add(struct columns *c, const char *const *texts)
{
	size_t room = c->room ? c->room * 2 : 32;

	if (c->nr_rows == c->room) {
		char **grown = realloc(c->texts, room * c->nr_columns * sizeof(*grown));

		if (!grown) {
			c->out_of_memory = true;
			return;
		}
		c->texts = grown;
		c->room = room;
	}
	for (size_t i = 0; i < c->nr_columns; i++) {
		char *copy = strdup(texts[i]);

		c->out_of_memory |= !copy;
		c->texts[c->nr_rows * c->nr_columns + i] = copy;
	}
	c->nr_rows++;
}

static int print_rows(const struct columns *c, struct table *t)
{
	int index[COLUMNS_MAX];

	for (size_t i = 0; i < c->nr_columns; i++) {
		index[i] = table_add(t, c->heads[i].name, c->heads[i].right ? TABLE_RIGHT : 0);
		if (index[i] < 0)
			return index[i];
	}
	for (size_t row = 0; row < c->nr_rows; row++)
		for (size_t i = 0; i < c->nr_columns; i++)
			table_set(t, row, index[i], "%s", c->texts[row * c->nr_columns + i]);
	return table_print(t, stdout, TABLE_TEXT, false, NULL);
}

int columns_print(struct columns *c)
{
	struct table *t = NULL;
	int r = c->out_of_memory ? -ENOMEM : table_new(&t, c->nr_rows, c->nr_columns);

	if (!r)
		r = print_rows(c, t);
	table_free(t);
	for (size_t i = 0; i < c->nr_rows * c->nr_columns; i++)
		free(c->texts[i]);
	free(c->texts);
	return r;
}
