/* SPDX-License-Identifier: MIT */
/*
 * mmap() in the kernel's order. Each check either lets the request pass or fills in the verdict and
 * ends the matter: the first rule that refuses is the one that the kernel reports.
 */
#include "model/check.h"

#include <errno.h>
#include <string.h>

/* include/linux/mman.h LEGACY_MAP_MASK: what MAP_SHARED_VALIDATE takes for any file. */
#define FLAGS_LEGACY                                                                               \
	(MAP_SHARED | MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS | MAP_DENYWRITE | MAP_EXECUTABLE |   \
	 MAP_GROWSDOWN | MAP_LOCKED | MAP_NORESERVE | MAP_POPULATE | MAP_NONBLOCK | MAP_STACK |    \
	 MAP_HUGETLB | MAP_32BIT | MAP_HUGE_2MB | MAP_HUGE_1GB)
#define MAP_HUGE_2MB (21 << 26)
#define MAP_HUGE_1GB (30 << 26)

#define OBJECT_MAX      (UINT64_MAX >> 1)
#define FILE_SURE_BYTES (8ull << 40) /* every file system of today holds so large a file */

const char *verdict_name(enum verdict verdict)
{
	static const char *const names[] = { "granted", "refused", "deferred", "indeterminate" };

	return names[verdict];
}

void model_init(struct model *ret, const struct host *host, const struct process_memory *process)
{
	memset(ret, 0, sizeof(*ret));
	ret->host = host;
	if (process)
		ret->process = *process;
	ret->committed_bytes = host->committed_bytes;
	for (unsigned int i = 0; i < host->nr_pools; i++)
		ret->pool_reserved_pages[i] = host->pools[i].reserved;
}

/* Add a change that may be negative and never goes below 0. */
static void add_signed(uint64_t *place, int64_t change)
{
	uint64_t size = change < 0 ? (uint64_t)-change : (uint64_t)change;

	if (change >= 0)
		*place += size;
	else
		*place = *place > size ? *place - size : 0;
}

void model_apply(struct model *m, const struct prediction *p)
{
	struct process_memory *process = &m->process;

	add_signed(&m->committed_bytes, p->committed_bytes);
	add_signed(&process->total_vm_bytes, p->total_vm_bytes);
	add_signed(&process->data_vm_bytes, p->data_vm_bytes);
	add_signed(&process->locked_vm_bytes, p->locked_vm_bytes);
	add_signed(&process->accounted_bytes, p->accounted_bytes);
	add_signed(&process->nr_maps, p->nr_maps);
	if (p->accounted_bytes > 0 && p->mapping.length_bytes > process->largest_accounted_bytes)
		process->largest_accounted_bytes = p->mapping.length_bytes;
	if (p->pool >= 0)
		add_signed(&m->pool_reserved_pages[p->pool], p->pool_reserved_pages);
}

bool request_is_huge(const struct map_request *r)
{
	return (r->flags & MAP_HUGETLB) || r->huge_page_bytes;
}

static bool is_file(const struct map_request *r)
{
	return !(r->flags & MAP_ANONYMOUS);
}

/* The switch over the type in do_mmap(), and the traits that follow from the flags. */
static bool flags_permit(const struct model *m, const struct map_request *r, unsigned int *traits,
			 struct prediction *p)
{
	int type = r->flags & MAP_TYPE;
	bool object = is_file(r) || (*traits & MAPPED_HUGETLB);
	bool stack = r->flags & MAP_GROWSDOWN;

