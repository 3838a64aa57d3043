/* SPDX-License-Identifier: MIT */
/* What overmap ceiling was asked, for those who search and print: rows, or a pile of chunks. */
#ifndef CMD_CEILING_VIEW_H
#define CMD_CEILING_VIEW_H

#include "cmd/question.h"
#include "sys/settings.h"

#include <stdbool.h>
#include <stdint.h>

#define CHOICES_MAX 16

/* Words between commas: one value each. */
struct choices {
	unsigned int n;
	const char *words[CHOICES_MAX]; /* NULL: what the axis says of itself */
};

struct ceiling_arguments {
	struct question question; /* what is the same in all rows */
	struct choices flags, protections, modes;
	const char *chunk, *touch;
	uint64_t max_touched_bytes; /* in all; 0: as much as the machine can spare */
};

struct ceiling_view {
	const struct ceiling_arguments *arguments;
	struct settings
		*settings;   /* the transaction of those that the search changed; NULL: none */
	struct host start;   /* the machine before anything was changed */
	uint64_t started_ns; /* CLOCK_REALTIME */
	struct asked asked;  /* by ceiling_ask() */
	bool misasked;       /* a word that there is not: the table says which */
	bool not_permitted;  /* a setting may not be written, as the table says */
	bool found;          /* anything at all */
};

/*
 * Resolve the question with these words, apply the settings that it wants, and read the machine
 * again. −EINVAL: words that make no sense; for others see ceiling_forbidden().
 */
int ceiling_ask(struct ceiling_view *v, const char *mode, const char *flags, const char *protection,
		struct error *err);

/* Is it the −errno of a setting that may not be written? */
bool ceiling_forbidden(int r);

/*
 * Search for every combination of the words, and print the rows. What went wrong in one is its note
 * in the table, and told in v. −errno: nothing could be printed.
 */
int ceiling_print_table(struct ceiling_view *v, struct error *err);

/* --cumulative: chunk after chunk with the first words, and print the samples. −errno. */
int ceiling_print_pile(struct ceiling_view *v, struct error *err);

#endif
