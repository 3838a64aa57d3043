/* SPDX-License-Identifier: MIT */
/*
 * The property test's sequences: how they are made, carried out, judged (test_check.c) and told.
 */
#ifndef TESTS_MODEL_PROPERTY_H
#define TESTS_MODEL_PROPERTY_H

#include "base/random.h"
#include "model/model.h"

#include <stdio.h>

#define PROPERTY_OPS_MAX    12
#define PROPERTY_SLOTS      6
#define PROPERTY_NO_LIMIT   UINT64_MAX
#define PROPERTY_FILLED_MAX (4ull << 20) /* populated or locked at once at most */
#define PROPERTY_VM         "/proc/sys/vm/"

enum property_kind { OP_MAP, OP_PROTECT, OP_REMAP, OP_UNMAP, OP_TOUCH, OP_FORK };

/* What a size lies next to; resolved at the time of the call. */
enum property_near {
	NEAR_SMALL,
	NEAR_HEURISTIC,
	NEAR_COMMIT,
	NEAR_AS,
	NEAR_DATA,
	NEAR_MEMLOCK,
	NEAR_HOLE,
	NEAR_HOLE_32BIT,
	NEAR_WINDOW,
	NEAR_POOL,
	NEAR_LARGE,
	NEAR_NOTHING,
	NEAR_END,
	NEARS,
};

enum property_part { PART_WHOLE, PART_START, PART_END, PART_MIDDLE };

struct property_op {
	enum property_kind kind;
	unsigned int slot, piece; /* piece: modulo how many there are */
	enum property_near near;
	int64_t offset_pages; /* from what it lies next to; NEAR_SMALL: the size itself */
	unsigned int odd_bytes;
	int protection, flags; /* OP_REMAP: MREMAP_*, else MAP_* */
	enum backing backing;
	enum property_part part;
	bool placed;     /* OP_MAP: at the start of its slot */
	bool duplicates; /* OP_REMAP: of an old length 0 */
};

struct property_sequence {
	uint64_t as_pages, data_pages; /* room above what is used, or PROPERTY_NO_LIMIT */
	bool data_zero;                /* RLIMIT_DATA 0 */
	uint64_t memlock_pages;
	uint64_t spare_maps; /* left below vm.max_map_count, or PROPERTY_NO_LIMIT */
	bool drop_admin, drop_lock;
	unsigned int nr_ops;
	struct property_op ops[PROPERTY_OPS_MAX];
};

/* What a child leaves of one request. */
struct property_report {
	bool done;
	struct prediction predicted, cautious; /* cautious: with the counter's whole slack */
	int error, signal;
	int64_t committed_bytes;
	uint64_t asked_bytes;
	/* As a step would say it, of the one mapping that a scenario has. */
	int object;           /* which mmap() it came from, −1: none, or left behind elsewhere */
	uint64_t start_bytes; /* of the part, from the start of what is left of it */
	bool whole, last;     /* all that is left of it; with this, nothing is left */
};

/* Granted, but how much it charges is not known: what comes after cannot be compared. */
static inline bool property_is_open(const struct prediction *p)
{
	return p->verdict == VERDICT_GRANTED && p->band_bytes;
}

struct property_shared {
	struct property_report reports[PROPERTY_OPS_MAX];
	/* Model less kernel, at the end */
	int64_t end_total, end_data, end_locked, end_maps;
	bool ended;
	uint64_t limit_as, limit_data, limit_memlock; /* as they were set */
};

/* All from the state of r: the same seed makes the same sequence. */
void property_random(struct random *r, struct property_sequence *ret);

/*
 * As many mappings as vm.max_map_count permits, but for some to spare: pages that differ in
 * protection from their neighbours. Takes a second, so children inherit most of them.
 */
void property_crowd(const struct host *host, uint64_t spare);

/* In a child of its own: carry out, leave reports, _exit(0). host: as the machine is now. */
void property_run(const struct property_sequence *s, const struct host *host,
		  struct property_shared *shared) __attribute__((noreturn));

/* What was asked, said and done, one line an operation. */
void property_print(const struct property_sequence *s, const struct property_shared *shared,
		    const char *indent, FILE *out);

/*
 * The sequence as a scenario that 'overmap run' can repeat; what the language has no words for is
 * said in comments. text: of the disagreement.
 */
void property_save(const struct property_sequence *s, const struct property_shared *shared,
		   const struct host *host, uint64_t seed, const char *text, FILE *out);

#endif
