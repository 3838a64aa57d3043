/* SPDX-License-Identifier: MIT */
/*
 * A run's sink: what the supervisor reports goes to the recorder, to the progress line and, under
 * --verbose, to the screen. Here run/ and result/ meet.
 */
#ifndef CMD_RECORDING_H
#define CMD_RECORDING_H

#include "result/resume.h"
#include "result/write.h"
#include "run/progress.h"
#include "run/run.h"

#include <stdbool.h>

#define NOTES_MAX 8

struct recording {
	const struct scenario *scenario;
	struct recorder *recorder;
	struct progress progress;
	bool verbose;
	struct resume *resume; /* the run goes on from here; NULL: it begins */
	unsigned int nr_notes;
	struct recording_note {
		char kind[32], text[512];
	} notes[NOTES_MAX]; /* said before there was a recorder */
};

/* The sink that reports to recording, which must outlive it. */
struct run_sink recording_sink(struct recording *recording);

/* Keep a warning until there is a recorder: for resume_check(). context is the recording. */
void recording_note(void *context, const char *kind, const char *text);

/* Record and print what was kept. */
void recording_tell_notes(struct recording *recording);

#endif
