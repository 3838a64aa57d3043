/* SPDX-License-Identifier: MIT */
/* A table of texts for people: aligned for a screen, or as markdown. */
#ifndef CMD_TABLE_H
#define CMD_TABLE_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum table_format { TABLE_TEXT, TABLE_MARKDOWN };

enum table_column_flags {
	TABLE_RIGHT = 1 << 0,
	TABLE_OPTIONAL = 1 << 1, /* left out, last ones first, where the screen is too narrow */
};

enum table_mood { MOOD_PLAIN, MOOD_GOOD, MOOD_ODD, MOOD_BAD, MOOD_FAINT };

struct table;

/* nr_columns at most; −ENOMEM. */
int table_new(struct table **ret, size_t nr_rows, size_t nr_columns);
void table_free(struct table *t);

/* Add a column; its index, or −ENOMEM. */
int table_add(struct table *t, const char *name, unsigned int flags);

/* One field; empty until set. Memory that runs out shows when it is printed. */
void table_set(struct table *t, size_t row, int column, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
void table_set_mood(struct table *t, size_t row, int column, enum table_mood mood);

/* Drop optional columns until width (0: any) suffices. The number dropped. */
size_t table_fit(struct table *t, size_t width);

/* Did table_fit() drop the column? */
bool table_dropped(const struct table *t, int column);

/* −errno. colors: mark moods, for a terminal. */
int table_print(const struct table *t, FILE *stream, enum table_format format, bool colors,
		struct error *err);

/* May the stream be coloured: a terminal, TERM other than dumb, NO_COLOR empty (no-color.org). */
bool stream_colors(FILE *stream);

/*
 * How wide a table may be: COLUMNS, or the terminal's width, at least 80; 0, as wide as it is,
 * where there is neither.
 */
size_t stream_width(FILE *stream);

#endif
