/* SPDX-License-Identifier: MIT */
/*
 * The journal of a transaction, and the lock that lets one run at a time have one. An entry is on
 * disk before the write that it announces, so that whoever comes after can put things back.
 */
#ifndef SYS_SETTINGS_JOURNAL_H
#define SYS_SETTINGS_JOURNAL_H

#include "sys/settings_undo.h"

#include <stdint.h>
#include <sys/types.h>

#define JOURNAL_FOLDER "/run/overmap"

struct settings_journal {
	char directory[192];
	int folder, lock, file; /* descriptors, −1: not open */
	off_t header_bytes;
	uint64_t sequence;
};

/* A journal that is not open; so that settings_journal_close() is always safe. */
void settings_journal_init(struct settings_journal *j, const char *directory);

/*
 * Open the folder (make: make it if it is missing) and take the lock. Waits for up to 5 s where
 * only a guardian holds it, which is putting things back. −EBUSY: held by a run, err says which;
 * −ENOENT: no folder; −EPERM: somebody else than us can write the folder.
 *
 * The lock consists of two bytes of a file: the supervisor's and the guardian's. It is a record
 * lock, of one process and not of its children, and lost when the process closes any descriptor of
 * that file: nobody else may open it.
 */
int settings_journal_lock(struct settings_journal *j, bool make, struct error *err);

/* Who holds the lock: "pid 123 (overmap run …)", "" for nobody. −errno as of
 * settings_journal_lock(). */
int settings_journal_holder(struct settings_journal *j, char *ret, size_t length,
			    struct error *err);

/* The supervisor lets the guardian's byte go; the guardian takes it. 0 or −errno. */
int settings_journal_yield(struct settings_journal *j);
int settings_journal_share(struct settings_journal *j);

/* Start an empty journal; there must be none. */
int settings_journal_create(struct settings_journal *j, struct error *err);

/*
 * Read an existing one. *ret_other_boot: it was written before this boot. −ENOENT: there is none;
 * −EBADMSG: it is none of ours. A last line without its end was never followed by a write.
 */
int settings_journal_load(struct settings_journal *j, struct undo_list *ret, bool *ret_other_boot,
			  struct error *err);

/* Add an entry, durably, before the write. After a failure nothing may be written. */
int settings_journal_note(struct settings_journal *j, const struct setting_place *place,
			  const char *old, const char *fresh, struct error *err);

/* Add what was read back; not waited for. */
void settings_journal_got(struct settings_journal *j, const struct setting_place *place,
			  const char *value);

/* Forget all entries. */
void settings_journal_empty(struct settings_journal *j);

/* All was put back: the journal goes. 0 or −errno. */
int settings_journal_remove(struct settings_journal *j);

/* Rename a journal that is of no use here. */
int settings_journal_set_aside(struct settings_journal *j, char *ret_name, size_t length);

void settings_journal_close(struct settings_journal *j);

#endif
