/* SPDX-License-Identifier: MIT */
/*
 * System settings as a transaction: a value is journalled before it is written, read back after,
 * and put back whatever happens to the process that asked for it.
 *
 * Names: vm.NAME, kernel.numa_balancing; thp.enabled, thp.defrag, thp.khugepaged.NAME,
 * thp.64KiB.enabled; hugetlb.2MiB, hugetlb.2MiB.node0, hugetlb.2MiB.overcommit; ksm.NAME;
 * zswap.NAME; swap.file, swap.zram (a size, or "none"); cpu.governor, cpu.turbo (on, off); and the
 * actions drop_caches and compact_memory.
 */
#ifndef SYS_SETTINGS_H
#define SYS_SETTINGS_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define SETTINGS_NAME_MAX  64
#define SETTINGS_VALUE_MAX 128

/* One open transaction: lock held and guardian running from the first write on. */
struct settings;

struct settings_options {
	const char *directory;      /* of journal and lock; NULL: /run/overmap */
	const char *swap_directory; /* of the swap file; NULL: /var/lib/overmap */
	const char *root;           /* put before /proc and /sys, for tests; NULL: none */

	/* What an earlier run left is put back before the first write; told here. May be NULL. */
	void (*recovered)(void *context, const char *sentence);
	void *context;
};

struct setting_wanted {
	const char *name, *value;
};

/* Cheap: takes no lock and starts nothing before the first write. options may be NULL. */
int settings_begin(struct settings **ret, const struct settings_options *options,
		   struct error *err);

/*
 * Is the name known, present on this kernel, permitted, and the value one that it takes? Touches
 * nothing. A value that the system has already is always permitted. −EINVAL: no such name, or a bad
 * value; −ENOENT: this kernel lacks it; −EACCES, −EPERM, −EROFS: it may not be written. Ranges are
 * known only to the kernel: settings_apply() may still return −EINVAL.
 */
int settings_check(const char *name, const char *value, struct error *err);

/*
 * Make the system as wanted[] says: names in it get their value; names that this transaction set
 * earlier and that are not wanted now go back to their old value. Actions are done at each call,
 * after the rest. Where all values are so already, nothing is written.
 *
 * As settings_check() before anything is touched. −EBUSY: another run holds the lock, err says
 * which. −ENOSPC, −EROFS …: the journal cannot be written; nothing was. −EAGAIN: the kernel gives
 * less than was asked for (huge pages, after compaction); what it gave stays, everything else is
 * applied, settings_read() tells the number. After another error some may be applied: the next
 * settings_apply(), or settings_end(), puts them right.
 */
int settings_apply(struct settings *s, const struct setting_wanted *wanted, size_t n,
		   struct error *err);

/*
 * The present value as text, in the form that settings_apply() takes. Length in bytes, or −errno as
 * of settings_check(); −EINVAL for an action.
 */
int settings_read(const char *name, char *ret, size_t length, struct error *err);

/*
 * Tell the guardian which process group to kill when the supervisor goes: its leader's pid, after
 * setpgid(); 0 as soon as the leader is waited for. No system call. s may be NULL.
 *
 * Best called by the leader itself, before it starts a process: then there is no moment at which
 * the supervisor can die and leave one. (Before that the leader needs a parent-death signal.)
 */
void settings_guard(struct settings *s, pid_t repetition);

/* True once something was written: a lock is held and a guardian runs. s may be NULL. */
bool settings_are_open(const struct settings *s);

/*
 * Put all back in reverse order, and free s (NULL: nothing). Only where the present value is still
 * ours: what somebody else changed meanwhile is kept, and named through warn (may be NULL). −EIO
 * where something could not be put back: err names it, the journal stays for settings_recover().
 */
int settings_end(struct settings *s, void (*warn)(void *context, const char *sentence),
		 void *context, struct error *err);

/*
 * Put back what an earlier run left in the journal, told line by line. A journal of another boot is
 * set aside, since what it lists ended with that boot. −EBUSY: a run holds the lock; −EACCES …: the
 * journal may not be read; −EIO: something could not be put back. options may be NULL.
 */
int settings_recover(const struct settings_options *options,
		     void (*line)(void *context, const char *sentence), void *context,
		     struct error *err);

/* As settings_recover(), but only tells: who holds the lock, and what is set. */
int settings_status(const struct settings_options *options,
		    void (*line)(void *context, const char *sentence), void *context,
		    struct error *err);

#endif
