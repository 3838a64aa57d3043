/* SPDX-License-Identifier: MIT */
/*
 * The single checks that calls are put together from; for this room only. A check returns true
 * where the request passes; else it has filled in the prediction and returns false, so that the
 * caller can return at once.
 */
#ifndef MODEL_CHECK_H
#define MODEL_CHECK_H

#include "model/model.h"

/* Bytes in whole base pages, truncating. */
uint64_t check_pages(const struct model *m, uint64_t bytes);

/* Up to whole units; 0 where that is 2^64, as the kernel's PAGE_ALIGN(). */
uint64_t check_round_up(uint64_t bytes, uint64_t unit);

/* An empty prediction that grants. */
void check_granted(struct prediction *ret);

/* Fill in a verdict; the last three return false. */
bool check_end(struct prediction *p, enum verdict verdict, enum rule_id rule, uint64_t asked,
	       uint64_t limit);
bool check_refuse(struct prediction *p, enum rule_id rule, uint64_t asked, uint64_t limit);

/* Granted up to low_bytes for sure, refused above high_bytes for sure. */
bool check_unknown(struct prediction *p, enum rule_id rule, uint64_t asked, uint64_t low_bytes,
		   uint64_t high_bytes);

/* __vm_enough_memory(): may so much be charged in this overcommit mode? */
bool check_memory(const struct model *m, uint64_t bytes, struct prediction *p);

/* Does RLIMIT_DATA count it: private and writable, no stack? */
bool check_is_data(unsigned int traits, int protection);

/* RLIMIT_AS, and for data RLIMIT_DATA. */
bool check_limits(const struct model *m, uint64_t bytes, bool data, struct prediction *p);

/* RLIMIT_MEMLOCK; ask_permission: also whether the process may lock at all (mmap, not mremap). */
bool check_lock(const struct model *m, uint64_t bytes, bool ask_permission, struct prediction *p);

/* Mappings against vm.max_map_count. */
bool check_count(uint64_t after, uint64_t most, struct prediction *p);

/* The largest hole whose ends are aligned, in bytes. */
uint64_t check_largest_hole(const struct process_memory *process, uint64_t align);

/* Is there a place for it, where it is asked for? */
bool check_space(const struct model *m, const struct map_request *r, uint64_t bytes, uint64_t align,
		 struct prediction *p);

/* Is there a place beside each other for n mappings of one process, wherever in the holes? */
bool check_places(const struct process_memory *process, uint64_t n, uint64_t bytes);

/* Which pool: the size asked for, the size in the flags, or the default. Index, or −1: none. */
int check_pool_of(const struct host *host, const struct map_request *r);

/* Can the pool reserve so much? */
bool check_pool(const struct model *m, int pool, uint64_t bytes, struct prediction *p);

/* Is the object behind a mapping charged page by page as it is filled? */
bool check_charged_by_page(enum backing backing, unsigned int traits);

/*
 * A granted mapping is filled at once (populate, lock), as far as the accounts permit: add to the
 * prediction what its pages are charged one by one, and the band where it is not known how many
 * there will be. A refusal ends the filling, not the call (mm/gup.c __mm_populate).
 */
void check_fill(const struct model *m, enum backing backing, unsigned int traits, uint64_t bytes,
		struct prediction *p);

#endif
