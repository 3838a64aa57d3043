// SPDX-License-Identifier: MIT
/* Sequences of requests at random, with sizes around every threshold. */
#include "property.h"

#include "base/cleanup.h"

#include <string.h>
#include <sys/mman.h>

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif
#ifndef MAP_32BIT
#define MAP_32BIT 0 /* x86 only */
#endif

static bool one_in(struct random *r, unsigned int n)
{
	return random_below(r, n) == 0;
}

static int random_protection(struct random *r)
{
	static const int protections[] = {
		PROT_READ | PROT_WRITE, PROT_READ | PROT_WRITE, PROT_READ, PROT_NONE, PROT_WRITE,
		PROT_READ | PROT_EXEC
	};

	return protections[random_below(r, ARRAY_LENGTH(protections))];
}

static enum property_near random_near(struct random *r, const struct property_sequence *s)
{
	enum property_near near = one_in(r, 3) ? NEAR_SMALL
					       : (enum property_near)random_below(r, NEARS);

	if (near == NEAR_AS && s->as_pages == PROPERTY_NO_LIMIT)
		return NEAR_HEURISTIC;
	if (near == NEAR_DATA && s->data_pages == PROPERTY_NO_LIMIT)
		return NEAR_COMMIT;
	if (near >= NEAR_NOTHING && !one_in(r, 4))
		return one_in(r, 2) ? NEAR_COMMIT : NEAR_HEURISTIC;
	return near;
}

static void random_backing(struct random *r, struct property_op *op)
{
	static const int types[] = { MAP_PRIVATE, MAP_PRIVATE,   MAP_PRIVATE,
				     MAP_SHARED,  MAP_DROPPABLE, MAP_SHARED_VALIDATE };

	op->flags = one_in(r, 3) ? types[random_below(r, ARRAY_LENGTH(types))] : MAP_PRIVATE;
	if (!one_in(r, 4))
		op->backing = BACKING_ANONYMOUS;
	else
		op->backing = (enum backing)random_below(r, BACKING_HUGETLB + 1);
	if (op->backing == BACKING_ANONYMOUS || op->backing == BACKING_HUGETLB)
		op->flags |= MAP_ANONYMOUS;
	if (op->backing == BACKING_HUGETLB)
		op->flags |= MAP_HUGETLB | (21 << 26);
	if (one_in(r, 3))
		op->flags |= MAP_NORESERVE;
	if (one_in(r, 12))
		op->flags |= MAP_GROWSDOWN;
}

/* All kinds, the last two of which are none: they need MREMAP_MAYMOVE. */
static void random_remap(struct random *r, struct property_op *op)
{
	static const int flags[] = {
		0,
		0,
		MREMAP_MAYMOVE,
		MREMAP_MAYMOVE | MREMAP_FIXED,
		MREMAP_MAYMOVE | MREMAP_FIXED,
		MREMAP_MAYMOVE | MREMAP_FIXED,
		MREMAP_MAYMOVE | MREMAP_DONTUNMAP,
		MREMAP_MAYMOVE | MREMAP_DONTUNMAP,
		MREMAP_MAYMOVE | MREMAP_DONTUNMAP | MREMAP_FIXED,
		MREMAP_FIXED,
		MREMAP_DONTUNMAP,
	};

	op->flags = flags[random_below(r, ARRAY_LENGTH(flags))];
	op->duplicates = one_in(r, 10);
}

static void random_op(struct random *r, const struct property_sequence *s, struct property_op *op)
{
	static const enum property_kind kinds[] = { OP_MAP,     OP_MAP,     OP_MAP,   OP_MAP,
						    OP_PROTECT, OP_PROTECT, OP_REMAP, OP_REMAP,
						    OP_UNMAP,   OP_TOUCH,   OP_FORK };

	memset(op, 0, sizeof(*op));
	op->kind = kinds[random_below(r, ARRAY_LENGTH(kinds))];
	op->slot = (unsigned int)random_below(r, PROPERTY_SLOTS);
	op->piece = (unsigned int)random_below(r, 64);
	op->near = random_near(r, s);
	op->offset_pages = op->near == NEAR_SMALL
				   ? 1 + (int64_t)random_below(r, one_in(r, 3) ? 8 : 512)
				   : (int64_t)random_below(r, 7) - 3;
	op->odd_bytes = one_in(r, 4) ? (unsigned int)random_below(r, 4096) : 0;
	op->protection = random_protection(r);
	op->part = one_in(r, 2) ? PART_WHOLE : (enum property_part)random_below(r, 4);
	op->placed = op->near != NEAR_HOLE && op->near != NEAR_HOLE_32BIT &&
		     op->near != NEAR_WINDOW;
	random_backing(r, op);
	if (op->near == NEAR_HOLE_32BIT)
		op->flags |= MAP_32BIT;
	if (op->near == NEAR_MEMLOCK || (op->near == NEAR_SMALL && one_in(r, 8)))
		op->flags |= MAP_LOCKED;
	if (op->near == NEAR_SMALL && one_in(r, 8))
		op->flags |= MAP_POPULATE;
	if (op->kind == OP_REMAP)
		random_remap(r, op);
}

void property_random(struct random *r, struct property_sequence *s)
{
	memset(s, 0, sizeof(*s));
	s->as_pages = one_in(r, 3) ? 1 + random_below(r, 1u << 22) : PROPERTY_NO_LIMIT;
	s->data_pages = one_in(r, 3) ? 1 + random_below(r, 1u << 22) : PROPERTY_NO_LIMIT;
	s->data_zero = s->data_pages == PROPERTY_NO_LIMIT && one_in(r, 20);
	s->memlock_pages = one_in(r, 4) ? 0 : random_below(r, 256);
	s->spare_maps = PROPERTY_NO_LIMIT;
	s->drop_admin = one_in(r, 2);
	s->drop_lock = one_in(r, 2);
	s->nr_ops = 2 + (unsigned int)random_below(r, PROPERTY_OPS_MAX - 1);
	for (unsigned int i = 0; i < s->nr_ops; i++)
		random_op(r, s, &s->ops[i]);
}
