/* SPDX-License-Identifier: MIT */
/*
 * Memory that a result's strings and lists live in: each different string once, everything freed
 * together.
 */
#ifndef RESULT_STORE_H
#define RESULT_STORE_H

#include "result/json.h"

#include <stddef.h>
#include <stdint.h>

struct result_store {
	cJSON *context; /* scenario, tool, run, host, summary, … */
	struct store_block *blocks;
	size_t used, room; /* of the first block */
	void *strings;     /* a tree of tsearch(3) */
	uint32_t *slots;   /* of cells by number: index + 1, 0: free */
	size_t nr_slots;   /* a power of two */
};

/* Zeroed memory that lives as long as the store; NULL: memory ran out. */
void *store_alloc(struct result_store *s, size_t bytes);

/* The one copy of a string; NULL for NULL, and where memory ran out. */
const char *store_text(struct result_store *s, const char *text);

struct result_cell;

/* The slot of a cell by its number: taken by it, or free. There are slots. */
size_t store_slot(const struct result_store *s, const struct result_cell *cells, uint64_t number);

void store_clear(struct result_store *s);

#endif
