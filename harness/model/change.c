/* SPDX-License-Identifier: MIT */
/* What calls do to mappings that exist: mprotect, mremap, munmap, fork. */
#include "model/check.h"

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4 /* Linux 5.7 */
#endif

/* mm/vma.c split_vma(): each split needs one mapping more. */
static bool splits_permit(const struct model *m, unsigned int nr_splits, struct prediction *p)
{
	for (unsigned int i = 0; i < nr_splits; i++) {
		if (m->process.nr_maps + i >= m->host->max_map_count)
			return check_refuse(p, RULE_MAP_COUNT, m->process.nr_maps + i + 1,
					    m->host->max_map_count);
	}
	return true;
}

/*
 * A quirk of mm/mprotect.c: the limits are only asked when the part becomes data, and the answer
 * only counts where the same pages would have passed as what they were.
 */
static bool protect_limits_permit(const struct model *m, const struct model_mapping *mapping,
				  uint64_t bytes, int protection, struct prediction *p)
{
	struct prediction ignored;
	bool was = check_is_data(mapping->traits, mapping->protection);
	bool is = check_is_data(mapping->traits, protection);

	if (!check_limits(m, bytes, was, &ignored))
		return true;
	return check_limits(m, bytes, is, p);
}

/* Does becoming writable charge: nothing of what would have charged it, or spared it, before? */
static bool protect_charges(const struct model_mapping *mapping)
{
	return !(mapping->traits &
		 (MAPPED_ACCOUNT | MAPPED_HUGETLB | MAPPED_SHARED | MAPPED_NORESERVE)) &&
	       !(mapping->protection & PROT_WRITE);
}

/* A private locked mapping that becomes writable is filled at once (mm/mprotect.c). */
static void protect_fills(const struct model *m, const struct model_mapping *mapping,
			  int protection, struct prediction *p)
{
	if (!(mapping->traits & MAPPED_LOCKED) || (mapping->traits & MAPPED_SHARED) ||
	    !(protection & PROT_WRITE) || (mapping->protection & PROT_WRITE))
		return;
	check_fill(m, mapping->backing, mapping->traits, p->mapping.length_bytes, p);
	if (mapping->traits & MAPPED_ANONYMOUS)
		p->mapping.traits |= MAPPED_TOUCHED;
}

void model_protect(const struct model *m, const struct model_mapping *mapping,
		   uint64_t length_bytes, unsigned int nr_splits, int protection,
		   struct prediction *ret)
{
	uint64_t bytes = check_round_up(length_bytes, m->host->page_bytes);
	unsigned int traits = mapping->traits;
	int64_t charge = 0;

	if (protection == mapping->protection) {
		check_granted(ret);
		ret->mapping = *mapping;
		return;
	}
	if (protection & PROT_WRITE) {
		if (!protect_limits_permit(m, mapping, bytes, protection, ret))
			return;
		if (protect_charges(mapping)) {
			if (!check_memory(m, bytes, ret))
				return;
			charge = (int64_t)bytes;
			traits |= MAPPED_ACCOUNT;
		}
	} else if ((traits & MAPPED_ACCOUNT) && (traits & MAPPED_ANONYMOUS) &&
		   !(traits & MAPPED_TOUCHED) && m->host->kernel_version >= KERNEL(6, 7)) {
		charge = -(int64_t)bytes;
		traits &= ~(unsigned int)MAPPED_ACCOUNT;
	}
	if (!splits_permit(m, nr_splits, ret))
		return;
	check_granted(ret);
	ret->asked_bytes = bytes;
	ret->committed_bytes = ret->accounted_bytes = charge;
	ret->data_vm_bytes = (check_is_data(traits, protection) ? (int64_t)bytes : 0) -
			     (check_is_data(traits, mapping->protection) ? (int64_t)bytes : 0);
	ret->nr_maps = (int)nr_splits;
	ret->mapping = *mapping;
	ret->mapping.traits = traits;
	ret->mapping.protection = protection;
	ret->mapping.length_bytes = bytes;
	protect_fills(m, mapping, protection, ret);
}

/* A call that needs a new place asks early whether there may be two mappings more. */
static bool remap_count_permits(const struct model *m, uint64_t more, struct prediction *p)
{
	uint64_t most = m->host->max_map_count > 4 ? m->host->max_map_count - 4 : 0;

	return check_count(m->process.nr_maps + more, most, p);
}

