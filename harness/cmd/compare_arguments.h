/* SPDX-License-Identifier: MIT */
/* What overmap compare was asked to do. */
#ifndef CMD_COMPARE_ARGUMENTS_H
#define CMD_COMPARE_ARGUMENTS_H

#include "cmd/contrast.h"
#include "cmd/names.h"

enum compare_format { FORMAT_TEXT, FORMAT_JSON, FORMAT_CSV, FORMAT_MARKDOWN };

struct compare_arguments {
	struct contrast contrast;
	const char *by, *baseline, *output;
	struct names metrics;
	bool samples, paired, strict, force, sides, better_given;
	enum compare_format format;
	struct names plain, a, b;
	struct names *current; /* where the next result goes */
};

/*
 * Read the command line; usage mistakes end the program with EXIT_USAGE. Returns what of the
 * arguments does not go together, as a sentence, or NULL.
 */
const char *compare_arguments_read(struct compare_arguments *ret, int argc, char **argv);
void compare_arguments_free(struct compare_arguments *a);

#endif
