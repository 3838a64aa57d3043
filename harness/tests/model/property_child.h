/* SPDX-License-Identifier: MIT */
/* One process that carries a sequence out, and its mappings as the test follows them. */
#ifndef TESTS_MODEL_PROPERTY_CHILD_H
#define TESTS_MODEL_PROPERTY_CHILD_H

#include "property.h"

#define PIECES_MAX 48
#define SLOT_BASE  (16ull << 40) /* where slot 0 lies: the middle of the large hole */
#define SLOT_STEP  (4ull << 40)  /* to the next slot */
#define PLACED_MAX (1ull << 40)  /* larger mappings are placed by the kernel */

/* What lies behind pieces that came from one mmap(). */
struct object {
	uint64_t charge_bytes;  /* given back with its last mapping */
	uint64_t touched_pages; /* from its start; UINT64_MAX: all */
	/* Where a step finds it: what was cut off at its ends is not between them. */
	unsigned int slot;
	uint64_t start, end;
};

/* One mapping as the test follows it. */
struct piece {
	unsigned int slot, object;
	uint64_t address;
	struct model_mapping mapping;
};

struct child {
	const struct property_sequence *sequence;
	struct property_shared *shared;
	struct host host;
	struct model model;
	struct process_memory first;     /* before the first operation */
	struct piece pieces[PIECES_MAX]; /* ascending address */
	struct object objects[PROPERTY_OPS_MAX];
	unsigned int nr_pieces, nr_objects;
	uint64_t base_accounted, base_largest;
	int meminfo, policy; /* fds */
	bool maps_open;      /* how many mappings there are is not known to the last */
};

/* Limits, capabilities and neighbours as the sequence wants them; the model begins there. */
void child_prepare(struct child *c);

/* Committed_AS, in bytes. */
uint64_t child_committed(const struct child *c);

/* Where a test may (mode never, since 5.9): fold every CPU's part of the counter. */
bool child_fold(struct child *c);

/* Read the address space again: what sizes around holes need. And forget it: see below. */
void child_read_space(struct child *c);
void child_keep_first_holes(struct child *c);

/* The bytes that an operation asks for, at this moment. */
uint64_t child_bytes(const struct child *c, const struct property_op *op);

/* What fork charges; *ret_largest_run: of neighbours that the kernel may have merged. */
void child_count_accounts(struct child *c, uint64_t *ret_largest_run);

/* At the end the kernel's own counters of the process must be the model's. */
void child_compare(struct child *c);

/* ---- Pieces ---- */

/* The piece that an operation works on, or −1. */
int piece_find(const struct child *c, const struct property_op *op);

/* The part that it works on. Returns how many of its ends lie inside. */
unsigned int piece_part(const struct child *c, const struct piece *piece, enum property_part part,
			uint64_t *ret_start, uint64_t *ret_bytes);

/* Cut a piece so that [start, start + bytes) is one of its own. Returns its index. */
unsigned int piece_cut(struct child *c, unsigned int i, uint64_t start, uint64_t bytes);

void piece_insert(struct child *c, const struct piece *piece);
void piece_remove(struct child *c, unsigned int i);

/* The kernel merges neighbours whose flags are equal (mm/vma.c can_vma_merge_before/after). */
void pieces_merge(struct child *c);

/* A request on bytes of it, as a step would say it. */
void piece_tell(const struct child *c, unsigned int i, uint64_t start, uint64_t bytes,
		struct property_report *report);

/* Is it the last one of its object, so that unmapping it lets the object go? */
bool piece_is_last(const struct child *c, unsigned int i);

/* Bytes that are free behind it. */
uint64_t piece_room(const struct child *c, unsigned int i);

bool slot_is_free(const struct child *c, unsigned int slot);

#endif
