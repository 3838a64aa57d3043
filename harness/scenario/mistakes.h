/* SPDX-License-Identifier: MIT */
/*
 * The mistakes of one file, collected while it is read and printed together, each with its place
 * and the line it stands on. They are counted here: no library's idea of "had errors" is trusted.
 */
#ifndef SCENARIO_MISTAKES_H
#define SCENARIO_MISTAKES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Where in the file: line and column from 1, column and length in characters. line 0: all of it. */
struct position {
	unsigned int line, column, length;
};

struct mistake {
	struct position place;
	bool warning;
	char *text;
};

struct mistakes {
	const char *path; /* as shown */
	const char *text; /* the file, for the lines shown; NULL: show none */
	size_t length;
	unsigned int nr_errors, nr_warnings;
	struct mistake *list;
	size_t nr, room;
};

/* Add a mistake; the same sentence at the same place counts once. */
void mistakes_add(struct mistakes *m, struct position at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same for what is allowed, but hardly meant. */
void mistakes_warn(struct mistakes *m, struct position at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Print all of them by line, then how many there are. In colour on a terminal, unless NO_COLOR is
 * set or TERM is dumb.
 */
void mistakes_print(struct mistakes *m, FILE *out);

void mistakes_free(struct mistakes *m);

#endif
