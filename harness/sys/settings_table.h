/* SPDX-License-Identifier: MIT */
/* The system-wide values that can be set, declared as data: name, where it is, of what kind. */
#ifndef SYS_SETTINGS_TABLE_H
#define SYS_SETTINGS_TABLE_H

#include "base/error.h"
#include "sys/settings.h"

#include <stdbool.h>
#include <stddef.h>

#define SETTING_PATH_MAX 160

enum setting_kind {
	SETTING_PLAIN,      /* a file; its content shows which words it takes */
	SETTING_INVERTED,   /* a file that says 1 for off */
	SETTING_PAIR,       /* two files, of which one is 0: writing one zeroes the other */
	SETTING_POOL,       /* persistent huge pages: fewer may come than were asked for */
	SETTING_SWAP_FILE,  /* "none" or a size */
	SETTING_ZRAM,       /* as above, on a device that was there, unused */
	SETTING_ZRAM_ADDED, /* as above, on a device that was not there */
	SETTING_ACTION,     /* written, never read or put back */
	SETTING_REFUSED,    /* there, and not to be set by this name */
	SETTING_KINDS,
};

/*
 * A row. In name and path, {size} stands for a page size (2MiB in the name, 2048 in the path),
 * {word} and {number} for themselves, {default} for the default huge page size in KiB. '*' in path
 * is any number: every file that exists is set. Of rows with one name the first that exists counts.
 */
struct setting_row {
	const char *name, *path;
	enum setting_kind kind;
	const char *twin;       /* SETTING_PAIR: path of the other file */
	unsigned int component; /* SETTING_PAIR: which of the two name is, 0 or 1 */
	const char *moves;      /* path of a plain value that the kernel changes along */
	const char *help;       /* of actions: what they do; of refused ones: what to use */
};

/* One file (or pair, or swap space) on this machine. */
struct setting_place {
	enum setting_kind kind;
	char name[SETTINGS_NAME_MAX]; /* as people name it */
	char path[SETTING_PATH_MAX];
	const char *twin, *moves;
	unsigned int component;
};

/* The word for a kind in the journal, and back (−EINVAL). */
const char *setting_kind_name(enum setting_kind kind);
int setting_kind_find(const char *name);

/* The other file of the pair that path is the first of, or NULL. */
const char *setting_pair_twin(const char *path);

/*
 * The places that name stands for, at most max: some for "hugetlb.2MiB" (one a node) and
 * "cpu.governor", one for all others. How many, or −EINVAL: no such name; −ENOENT: not on this
 * kernel. Swap spaces have no path yet. root as of sysfile_open().
 */
int setting_places(const char *root, const char *name, struct setting_place *ret, unsigned int max,
		   struct error *err);

#endif
