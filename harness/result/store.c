/* SPDX-License-Identifier: MIT */
#include "result/store.h"

#include "result/read.h"

#include <search.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES ((size_t)64 << 10)

struct store_block {
	struct store_block *next;
	alignas(max_align_t) unsigned char data[];
};

void *store_alloc(struct result_store *s, size_t bytes)
{
	size_t aligned = (bytes + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
	unsigned char *place;

	if (!s->blocks || s->room - s->used < aligned) {
		size_t room = aligned > BLOCK_BYTES ? aligned : BLOCK_BYTES;
		struct store_block *block = calloc(1, sizeof(*block) + room);

		if (!block)
			return NULL;
		block->next = s->blocks;
		s->blocks = block;
		s->used = 0;
		s->room = room;
	}
	place = s->blocks->data + s->used;
	s->used += aligned;
	return place;
}

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

const char *store_text(struct result_store *s, const char *text)
{
	const char **found;
	char *copy;

	if (!text)
		return NULL;
	found = tfind(text, &s->strings, compare);
	if (found)
		return *found;
	copy = store_alloc(s, strlen(text) + 1);
	if (!copy)
		return NULL;
	strcpy(copy, text);
	return tsearch(copy, &s->strings, compare) ? copy : NULL;
}

size_t store_slot(const struct result_store *s, const struct result_cell *cells, uint64_t number)
{
	/* Fibonacci hashing: the numbers are dense. */
	size_t slot = (size_t)(number * 0x9e3779b97f4a7c15u >> 32) & (s->nr_slots - 1);

	while (s->slots[slot] && cells[s->slots[slot] - 1].number != number)
		slot = (slot + 1) & (s->nr_slots - 1);
	return slot;
}

static void keep_string(void *text)
{
	(void)text; /* it lives in a block */
}

void store_clear(struct result_store *s)
{
	tdestroy(s->strings, keep_string);
	while (s->blocks) {
		struct store_block *next = s->blocks->next;

		free(s->blocks);
		s->blocks = next;
	}
	free(s->slots);
	cJSON_Delete(s->context);
	*s = (struct result_store){ 0 };
}