	*traits |= stack ? MAPPED_STACK : 0;
	switch (type) {
	case MAP_SHARED_VALIDATE:
		if (!object)
			return check_refuse(p, RULE_FLAGS, 0, 0);
		if (r->flags & ~FLAGS_LEGACY) { /* MAP_SYNC off DAX, but NOREPLACE too */
			check_refuse(p, RULE_FLAGS, 0, 0);
			p->error = EOPNOTSUPP;
			return false;
		}
		*traits |= MAPPED_SHARED;
		return !stack || check_refuse(p, RULE_FLAGS, 0, 0);
	case MAP_SHARED:
		*traits |= MAPPED_SHARED;
		return !stack || check_refuse(p, RULE_FLAGS, 0, 0);
	case MAP_PRIVATE:
		*traits |= object ? 0 : MAPPED_ANONYMOUS;
		return !(stack && object) || check_refuse(p, RULE_FLAGS, 0, 0);
	case MAP_DROPPABLE:
		if (object || stack || (r->flags & MAP_LOCKED) ||
		    m->host->kernel_version < KERNEL(6, 11))
			return check_refuse(p, RULE_FLAGS, 0, 0);
		*traits |= MAPPED_ANONYMOUS | MAPPED_DROPPABLE | MAPPED_NORESERVE;
		return true;
	default:
		return check_refuse(p, RULE_FLAGS, 0, 0);
	}
}

/* Is no-reserve heeded: outside mode never, and for hugetlb always (mm/mmap.c do_mmap). */
static bool heeds_noreserve(const struct model *m, unsigned int traits)
{
	return m->host->overcommit != OVERCOMMIT_NEVER || (traits & MAPPED_HUGETLB);
}

/* What the mapping itself, and the object behind it, are charged. */
static uint64_t map_charge(const struct map_request *r, uint64_t bytes, unsigned int *traits,
			   bool *ret_object)
{
	*ret_object = false;
	if (*traits & (MAPPED_HUGETLB | MAPPED_NORESERVE))
		return 0;
	if (*traits & MAPPED_SHARED) {
		*ret_object = !is_file(r); /* shmem_acct_size(), whatever the protection */
		return *ret_object ? bytes : 0;
	}
	if (!(r->protection & PROT_WRITE))
		return 0;
	*traits |= MAPPED_ACCOUNT;
	return bytes;
}

/*
 * Is the object charged page by page as it is filled: memfd and tmpfs files, and shared anonymous
 * memory whose no-reserve was heeded (mm/shmem.c shmem_inode_acct_blocks).
 */
bool check_charged_by_page(enum backing backing, unsigned int traits)
{
	if (traits & MAPPED_HUGETLB)
		return false;
	return backing == BACKING_MEMFD || backing == BACKING_TMPFS ||
	       (backing == BACKING_ANONYMOUS && (traits & MAPPED_SHARED) &&
		(traits & MAPPED_NORESERVE));
}

/* Mode never can refuse: none of it for sure, all of it for sure, or some. */
static void fill_by_page(const struct model *m, uint64_t bytes, struct prediction *p)
{
	uint64_t charged = (uint64_t)p->committed_bytes; /* by the call itself, before */
	struct prediction all, one;

	if (m->host->overcommit != OVERCOMMIT_NEVER || check_memory(m, charged + bytes, &all)) {
		p->committed_bytes += (int64_t)bytes;
		p->mapping.traits |= MAPPED_FILLED;
	} else if (check_memory(m, m->host->page_bytes, &one) || one.verdict != VERDICT_REFUSED) {
		p->committed_bytes += (int64_t)(bytes / 2);
		p->band_bytes = bytes - bytes / 2;
	}
}

void check_fill(const struct model *m, enum backing backing, unsigned int traits, uint64_t bytes,
		struct prediction *p)
{
	if (check_charged_by_page(backing, traits) && !(traits & MAPPED_FILLED))
		fill_by_page(m, bytes, p);
	else
		p->mapping.traits |= MAPPED_FILLED;
}

/* What a granted mmap leaves. */
static void map_granted(const struct map_request *r, uint64_t bytes, unsigned int traits,
			uint64_t charge, bool object, struct prediction *p)
{
	check_granted(p);
	p->asked_bytes = bytes;
	p->committed_bytes = (int64_t)charge;
	p->total_vm_bytes = (int64_t)bytes;
	p->data_vm_bytes = check_is_data(traits, r->protection) ? (int64_t)bytes : 0;
	p->locked_vm_bytes = traits & MAPPED_LOCKED && !(traits & MAPPED_HUGETLB) ? (int64_t)bytes
										  : 0;
	p->accounted_bytes = traits & MAPPED_ACCOUNT ? (int64_t)bytes : 0;
	p->nr_maps = 1;
	p->mapping = (struct model_mapping){
		.length_bytes = bytes,
		.object_bytes = traits & MAPPED_ANONYMOUS ? 0 : bytes,
		.object_charge_bytes = object ? charge : 0,
		.protection = r->protection,
		.traits = traits,
		.backing = r->backing,
	};
}

