/* SPDX-License-Identifier: MIT */
/* A transaction's insides, for the files that make it up: opened, applied, recovered. */
#ifndef SYS_SETTINGS_STATE_H
#define SYS_SETTINGS_STATE_H

#include "sys/guardian.h"
#include "sys/settings.h"
#include "sys/settings_journal.h"
#include "sys/settings_plan.h"
#include "sys/settings_undo.h"

#define SETTINGS_SWAP_FOLDER "/var/lib/overmap"
#define SETTINGS_REPORT_NAME "guardian.report" /* what a guardian did when it was left alone */

struct settings {
	char root[128], swap_path[SETTING_PATH_MAX];
	void (*recovered)(void *context, const char *sentence);
	void *context;
	bool open; /* lock held, journal there */
	struct settings_journal journal;
	struct guardian *guardian;

	/* Allocated beforehand: later there may be no memory to be had. */
	struct undo_list list;
	struct plan plan;
};

/* Nothing taken, nothing started yet. */
void settings_fill(struct settings *s, const struct settings_options *options);

/* Lock, journal and guardian, each where it is missing: a guardian that was killed is replaced. */
int settings_open(struct settings *s, struct error *err);

/*
 * Put back what a journal that is there says, if it is of this boot, and remove it. The lock is
 * held. −EIO: not all could be put back.
 */
int settings_clear_journal(struct settings *s, const struct undo_sink *sink, struct error *err);

#endif
