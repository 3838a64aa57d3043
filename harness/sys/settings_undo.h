/* SPDX-License-Identifier: MIT */
/*
 * What to put back: one item a place that was written, built from the journal's entries, in memory
 * of fixed size, since a setting may leave the system without memory to give.
 */
#ifndef SYS_SETTINGS_UNDO_H
#define SYS_SETTINGS_UNDO_H

#include "sys/settings_value.h"

#define UNDO_MAX 320

/* A value in an entry: whatever the kernel makes of it, as a side effect of the next entry. */
#define UNDO_ANY "*"

struct undo {
	struct setting_place place;
	char original[SETTINGS_VALUE_MAX]; /* to be put back */
	char before[SETTINGS_VALUE_MAX];   /* the last write found this … */
	char ours[SETTINGS_VALUE_MAX];     /* … and left this, or UNDO_ANY */
	bool overridden; /* original was set by somebody else, between two writes of ours */
};

struct undo_list {
	unsigned int n;
	struct undo items[UNDO_MAX]; /* in the order in which they were first written */
};

/* NULL where path was never written. */
struct undo *undo_find(struct undo_list *list, const char *path);

/*
 * An entry: place is about to be changed from old to fresh. A value that is neither ours nor the
 * original was set by somebody else: it becomes the original. −ENOSPC above UNDO_MAX.
 */
int undo_note(struct undo_list *list, const struct setting_place *place, const char *old,
	      const char *fresh);

/* What the last write of path came to, read back. */
void undo_got(struct undo_list *list, const char *path, const char *value);

enum undo_state {
	UNDO_DONE,    /* the original is there */
	UNDO_OURS,    /* what we wrote is there, or a part of it (pools) */
	UNDO_FOREIGN, /* somebody else changed it */
};
enum undo_state undo_compare(const struct undo *item, const char *present);

/* Whom to tell. Any of them may be NULL. */
struct undo_sink {
	void (*restored)(void *context, const char *sentence);
	void (*kept)(void *context, const char *sentence); /* changed by somebody else */
	void (*failed)(void *context, const char *sentence);
	void *context;
};

/*
 * Put all items back, the last first, where the present value is ours; for up to half a second
 * where the kernel refuses at first. 0, or −EIO where something could not be put back.
 */
int undo_restore(struct undo_list *list, const char *root, const struct undo_sink *sink);

/*
 * One item, whose value was ours before anything was put back. 1: written and read back; 0: there
 * was nothing to do; −errno with the sentence.
 */
int undo_item(struct undo *item, const char *root, struct error *err);

/* Huge pages: let the kernel compact memory, so that a pool can grow. Best effort. */
void undo_compact(const char *root);

#endif