/* Populated or locked: filled before mmap returns. */
static void map_fills(const struct model *m, const struct map_request *r, struct prediction *p)
{
	int64_t before = p->committed_bytes;

	if (!(r->flags & (MAP_POPULATE | MAP_LOCKED)) || r->protection == PROT_NONE)
		return;
	check_fill(m, r->backing, p->mapping.traits, p->mapping.length_bytes, p);
	if ((r->protection & PROT_WRITE) && (p->mapping.traits & MAPPED_ANONYMOUS))
		p->mapping.traits |= MAPPED_TOUCHED;
	/* A file's pages stay with the file; those of shared anonymous memory go. */
	if (!is_file(r) && p->committed_bytes > before)
		p->mapping.object_charge_bytes = (uint64_t)(p->committed_bytes - before);
}

/* What is checked before flags and limits: length, number, place, locks. */
static bool map_place_permits(const struct model *m, const struct map_request *r, uint64_t bytes,
			      uint64_t align, struct prediction *p)
{
	/* Rounded up to huge pages before that is asked: 2^64 comes to 0 there. */
	if (r->length_bytes == 0 || (bytes == 0 && request_is_huge(r)))
		return check_refuse(p, RULE_LENGTH_ZERO, r->length_bytes, 0);
	if (bytes == 0)
		return check_refuse(p, RULE_LENGTH_OVERFLOW, r->length_bytes, 0);
	return check_count(m->process.nr_maps, m->host->max_map_count, p) &&
	       check_space(m, r, bytes, align, p) &&
	       (!(r->flags & MAP_LOCKED) || check_lock(m, bytes, true, p));
}

/* The object behind the mapping: made or reserved last of all. */
static bool map_object_permits(const struct model *m, const struct map_request *r, uint64_t bytes,
			       unsigned int traits, int pool, struct prediction *p)
{
	if (traits & MAPPED_HUGETLB)
		return (traits & MAPPED_NORESERVE) || check_pool(m, pool, bytes, p);
	if ((r->backing == BACKING_FILE || r->backing == BACKING_TMPFS) && is_file(r) &&
	    bytes > FILE_SURE_BYTES)
		return check_unknown(p, RULE_OBJECT_SIZE, bytes, FILE_SURE_BYTES, OBJECT_MAX);
	return true;
}

void model_map(const struct model *m, const struct map_request *r, struct prediction *ret)
{
	bool huge = request_is_huge(r), object;
	int pool = huge ? check_pool_of(m->host, r) : -1;
	uint64_t align = pool >= 0 ? m->host->pools[pool].page_bytes : m->host->page_bytes;
	uint64_t bytes = check_round_up(r->length_bytes, align), charge;
	unsigned int traits = huge ? MAPPED_HUGETLB : 0;

	if (huge && pool < 0) {
		check_refuse(ret, RULE_HUGE_PAGE_SIZE, r->huge_page_bytes, 0);
		return;
	}
	if (!map_place_permits(m, r, bytes, align, ret) || !flags_permit(m, r, &traits, ret))
		return;
	if ((r->flags & MAP_NORESERVE) && heeds_noreserve(m, traits))
		traits |= MAPPED_NORESERVE;
	traits |= r->flags & MAP_LOCKED && !huge ? MAPPED_LOCKED : 0;
	if (!check_limits(m, bytes, check_is_data(traits, r->protection), ret))
		return;
	charge = map_charge(r, bytes, &traits, &object);
	if (charge && !check_memory(m, charge, ret))
		return;
	if (!map_object_permits(m, r, bytes, traits, pool, ret))
		return;
	map_granted(r, bytes, traits, charge, object, ret);
	ret->mapping.huge_page_bytes = huge ? align : 0;
	if (huge && !(traits & MAPPED_NORESERVE)) {
		ret->pool = pool;
		ret->pool_reserved_pages = (int64_t)(bytes / align);
	}
	map_fills(m, r, ret);
}