/* Up to 5.15 hugetlb could only shrink in place, by whole pages; since then it can move. */
static bool remap_huge_permits(const struct model *m, const struct model_mapping *mapping,
			       const struct remap_request *r, struct prediction *p)
{
	bool old = m->host->kernel_version < KERNEL(5, 16);

	if (!mapping->huge_page_bytes)
		return true;
	if (r->new_bytes > r->old_bytes ||
	    (old && ((r->flags & MREMAP_FIXED) || r->new_bytes % mapping->huge_page_bytes)))
		return check_refuse(p, RULE_REMAP_HUGE, r->new_bytes, r->old_bytes);
	return true;
}

/* What the range is, which is looked at last: mm/mremap.c remap_is_valid() */
static bool remap_range_permits(const struct model_mapping *mapping, const struct remap_request *r,
				struct prediction *p)
{
	if ((mapping->traits & MAPPED_HUGETLB) && (r->flags & MREMAP_DONTUNMAP))
		return check_refuse(p, RULE_REMAP_HUGE, r->new_bytes, r->old_bytes);
	if (r->old_bytes == 0 && !(mapping->traits & MAPPED_SHARED))
		return check_refuse(p, RULE_REMAP_PRIVATE_COPY, 0, 0);
	if (r->old_bytes > mapping->length_bytes)
		return check_refuse(p, RULE_REMAP_RANGE, r->old_bytes, mapping->length_bytes);
	return true;
}

/*
 * Flags, room for mappings, range and kind, in this order: mm/mremap.c check_mremap_params(),
 * check_prep_vma(). Up to 6.16 the kind was looked at before the room.
 */
static bool remap_form_permits(const struct model *m, const struct model_mapping *mapping,
			       const struct remap_request *r, struct prediction *p)
{
	bool dontunmap = r->flags & MREMAP_DONTUNMAP, moves = dontunmap || r->flags & MREMAP_FIXED;
	unsigned int version = m->host->kernel_version;
	bool kind_first = version < KERNEL(6, 17);

	if (dontunmap && (!(r->flags & MREMAP_MAYMOVE) || r->old_bytes != r->new_bytes))
		return check_refuse(p, RULE_FLAGS, 0, 0);
	if (dontunmap && (version < KERNEL(5, 7) ||
			  (version < KERNEL(5, 13) && !(mapping->traits & MAPPED_ANONYMOUS))))
		return check_refuse(p, RULE_FLAGS, 0, 0);
	if ((r->flags & MREMAP_FIXED) && !(r->flags & MREMAP_MAYMOVE))
		return check_refuse(p, RULE_FLAGS, 0, 0);
	if (r->new_bytes == 0)
		return check_refuse(p, RULE_LENGTH_ZERO, 0, 0);
	if (kind_first && !remap_huge_permits(m, mapping, r, p))
		return false;
	if (moves && !remap_count_permits(m, 2, p))
		return false;
	return (kind_first || remap_huge_permits(m, mapping, r, p)) &&
	       remap_range_permits(mapping, r, p);
}

/* What any growth is measured against. */
static bool remap_growth_permits(const struct model *m, const struct model_mapping *mapping,
				 uint64_t old_bytes, uint64_t growth, bool dontunmap,
				 struct prediction *p)
{
	uint64_t bytes = dontunmap ? old_bytes : growth;
	bool data = check_is_data(mapping->traits, mapping->protection);

	if (growth && (mapping->traits & MAPPED_LOCKED) && !check_lock(m, growth, false, p))
		return false;
	return (!growth && !dontunmap) || check_limits(m, bytes, data, p);
}

/* A move that shrinks asks for the bytes by which it shrinks, and charges them, for good. */
static bool shrinking_move_charges(const struct model *m, const struct remap_request *r)
{
	return (r->flags & MREMAP_FIXED) && r->new_bytes < r->old_bytes &&
	       host_loses_shrinking_move(m->host);
}

/* What the old range charges is charged again without asking up to 5.10 (mm/mremap.c move_vma()).
 */
static bool charges_unasked(const struct model *m, const struct remap_request *r)
{
	return (r->flags & MREMAP_DONTUNMAP) && m->host->kernel_version < KERNEL(5, 11);
}

/*
 * A move that shrinks gives its tail back before it asks (mm/mremap.c mremap_to()): the counter is
 * lower by then, unless it is less than a batch, which a folded counter does not see.
 */
