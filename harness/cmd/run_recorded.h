/* SPDX-License-Identifier: MIT */
/*
 * One scenario run and recorded: the guards around it, the notes about it, its journal and
 * document, the table on the screen, and what the program exits with.
 */
#ifndef CMD_RUN_RECORDED_H
#define CMD_RUN_RECORDED_H

#include "cmd/run_arguments.h"
#include "result/resume.h"
#include "scenario/scenario.h"

/*
 * Run it into path ("-": standard output), or go on from resume, NULL where it begins. Returns the
 * exit status; err, empty before, has the sentence where the run did not come to its end.
 */
int run_recorded(struct run_arguments *a, const struct scenario *s, struct resume *resume,
		 const char *path, struct error *err);

#endif
