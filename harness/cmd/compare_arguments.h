/* SPDX-License-Identifier: MIT */
/* What overmap compare was asked to do. */
#ifndef CMD_COMPARE_ARGUMENTS_H
#define CMD_COMPARE_ARGUMENTS_H

#include "cmd/contrast.h"

enum compare_format { FORMAT_TEXT, FORMAT_JSON, FORMAT_CSV, FORMAT_MARKDOWN };

struct compare_paths {
	const char **items;
	size_t n;
};

struct compare_arguments {
	struct contrast contrast;
	const char *by, *baseline, *output;
	const char **metrics;
	size_t nr_metrics;
	bool samples, paired, strict, force, sides, better_given;
	enum compare_format format;
	struct compare_paths plain, a, b;
	struct compare_paths *current; /* where the next result goes */
};

/*
 * Read the command line; usage mistakes end the program with EXIT_USAGE. Returns what of the
 * arguments does not go together, as a sentence, or NULL.
 */
const char *compare_arguments_read(struct compare_arguments *ret, int argc, char **argv);
void compare_arguments_free(struct compare_arguments *a);

#endif
