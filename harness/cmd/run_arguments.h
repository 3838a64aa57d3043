/* SPDX-License-Identifier: MIT */
/* What overmap run was asked to do. */
#ifndef CMD_RUN_ARGUMENTS_H
#define CMD_RUN_ARGUMENTS_H

#include "run/run.h"

#include <stdbool.h>

struct run_arguments {
	struct run_options run;
	bool seed_given, resume, strict, quiet, verbose, no_cgroup;
	struct setting_wanted set[RUN_SET_MAX];
	const char *output, *directory;
	char **files;
	int nr_files;
};

/* Read the command line; usage mistakes end the program with EXIT_USAGE. */
void run_arguments_read(struct run_arguments *ret, int argc, char **argv);

#endif
