/* SPDX-License-Identifier: MIT */
#include "cmd/columns.h"

#include "base/error.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Without libsmartcols: 2.38 spends minutes on the widths of a table with columns as long as the
 * choices of some arguments are.
 */
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

/* Columns on a screen: bytes less those that continue a UTF-8 sequence. */
static int text_width(const char *text)
{
	int n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

/* The last column is not padded: what follows it would be blanks at the line's end. */
static void print_row(const struct columns *c, char *const *texts, const int *widths)
{
	for (size_t i = 0; i < c->nr_columns; i++) {
		int pad = widths[i] - text_width(texts[i]);
		bool last = i + 1 == c->nr_columns;

		printf("%s%*s%s%*s", i ? "  " : "", c->heads[i].right ? pad : 0, "", texts[i],
		       c->heads[i].right || last ? 0 : pad, "");
	}
	putchar('\n');
}

/* Rows here are help texts, of any length: nothing is cut, and a pager or terminal may wrap. */
static void print_rows(const struct columns *c)
{
	char *heads[COLUMNS_MAX];
	int widths[COLUMNS_MAX];

	for (size_t i = 0; i < c->nr_columns; i++) {
		heads[i] = (char *)c->heads[i].name;
		widths[i] = text_width(heads[i]);
		for (size_t row = 0; row < c->nr_rows; row++) {
			int width = text_width(c->texts[row * c->nr_columns + i]);

			widths[i] = width > widths[i] ? width : widths[i];
		}
	}
	print_row(c, heads, widths);
	for (size_t row = 0; row < c->nr_rows; row++)
		print_row(c, &c->texts[row * c->nr_columns], widths);
}

int columns_print(struct columns *c)
{
	int r = c->out_of_memory ? -ENOMEM : 0;

	if (!r)
		print_rows(c);
	for (size_t i = 0; i < c->nr_rows * c->nr_columns; i++)
		free(c->texts[i]);
	free(c->texts);
	return r;
}