static bool move_memory_permits(const struct model *m, const struct remap_request *r,
				uint64_t charge, struct prediction *p)
{
	uint64_t less = r->new_bytes < r->old_bytes ? r->old_bytes - r->new_bytes : 0;
	struct model shrunk = *m;
	struct commit_terms terms;

	if (!less || shrinking_move_charges(m, r))
		return check_memory(m, charge, p);
	model_commit_terms(m, &terms);
	if (!m->folded || less >= terms.batch_bytes)
		shrunk.committed_bytes -= less < m->committed_bytes ? less : m->committed_bytes;
	shrunk.process.total_vm_bytes -= less;
	return check_memory(&shrunk, charge, p);
}

/* A move needs a hole, three mappings to spare, and asks again even for nothing more. */
static bool remap_move_permits(const struct model *m, const struct model_mapping *mapping,
			       const struct remap_request *r, uint64_t charge, struct prediction *p)
{
	uint64_t hole = check_largest_hole(&m->process, m->host->page_bytes);

	/*
	 * move_hugetlb_page_tables() (mm/hugetlb.c) returns what it has moved as an int: from 2 GiB
	 * on it depends on the length, and on what was touched, whether that reads as a failure.
	 */
	if ((mapping->traits & MAPPED_HUGETLB) && r->new_bytes > INT32_MAX)
		return check_unknown(p, RULE_REMAP_HUGE, r->new_bytes, INT32_MAX, r->new_bytes);
	if (!remap_count_permits(m, 0, p))
		return false;
	if (!(r->flags & MREMAP_FIXED) && r->new_bytes > hole)
		return check_refuse(p, RULE_ADDRESS_SPACE, r->new_bytes, hole);
	return !(mapping->traits & MAPPED_ACCOUNT) || charges_unasked(m, r) ||
	       move_memory_permits(m, r, charge, p);
}

/*
 * A move that leaves the old range counts as more locked only from the rewrite in 6.15 on, up to
 * 7.1: what is left behind is not locked any longer.
 */
static bool counts_as_locked(const struct model *m, const struct model_mapping *mapping,
			     const struct remap_request *r)
{
	unsigned int version = m->host->kernel_version;
	bool leaves = r->flags & MREMAP_DONTUNMAP;

	return (mapping->traits & MAPPED_LOCKED) &&
	       (!leaves || (version >= KERNEL(6, 15) && version < KERNEL(7, 2)));
}

/*
 * Huge pages that the pool has again: those of a private mapping go with it, those of an object
 * with the last of its mappings (mm/hugetlb.c hugetlb_vm_op_close(), hugetlb_unreserve_pages()).
 * Without a reservation, what was touched.
 */
static void pool_gets_back(const struct model *m, const struct model_mapping *mapping,
			   uint64_t bytes, bool last, struct prediction *p)
{
	struct map_request request = { .huge_page_bytes = mapping->huge_page_bytes };
	uint64_t pages;

	if (!mapping->huge_page_bytes)
		return;
	if (mapping->traits & MAPPED_NORESERVE)
		pages = last ? mapping->pool_pages : 0;
	else if (mapping->traits & MAPPED_SHARED)
		pages = last ? mapping->object_bytes / mapping->huge_page_bytes : 0;
	else
		pages = bytes / mapping->huge_page_bytes;
	p->pool = check_pool_of(m->host, &request);
	p->pool_reserved_pages = -(int64_t)pages;
}

static void remap_granted(const struct model *m, const struct model_mapping *mapping,
			  const struct remap_request *r, int64_t change, uint64_t charge,
			  struct prediction *p)
{
	bool accounted = mapping->traits & MAPPED_ACCOUNT;
	bool shrinks = r->new_bytes < r->old_bytes;

	check_granted(p);
	p->asked_bytes = r->new_bytes;
	p->committed_bytes = accounted ? (int64_t)charge + (shrinks ? change : 0) : 0;
	p->accounted_bytes = accounted ? (shrinks ? change : (int64_t)charge) : 0;
	p->total_vm_bytes = change;
	p->data_vm_bytes = check_is_data(mapping->traits, mapping->protection) ? change : 0;
	p->locked_vm_bytes = counts_as_locked(m, mapping, r) ? change : 0;
	/* What is left behind is not split off, and no part of it is locked any longer. */
	p->nr_maps = r->flags & MREMAP_DONTUNMAP ? 1 : (int)r->nr_splits;
	if (shrinks)
		pool_gets_back(m, mapping, (uint64_t)-change, false, p);
	p->mapping = *mapping;
	p->mapping.length_bytes = r->new_bytes;
}

