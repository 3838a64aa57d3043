// SPDX-License-Identifier: MIT
/* The test's own list of mappings, cut and merged as the kernel does it. */
#include "property_child.h"

#include <string.h>

void piece_insert(struct child *c, const struct piece *piece)
{
	unsigned int i = c->nr_pieces++;

	for (; i > 0 && c->pieces[i - 1].address > piece->address; i--)
		c->pieces[i] = c->pieces[i - 1];
	c->pieces[i] = *piece;
}

void piece_remove(struct child *c, unsigned int i)
{
	memmove(&c->pieces[i], &c->pieces[i + 1], (--c->nr_pieces - i) * sizeof(c->pieces[0]));
}

void pieces_merge(struct child *c)
{
	for (unsigned int i = 0; i + 1 < c->nr_pieces;) {
		struct piece *a = &c->pieces[i], *b = a + 1;
		unsigned int different = a->mapping.traits ^ b->mapping.traits;

		if (a->address + a->mapping.length_bytes != b->address || a->slot != b->slot ||
		    a->object != b->object || a->mapping.protection != b->mapping.protection ||
		    (different & ~(unsigned int)MAPPED_TOUCHED) ||
		    (a->mapping.traits & MAPPED_HUGETLB)) {
			i++;
			continue;
		}
		a->mapping.length_bytes += b->mapping.length_bytes;
		a->mapping.traits |= b->mapping.traits;
		piece_remove(c, i + 1);
	}
}

int piece_find(const struct child *c, const struct property_op *op)
{
	int found[PIECES_MAX];
	unsigned int n = 0;

	for (unsigned int i = 0; i < c->nr_pieces; i++) {
		if (c->pieces[i].slot == op->slot)
			found[n++] = (int)i;
	}
	return n ? found[op->piece % n] : -1;
}

unsigned int piece_part(const struct child *c, const struct piece *piece, enum property_part part,
			uint64_t *ret_start, uint64_t *ret_bytes)
{
	uint64_t unit = piece->mapping.huge_page_bytes ? piece->mapping.huge_page_bytes
						       : c->host.page_bytes;
	uint64_t n = piece->mapping.length_bytes / unit, third = n / 3;

	*ret_start = piece->address;
	*ret_bytes = piece->mapping.length_bytes;
	if (part == PART_WHOLE || third == 0)
		return 0;
	*ret_bytes = third * unit;
	if (part == PART_END)
		*ret_start += (n - third) * unit;
	if (part == PART_MIDDLE)
		*ret_start += third * unit;
	return part == PART_MIDDLE ? 2 : 1;
}

/* What of the object lies from an offset on; 1: not a page of it. */
static uint64_t object_rest(const struct model_mapping *mapping, uint64_t offset)
{
	if (!mapping->object_bytes)
		return 0;
	return mapping->object_bytes > offset ? mapping->object_bytes - offset : 1;
}

unsigned int piece_cut(struct child *c, unsigned int i, uint64_t start, uint64_t bytes)
{
	struct piece whole = c->pieces[i], rest = whole;
	uint64_t end = whole.address + whole.mapping.length_bytes;

	if (start > whole.address) {
		c->pieces[i].mapping.length_bytes = start - whole.address;
		rest.address = start;
		rest.mapping.object_bytes = object_rest(&whole.mapping, start - whole.address);
		rest.mapping.length_bytes = end - start;
		piece_insert(c, &rest);
		i++;
	}
	if (start + bytes < end) {
		c->pieces[i].mapping.length_bytes = bytes;
		rest.address = start + bytes;
		rest.mapping.object_bytes = object_rest(&whole.mapping,
							start + bytes - whole.address);
		rest.mapping.length_bytes = end - rest.address;
		piece_insert(c, &rest);
	}
	return i;
}

bool piece_is_last(const struct child *c, unsigned int except)
{
	for (unsigned int i = 0; i < c->nr_pieces; i++) {
		if (i != except && c->pieces[i].object == c->pieces[except].object)
			return false;
	}
	return true;
}

void piece_tell(const struct child *c, unsigned int i, uint64_t start, uint64_t bytes,
		struct property_report *report)
{
	const struct piece *piece = &c->pieces[i];
	const struct object *object = &c->objects[piece->object];

	report->object = piece->slot == object->slot ? (int)piece->object : -1;
	report->start_bytes = start - object->start;
	report->whole = start == object->start && start + bytes == object->end;
	report->last = bytes == piece->mapping.length_bytes && piece_is_last(c, i);
}

uint64_t piece_room(const struct child *c, unsigned int i)
{
	const struct piece *piece = &c->pieces[i];
	uint64_t end = piece->address + piece->mapping.length_bytes;

	return i + 1 < c->nr_pieces ? piece[1].address - end : SLOT_STEP;
}

bool slot_is_free(const struct child *c, unsigned int slot)
{
	for (unsigned int i = 0; i < c->nr_pieces; i++) {
		if (c->pieces[i].slot == slot)
			return false;
	}
	return true;
}