void model_remap(const struct model *m, const struct model_mapping *mapping,
		 const struct remap_request *request, struct prediction *ret)
{
	bool by_huge_pages = mapping->huge_page_bytes && m->host->kernel_version >= KERNEL(5, 16);
	uint64_t page = by_huge_pages ? mapping->huge_page_bytes : m->host->page_bytes;
	struct remap_request r = *request;
	bool dontunmap = r.flags & MREMAP_DONTUNMAP;
	bool must_move = r.flags & (MREMAP_FIXED | MREMAP_DONTUNMAP);
	uint64_t growth, charge;

	r.old_bytes = check_round_up(r.old_bytes, page);
	r.new_bytes = check_round_up(r.new_bytes, page);
	if (!remap_form_permits(m, mapping, &r, ret))
		return;
	growth = r.new_bytes > r.old_bytes ? r.new_bytes - r.old_bytes : 0;
	charge = dontunmap ? r.new_bytes : growth;
	if (shrinking_move_charges(m, &r))
		charge = r.old_bytes - r.new_bytes;
	if (!remap_growth_permits(m, mapping, r.old_bytes, growth, dontunmap, ret))
		return;
	if (!growth && !must_move) { /* shrink in place, or nothing */
		if (r.new_bytes < r.old_bytes && !r.to_end && !splits_permit(m, 1, ret))
			return;
	} else if (!must_move && r.to_end && r.room_bytes >= growth) {
		if ((mapping->traits & MAPPED_ACCOUNT) && !check_memory(m, charge, ret))
			return;
	} else if (!(r.flags & MREMAP_MAYMOVE)) {
		check_refuse(ret, RULE_REMAP_IN_PLACE, r.new_bytes, r.old_bytes + r.room_bytes);
		return;
	} else if (!remap_move_permits(m, mapping, &r, charge, ret)) {
		return;
	}
	remap_granted(m, mapping, &r,
		      dontunmap ? (int64_t)r.new_bytes : (int64_t)(r.new_bytes - r.old_bytes),
		      charge, ret);
}

void model_unmap(const struct model *m, const struct model_mapping *mapping, uint64_t length_bytes,
		 unsigned int nr_splits, bool last, struct prediction *ret)
{
	uint64_t unit = mapping->huge_page_bytes ? mapping->huge_page_bytes : m->host->page_bytes;
	int64_t bytes = (int64_t)check_round_up(length_bytes, unit);

	/* Only a hole in the middle leaves one mapping more (mm/vma.c vms_gather_munmap_vmas). */
	if (nr_splits == 2 && !splits_permit(m, 1, ret))
		return;
	check_granted(ret);
	ret->asked_bytes = (uint64_t)bytes;
	ret->total_vm_bytes = -bytes;
	ret->data_vm_bytes = check_is_data(mapping->traits, mapping->protection) ? -bytes : 0;
	ret->locked_vm_bytes = mapping->traits & MAPPED_LOCKED ? -bytes : 0;
	ret->accounted_bytes = mapping->traits & MAPPED_ACCOUNT ? -bytes : 0;
	ret->committed_bytes = ret->accounted_bytes -
			       (last ? (int64_t)mapping->object_charge_bytes : 0);
	ret->nr_maps = (int)nr_splits - 1;
	pool_gets_back(m, mapping, (uint64_t)bytes, last, ret);
	ret->mapping = *mapping;
	ret->mapping.length_bytes = mapping->length_bytes - (uint64_t)bytes;
}

void model_fork(const struct model *model, struct prediction *ret)
{
	/* Many small charges: what stays with this CPU depends on their order. */
	struct model unfolded = *model, *m = &unfolded;
	const struct process_memory *process = &m->process;
	bool asks_each = m->host->overcommit == OVERCOMMIT_HEURISTIC;
	uint64_t asked = asks_each ? process->largest_accounted_bytes : process->accounted_bytes;

	if (!process->accounts_known && m->host->overcommit != OVERCOMMIT_ALWAYS) {
		check_unknown(ret, asks_each ? RULE_HEURISTIC : RULE_COMMIT_LIMIT,
			      process->total_vm_bytes, 0, process->total_vm_bytes);
		return;
	}
	unfolded.folded = false;
	/* In mode never the copies add up: the last one asks with all the others charged. */
	if (!check_memory(m, asked, ret))
		return;
	check_granted(ret);
	ret->asked_bytes = asked;
	ret->committed_bytes = (int64_t)process->accounted_bytes;
}
