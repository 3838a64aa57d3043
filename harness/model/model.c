/* SPDX-License-Identifier: MIT */
/*
 * The rules in the kernel's order. Each check either lets the request pass or fills in the verdict
 * and ends the matter: the first rule that refuses is the one that the kernel reports.
 */
#include "model/model.h"

#include <errno.h>
#include <string.h>

#ifndef MAP_32BIT
#define MAP_32BIT 0 /* x86 only */
#endif
#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4 /* Linux 5.7 */
#endif

/* include/linux/mman.h LEGACY_MAP_MASK: what MAP_SHARED_VALIDATE takes for any file. */
#define FLAGS_LEGACY                                                                               \
	(MAP_SHARED | MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS | MAP_DENYWRITE | MAP_EXECUTABLE |   \
	 MAP_GROWSDOWN | MAP_LOCKED | MAP_NORESERVE | MAP_POPULATE | MAP_NONBLOCK | MAP_STACK |    \
	 MAP_HUGETLB | MAP_32BIT | MAP_HUGE_2MB | MAP_HUGE_1GB)
#define MAP_HUGE_2MB (21 << 26)
#define MAP_HUGE_1GB (30 << 26)

#define SHIFT_HUGE_SIZE 26 /* MAP_HUGE_SHIFT */
#define OBJECT_MAX      (UINT64_MAX >> 1)
#define FILE_SURE_BYTES (8ull << 40) /* every file system of today holds so large a file */

static uint64_t pages_of(const struct model *m, uint64_t bytes)
{
	return bytes / m->host->page_bytes;
}

static uint64_t round_up(uint64_t bytes, uint64_t unit)
{
	uint64_t rest = bytes % unit;

	return rest ? bytes - rest + unit : bytes; /* wraps to 0 at 2^64, as the kernel's does */
}

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

static void granted(struct prediction *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->pool = -1;
}

/* All of these return false, so that a check can `return refuse(…)`. */
static bool end_with(struct prediction *p, enum verdict verdict, enum rule_id rule, uint64_t asked,
		     uint64_t limit)
{
	granted(p);
	p->verdict = verdict;
	p->rule = rule;
	p->error = verdict == VERDICT_REFUSED ? rule_get(rule)->error : 0;
	p->asked_bytes = asked;
	p->limit_bytes = limit;
	return false;
}

static bool refuse(struct prediction *p, enum rule_id rule, uint64_t asked, uint64_t limit)
{
	return end_with(p, VERDICT_REFUSED, rule, asked, limit);
}

/* Granted up to low_bytes for sure, refused above high_bytes for sure. */
static bool unknown(struct prediction *p, enum rule_id rule, uint64_t asked, uint64_t low_bytes,
		    uint64_t high_bytes)
{
	uint64_t half = (high_bytes - low_bytes) / 2;

	end_with(p, VERDICT_INDETERMINATE, rule, asked, low_bytes + half);
	p->band_bytes = half;
	return false;
}

/* mm/util.c vm_commit_limit(), in pages and truncating as there. */
static uint64_t commit_base_pages(const struct host *host, uint64_t *ret_hugetlb_pages)
{
	uint64_t hugetlb = 0;

	for (unsigned int i = 0; i < host->nr_pools; i++)
		hugetlb += host->pools[i].total * (host->pools[i].page_bytes / host->page_bytes);
	*ret_hugetlb_pages = hugetlb;
	if (host->overcommit_kbytes)
		return host->overcommit_kbytes / (host->page_bytes / 1024);
	if (hugetlb > host->ram_bytes / host->page_bytes)
		return 0;
	return (host->ram_bytes / host->page_bytes - hugetlb) * host->overcommit_ratio / 100;
}

uint64_t model_commit_limit(const struct host *host)
{
	uint64_t hugetlb;

	return (commit_base_pages(host, &hugetlb) + host->swap_bytes / host->page_bytes) *
	       host->page_bytes;
}

uint64_t model_heuristic_limit(const struct host *host)
{
	return host->ram_bytes + host->swap_bytes;
}

/*
 * The batch of vm_committed_as in pages (mm/mm_init.c mm_compute_batch): 0.4 % of RAM for each CPU,
 * and since 5.9 25 % in the other modes.
 */
static uint64_t batch_pages(const struct host *host)
{
	uint64_t cpus = host->nr_cpus_present ? host->nr_cpus_present : 1;
	uint64_t least = 2 * cpus > 32 ? 2 * cpus : 32;
	bool wide = host->kernel_version >= KERNEL(5, 9) && host->overcommit != OVERCOMMIT_NEVER;
	uint64_t share = host->ram_bytes / host->page_bytes / cpus / (wide ? 4 : 256);

	if (share > INT32_MAX)
		share = INT32_MAX;
	return share > least ? share : least;
}

/*
 * Since 5.9 Committed_AS is the exact sum; what is compared lacks what each CPU has not folded in.
 * A request of two batches folds its own CPU's part. Before, Committed_AS was the compared value
 * itself, and only this CPU's part was open.
 */
uint64_t model_slack(const struct model *m, uint64_t request_bytes)
{
	const struct host *host = m->host;
	uint64_t batch = batch_pages(host), pages = pages_of(m, request_bytes);
	uint64_t cpus = host->nr_cpus ? host->nr_cpus : 1;
	bool folds = pages >= 2 * batch;

	if (m->folded)
		return 0;
	if (host->kernel_version < KERNEL(5, 9))
		return (batch + (folds ? 0 : pages)) * host->page_bytes;
	return (folds ? cpus - 1 : cpus) * (batch - 1) * host->page_bytes;
}

/*
 * What of a request the comparison sees. With a folded counter that is known: a request below a
 * batch stays with its CPU, so that the kernel compares the counter without it
 * (lib/percpu_counter.c percpu_counter_add_batch).
 */
static uint64_t seen_bytes(const struct model *m, uint64_t bytes)
{
	return m->folded && pages_of(m, bytes) < batch_pages(m->host) ? 0 : bytes;
}

void model_commit_terms(const struct model *m, struct commit_terms *ret)
{
	const struct host *host = m->host;
	uint64_t page = host->page_bytes, hugetlb;
	uint64_t share = m->process.total_vm_bytes / page / 32;
	uint64_t reserve = host->user_reserve_kbytes / (page / 1024);
	uint64_t admin = m->host->cap_sys_admin ? 0 : host->admin_reserve_kbytes / (page / 1024);

	ret->by_kbytes = host->overcommit_kbytes != 0;
	ret->base_bytes = commit_base_pages(host, &hugetlb) * page;
	ret->hugetlb_bytes = hugetlb * page;
	ret->swap_bytes = host->swap_bytes;
	ret->limit_bytes = ret->base_bytes + ret->swap_bytes;
	ret->admin_bytes = admin * page;
	ret->user_bytes = (share < reserve ? share : reserve) * page;
	ret->allowed_bytes = (int64_t)ret->limit_bytes - (int64_t)ret->admin_bytes -
			     (int64_t)ret->user_bytes;
	ret->batch_bytes = batch_pages(host) * page;
}

/* Mode never: Committed_AS with this request must stay below what is allowed. */
static bool commit_permits(const struct model *m, uint64_t bytes, struct prediction *p)
{
	uint64_t slack = model_slack(m, bytes), after = m->committed_bytes + seen_bytes(m, bytes);
	struct commit_terms terms;
	uint64_t most; /* the last value that passes: below allowed means a page less */

	model_commit_terms(m, &terms);
	if (terms.allowed_bytes <= 0)
		return refuse(p, RULE_COMMIT_LIMIT, after, 0);
	most = (uint64_t)terms.allowed_bytes - m->host->page_bytes;
	if (after + slack <= most)
		return true;
	if (after > most + slack)
		return refuse(p, RULE_COMMIT_LIMIT, after, most);
	return unknown(p, RULE_COMMIT_LIMIT, after, most > slack ? most - slack : 0, most + slack);
}

/*
 * Up to 5.1 heuristic mode reckoned with what is free or can be freed. MemAvailable is the kernel's
 * own cautious estimate of that (at most half of the caches), RAM + free swap is what cannot be
 * exceeded: between them nothing is known from outside.
 */
static bool free_memory_permits(const struct model *m, uint64_t bytes, struct prediction *p)
{
	const struct host *host = m->host;
	uint64_t admin = m->host->cap_sys_admin ? 0 : host->admin_reserve_kbytes * 1024;
	uint64_t low = host->available_bytes + host->swap_free_bytes;
	uint64_t high = host->ram_bytes + host->swap_free_bytes;

	low = low > admin ? low - admin : 0;
	if (bytes < low)
		return true;
	if (bytes >= high)
		return refuse(p, RULE_HEURISTIC_FREE, bytes, high - host->page_bytes);
	return unknown(p, RULE_HEURISTIC_FREE, bytes, low, high);
}

/* mm/util.c __vm_enough_memory() */
static bool memory_permits(const struct model *m, uint64_t bytes, struct prediction *p)
{
	const struct host *host = m->host;

	switch (host->overcommit) {
	case OVERCOMMIT_ALWAYS:
		return true;
	case OVERCOMMIT_NEVER:
		return commit_permits(m, bytes, p);
	case OVERCOMMIT_HEURISTIC:
		break;
	}
	if (!rule_holds(rule_get(RULE_HEURISTIC), host->kernel_version))
		return free_memory_permits(m, bytes, p);
	if (bytes > model_heuristic_limit(host))
		return refuse(p, RULE_HEURISTIC, bytes, model_heuristic_limit(host));
	return true;
}

/* include/linux/mm.h is_data_mapping() */
static bool is_data(unsigned int traits, int protection)
{
	return (protection & PROT_WRITE) && !(traits & (MAPPED_SHARED | MAPPED_STACK));
}

static uint64_t limit_pages(const struct model *m, uint64_t limit)
{
	return limit == HOST_UNLIMITED ? UINT64_MAX >> 8 : pages_of(m, limit);
}

/* mm/vma.c may_expand_vm(); with_as and with_data choose the halves. */
static bool data_permits(const struct model *m, uint64_t bytes, struct prediction *p)
{
	uint64_t limit = limit_pages(m, m->host->limit_data);
	uint64_t after = m->process.data_vm_bytes + bytes;

	if (pages_of(m, after) <= limit)
		return true;
	/* A soft limit of 0 falls back to the hard one, for old valgrinds. */
	if (m->host->limit_data == 0 &&
	    pages_of(m, after) <= limit_pages(m, m->process.limit_data_hard))
		return true;
	return refuse(p, RULE_LIMIT_DATA, after, limit * m->host->page_bytes);
}

static bool limits_permit(const struct model *m, uint64_t bytes, bool data, struct prediction *p)
{
	uint64_t limit = limit_pages(m, m->host->limit_as);
	uint64_t after = m->process.total_vm_bytes + bytes;

	if (pages_of(m, after) > limit)
		return refuse(p, RULE_LIMIT_AS, after, limit * m->host->page_bytes);
	return !data || data_permits(m, bytes, p);
}

/* mm/mlock.c can_do_mlock(), mm/mmap.c mlock_future_ok() */
static bool lock_permits(const struct model *m, uint64_t bytes, bool ask_permission,
			 struct prediction *p)
{
	uint64_t limit = limit_pages(m, m->host->limit_memlock);
	uint64_t after = m->process.locked_vm_bytes + bytes;

	if (m->host->cap_ipc_lock)
		return true;
	if (ask_permission && m->host->limit_memlock == 0)
		return refuse(p, RULE_LOCK_PERMISSION, bytes, 0);
	if (pages_of(m, after) > limit)
		return refuse(p, RULE_LIMIT_MEMLOCK, after, limit * m->host->page_bytes);
	return true;
}

static bool count_permits(uint64_t after, uint64_t most, struct prediction *p)
{
	return after <= most || refuse(p, RULE_MAP_COUNT, after, most);
}

/* The hole that [start, start + bytes) must lie in is free, is not, or was not kept in the list. */
static bool place_permits(const struct model *m, uint64_t start, uint64_t bytes,
			  struct prediction *p)
{
	const struct process_memory *process = &m->process;
	uint64_t end = start + bytes;

	if (start % m->host->page_bytes)
		return refuse(p, RULE_FLAGS, start, 0);
	if (start < process->lowest_address) /* CAP_SYS_RAWIO may */
		return unknown(p, RULE_LOWEST_ADDRESS, start, 0, process->lowest_address);
	for (unsigned int i = 0; i < process->nr_holes; i++) {
		const struct process_hole *h = &process->holes[i];

		if (start >= h->start && end <= h->end)
			return true;
		/* Holes end where a mapping begins: to overlap an end is to overlap that. */
		if (start < h->end && end > h->start)
			return refuse(p, RULE_ADDRESS_TAKEN, bytes,
				      start < h->start ? 0 : h->end - start);
	}
	if (process->nr_holes < PROCESS_HOLES_MAX)
		return refuse(p, RULE_ADDRESS_TAKEN, bytes, 0);
	return unknown(p, RULE_ADDRESS_TAKEN, bytes, 0, bytes);
}

/* The largest hole for an alignment, hugetlb's or the base page's. */
static uint64_t largest_hole(const struct process_memory *process, uint64_t align)
{
	uint64_t best = 0;

	for (unsigned int i = 0; i < process->nr_holes; i++) {
		uint64_t start = round_up(process->holes[i].start, align);
		uint64_t end = process->holes[i].end - process->holes[i].end % align;

		if (end > start && end - start > best)
			best = end - start;
	}
	return best;
}

/* mm/mmap.c __get_unmapped_area() and the architectures' searches */
static bool space_permits(const struct model *m, const struct map_request *r, uint64_t bytes,
			  uint64_t align, struct prediction *p)
{
	const struct process_memory *process = &m->process;
	uint64_t window = process->highest_address;
	uint64_t hole;

	if (m->host->address_bits > 47 && r->address >= window && window) {
		/* A hint above the usual window opens the large one (LA57, 52-bit aarch64). */
		uint64_t large = (1ull << m->host->address_bits) - m->host->page_bytes - window;

		if (bytes <= large)
			return true;
	}
	if (bytes > window)
		return refuse(p, RULE_ADDRESS_SPACE, bytes, largest_hole(process, align));
	if (r->flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) {
		if (r->address > window - bytes)
			return refuse(p, RULE_ADDRESS_SPACE, bytes,
				      window > r->address ? window - r->address : 0);
		return !(r->flags & MAP_FIXED_NOREPLACE) || place_permits(m, r->address, bytes, p);
	}
	hole = r->flags & MAP_32BIT ? process->hole_32bit_bytes : largest_hole(process, align);
	if (bytes > hole)
		return refuse(p, RULE_ADDRESS_SPACE, bytes, hole);
	return true;
}

/* Which pool: the size asked for, the size in the flags, or the default; −1: none. */
static int pool_of(const struct host *host, const struct map_request *r)
{
	uint64_t bits = ((unsigned int)r->flags >> SHIFT_HUGE_SIZE) & 0x3f;
	uint64_t bytes = r->huge_page_bytes ? r->huge_page_bytes : bits ? 1ull << bits : 0;

	if (!bytes)
		bytes = host->hugetlb_default_bytes;
	for (unsigned int i = 0; i < host->nr_pools; i++) {
		if (host->pools[i].page_bytes == bytes)
			return (int)i;
	}
	return -1;
}

/* mm/hugetlb.c hugetlb_acct_memory(), gather_surplus_pages() */
static bool pool_permits(const struct model *m, int pool, uint64_t bytes, struct prediction *p)
{
	const struct host_pool *h = &m->host->pools[pool];
	uint64_t need = bytes / h->page_bytes, reserved = m->pool_reserved_pages[pool];
	uint64_t free = h->free > reserved ? h->free - reserved : 0;
	uint64_t more = h->overcommit > h->surplus ? h->overcommit - h->surplus : 0;

	if (need <= free)
		return true;
	if (need > free + more)
		return refuse(p, RULE_HUGE_PAGE_POOL, bytes, (free + more) * h->page_bytes);
	/* Surplus pages have to be found in memory that may be in pieces. */
	return unknown(p, RULE_HUGE_PAGE_POOL, bytes, free * h->page_bytes,
		       (free + more) * h->page_bytes);
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
			return refuse(p, RULE_FLAGS, 0, 0);
		if (r->flags & ~FLAGS_LEGACY) { /* MAP_SYNC off DAX, but NOREPLACE too */
			refuse(p, RULE_FLAGS, 0, 0);
			p->error = EOPNOTSUPP;
			return false;
		}
		*traits |= MAPPED_SHARED;
		return !stack || refuse(p, RULE_FLAGS, 0, 0);
	case MAP_SHARED:
		*traits |= MAPPED_SHARED;
		return !stack || refuse(p, RULE_FLAGS, 0, 0);
	case MAP_PRIVATE:
		*traits |= object ? 0 : MAPPED_ANONYMOUS;
		return !(stack && object) || refuse(p, RULE_FLAGS, 0, 0);
	case MAP_DROPPABLE:
		if (object || stack || (r->flags & MAP_LOCKED) ||
		    m->host->kernel_version < KERNEL(6, 11))
			return refuse(p, RULE_FLAGS, 0, 0);
		*traits |= MAPPED_ANONYMOUS | MAPPED_DROPPABLE | MAPPED_NORESERVE;
		return true;
	default:
		return refuse(p, RULE_FLAGS, 0, 0);
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
static bool charged_by_page(enum backing backing, unsigned int traits)
{
	if (traits & MAPPED_HUGETLB)
		return false;
	return backing == BACKING_MEMFD || backing == BACKING_TMPFS ||
	       (backing == BACKING_ANONYMOUS && (traits & MAPPED_SHARED) &&
		(traits & MAPPED_NORESERVE));
}

/* Fill what a granted mmap leaves. */
static void map_granted(const struct map_request *r, uint64_t bytes, unsigned int traits,
			uint64_t charge, bool object, struct prediction *p)
{
	bool filled = (r->flags & (MAP_POPULATE | MAP_LOCKED)) && (r->protection & PROT_WRITE);

	granted(p);
	p->asked_bytes = bytes;
	p->committed_bytes = (int64_t)charge;
	p->total_vm_bytes = (int64_t)bytes;
	p->data_vm_bytes = is_data(traits, r->protection) ? (int64_t)bytes : 0;
	p->locked_vm_bytes = traits & MAPPED_LOCKED && !(traits & MAPPED_HUGETLB) ? (int64_t)bytes
										  : 0;
	p->accounted_bytes = traits & MAPPED_ACCOUNT ? (int64_t)bytes : 0;
	if ((r->flags & (MAP_POPULATE | MAP_LOCKED)) && r->protection != PROT_NONE &&
	    charged_by_page(r->backing, traits))
		p->committed_bytes += (int64_t)bytes; /* page by page, as it is filled */
	p->nr_maps = 1;
	p->mapping = (struct model_mapping){
		.length_bytes = bytes,
		.object_bytes = traits & MAPPED_ANONYMOUS ? 0 : bytes,
		.object_charge_bytes = object ? charge : 0,
		.protection = r->protection,
		.traits = traits | (filled && (traits & MAPPED_ANONYMOUS) ? MAPPED_TOUCHED : 0),
		.backing = r->backing,
	};
}

/* What is checked before flags and limits: length, number, place, locks. */
static bool map_place_permits(const struct model *m, const struct map_request *r, uint64_t bytes,
			      uint64_t align, struct prediction *p)
{
	/* Rounded up to huge pages before that is asked: 2^64 comes to 0 there. */
	if (r->length_bytes == 0 || (bytes == 0 && request_is_huge(r)))
		return refuse(p, RULE_LENGTH_ZERO, r->length_bytes, 0);
	if (bytes == 0)
		return refuse(p, RULE_LENGTH_OVERFLOW, r->length_bytes, 0);
	return count_permits(m->process.nr_maps, m->host->max_map_count, p) &&
	       space_permits(m, r, bytes, align, p) &&
	       (!(r->flags & MAP_LOCKED) || lock_permits(m, bytes, true, p));
}

/* The object behind the mapping: made or reserved last of all. */
static bool map_object_permits(const struct model *m, const struct map_request *r, uint64_t bytes,
			       unsigned int traits, int pool, struct prediction *p)
{
	if (traits & MAPPED_HUGETLB)
		return (traits & MAPPED_NORESERVE) || pool_permits(m, pool, bytes, p);
	if ((r->backing == BACKING_FILE || r->backing == BACKING_TMPFS) && is_file(r) &&
	    bytes > FILE_SURE_BYTES)
		return unknown(p, RULE_OBJECT_SIZE, bytes, FILE_SURE_BYTES, OBJECT_MAX);
	return true;
}

void model_map(const struct model *m, const struct map_request *r, struct prediction *ret)
{
	bool huge = request_is_huge(r), object;
	int pool = huge ? pool_of(m->host, r) : -1;
	uint64_t align = pool >= 0 ? m->host->pools[pool].page_bytes : m->host->page_bytes;
	uint64_t bytes = round_up(r->length_bytes, align), charge;
	unsigned int traits = huge ? MAPPED_HUGETLB : 0;

	if (huge && pool < 0) {
		refuse(ret, RULE_HUGE_PAGE_SIZE, r->huge_page_bytes, 0);
		return;
	}
	if (!map_place_permits(m, r, bytes, align, ret) || !flags_permit(m, r, &traits, ret))
		return;
	if ((r->flags & MAP_NORESERVE) && heeds_noreserve(m, traits))
		traits |= MAPPED_NORESERVE;
	traits |= r->flags & MAP_LOCKED && !huge ? MAPPED_LOCKED : 0;
	if (!limits_permit(m, bytes, is_data(traits, r->protection), ret))
		return;
	charge = map_charge(r, bytes, &traits, &object);
	if (charge && !memory_permits(m, charge, ret))
		return;
	if (!map_object_permits(m, r, bytes, traits, pool, ret))
		return;
	map_granted(r, bytes, traits, charge, object, ret);
	ret->mapping.huge_page_bytes = huge ? align : 0;
	if (huge && !(traits & MAPPED_NORESERVE)) {
		ret->pool = pool;
		ret->pool_reserved_pages = (int64_t)(bytes / align);
	}
}

/* mm/vma.c split_vma(): each split needs one mapping more. */
static bool splits_permit(const struct model *m, unsigned int nr_splits, struct prediction *p)
{
	for (unsigned int i = 0; i < nr_splits; i++) {
		if (m->process.nr_maps + i >= m->host->max_map_count)
			return refuse(p, RULE_MAP_COUNT, m->process.nr_maps + i + 1,
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
	bool was = is_data(mapping->traits, mapping->protection);
	bool is = is_data(mapping->traits, protection);

	if (!limits_permit(m, bytes, was, &ignored))
		return true;
	return limits_permit(m, bytes, is, p);
}

/* Does becoming writable charge: nothing of what would have charged it, or spared it, before? */
static bool protect_charges(const struct model_mapping *mapping)
{
	return !(mapping->traits &
		 (MAPPED_ACCOUNT | MAPPED_HUGETLB | MAPPED_SHARED | MAPPED_NORESERVE)) &&
	       !(mapping->protection & PROT_WRITE);
}

void model_protect(const struct model *m, const struct model_mapping *mapping,
		   uint64_t length_bytes, unsigned int nr_splits, int protection,
		   struct prediction *ret)
{
	uint64_t bytes = round_up(length_bytes, m->host->page_bytes);
	unsigned int traits = mapping->traits;
	int64_t charge = 0;

	if (protection == mapping->protection) {
		granted(ret);
		ret->mapping = *mapping;
		return;
	}
	if (protection & PROT_WRITE) {
		if (!protect_limits_permit(m, mapping, bytes, protection, ret))
			return;
		if (protect_charges(mapping)) {
			if (!memory_permits(m, bytes, ret))
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
	granted(ret);
	ret->asked_bytes = bytes;
	ret->committed_bytes = ret->accounted_bytes = charge;
	ret->data_vm_bytes = (is_data(traits, protection) ? (int64_t)bytes : 0) -
			     (is_data(traits, mapping->protection) ? (int64_t)bytes : 0);
	ret->nr_maps = (int)nr_splits;
	ret->mapping = *mapping;
	ret->mapping.traits = traits;
	ret->mapping.protection = protection;
	ret->mapping.length_bytes = bytes;
	/* A locked mapping that becomes writable is filled at once. */
	if ((traits & MAPPED_LOCKED) && (traits & MAPPED_ANONYMOUS) && (protection & PROT_WRITE))
		ret->mapping.traits |= MAPPED_TOUCHED;
}

/* Flags, range and kind: mm/mremap.c check_mremap_params(), remap_is_valid() */
static bool remap_form_permits(const struct model *m, const struct model_mapping *mapping,
			       const struct remap_request *r, struct prediction *p)
{
	bool dontunmap = r->flags & MREMAP_DONTUNMAP;
	unsigned int version = m->host->kernel_version;

	if (dontunmap && (!(r->flags & MREMAP_MAYMOVE) || r->old_bytes != r->new_bytes))
		return refuse(p, RULE_FLAGS, 0, 0);
	if (dontunmap && (version < KERNEL(5, 7) ||
			  (version < KERNEL(5, 13) && !(mapping->traits & MAPPED_ANONYMOUS))))
		return refuse(p, RULE_FLAGS, 0, 0);
	if ((r->flags & MREMAP_FIXED) && !(r->flags & MREMAP_MAYMOVE))
		return refuse(p, RULE_FLAGS, 0, 0);
	if (r->new_bytes == 0)
		return refuse(p, RULE_LENGTH_ZERO, 0, 0);
	if ((mapping->traits & MAPPED_HUGETLB) && (r->new_bytes > r->old_bytes || dontunmap))
		return refuse(p, RULE_REMAP_HUGE, r->new_bytes, r->old_bytes);
	if (r->old_bytes == 0 && !(mapping->traits & MAPPED_SHARED))
		return refuse(p, RULE_REMAP_PRIVATE_COPY, 0, 0);
	if (r->old_bytes > mapping->length_bytes)
		return refuse(p, RULE_REMAP_RANGE, r->old_bytes, mapping->length_bytes);
	return true;
}

/* What any growth is measured against. */
static bool remap_growth_permits(const struct model *m, const struct model_mapping *mapping,
				 uint64_t growth, bool dontunmap, struct prediction *p)
{
	uint64_t bytes = dontunmap ? mapping->length_bytes : growth;
	bool data = is_data(mapping->traits, mapping->protection);

	if (growth && (mapping->traits & MAPPED_LOCKED) && !lock_permits(m, growth, false, p))
		return false;
	return (!growth && !dontunmap) || limits_permit(m, bytes, data, p);
}

/* A move needs a hole, three mappings to spare, and asks again even for nothing more. */
static bool remap_move_permits(const struct model *m, const struct model_mapping *mapping,
			       const struct remap_request *r, uint64_t charge, struct prediction *p)
{
	uint64_t most = m->host->max_map_count > 4 ? m->host->max_map_count - 4 : 0;
	uint64_t hole = largest_hole(&m->process, m->host->page_bytes);
	uint64_t early = r->flags & (MREMAP_FIXED | MREMAP_DONTUNMAP) ? 2 : 0;

	if (!count_permits(m->process.nr_maps + early, most, p))
		return false;
	if (!(r->flags & MREMAP_FIXED) && r->new_bytes > hole)
		return refuse(p, RULE_ADDRESS_SPACE, r->new_bytes, hole);
	return !(mapping->traits & MAPPED_ACCOUNT) || memory_permits(m, charge, p);
}

/*
 * Since the rewrite in 6.15 a move that shrinks asks for the bytes by which it shrinks, and charges
 * them: mremap_to() unmaps them, but vrm_calc_charge() still sees their number. Nothing ever gives
 * that charge back, not even the end of the process. Seen on 6.18.
 */
static bool shrinking_move_charges(const struct model *m, const struct remap_request *r)
{
	return (r->flags & MREMAP_FIXED) && r->new_bytes < r->old_bytes &&
	       m->host->kernel_version >= KERNEL(6, 15);
}

static void remap_granted(const struct model_mapping *mapping, const struct remap_request *r,
			  int64_t change, uint64_t charge, struct prediction *p)
{
	bool accounted = mapping->traits & MAPPED_ACCOUNT;
	bool shrinks = r->new_bytes < r->old_bytes;

	granted(p);
	p->asked_bytes = r->new_bytes;
	p->committed_bytes = accounted ? (int64_t)charge + (shrinks ? change : 0) : 0;
	p->accounted_bytes = accounted ? (shrinks ? change : (int64_t)charge) : 0;
	p->total_vm_bytes = change;
	p->data_vm_bytes = is_data(mapping->traits, mapping->protection) ? change : 0;
	p->locked_vm_bytes = mapping->traits & MAPPED_LOCKED ? change : 0;
	p->nr_maps = (int)r->nr_splits + (r->flags & MREMAP_DONTUNMAP ? 1 : 0);
	p->mapping = *mapping;
	p->mapping.length_bytes = r->new_bytes;
}

void model_remap(const struct model *m, const struct model_mapping *mapping,
		 const struct remap_request *request, struct prediction *ret)
{
	uint64_t page = mapping->huge_page_bytes ? mapping->huge_page_bytes : m->host->page_bytes;
	struct remap_request r = *request;
	bool dontunmap = r.flags & MREMAP_DONTUNMAP;
	bool must_move = r.flags & (MREMAP_FIXED | MREMAP_DONTUNMAP);
	uint64_t growth, charge;

	r.old_bytes = round_up(r.old_bytes, page);
	r.new_bytes = round_up(r.new_bytes, page);
	if (!remap_form_permits(m, mapping, &r, ret))
		return;
	growth = r.new_bytes > r.old_bytes ? r.new_bytes - r.old_bytes : 0;
	charge = dontunmap ? r.new_bytes : growth;
	if (shrinking_move_charges(m, &r))
		charge = r.old_bytes - r.new_bytes;
	if (!remap_growth_permits(m, mapping, growth, dontunmap, ret))
		return;
	if (!growth && !must_move) { /* shrink in place, or nothing */
		if (r.new_bytes < r.old_bytes && !r.to_end && !splits_permit(m, 1, ret))
			return;
	} else if (!must_move && r.to_end && r.room_bytes >= growth) {
		if ((mapping->traits & MAPPED_ACCOUNT) && !memory_permits(m, charge, ret))
			return;
	} else if (!(r.flags & MREMAP_MAYMOVE)) {
		refuse(ret, RULE_REMAP_IN_PLACE, r.new_bytes, r.old_bytes + r.room_bytes);
		return;
	} else if (!remap_move_permits(m, mapping, &r, charge, ret)) {
		return;
	}
	remap_granted(mapping, &r,
		      dontunmap ? (int64_t)r.new_bytes : (int64_t)(r.new_bytes - r.old_bytes),
		      charge, ret);
}

void model_unmap(const struct model *m, const struct model_mapping *mapping, uint64_t length_bytes,
		 unsigned int nr_splits, bool last, struct prediction *ret)
{
	uint64_t unit = mapping->huge_page_bytes ? mapping->huge_page_bytes : m->host->page_bytes;
	int64_t bytes = (int64_t)round_up(length_bytes, unit);

	/* Only a hole in the middle leaves one mapping more (mm/vma.c vms_gather_munmap_vmas). */
	if (nr_splits == 2 && !splits_permit(m, 1, ret))
		return;
	granted(ret);
	ret->asked_bytes = (uint64_t)bytes;
	ret->total_vm_bytes = -bytes;
	ret->data_vm_bytes = is_data(mapping->traits, mapping->protection) ? -bytes : 0;
	ret->locked_vm_bytes = mapping->traits & MAPPED_LOCKED ? -bytes : 0;
	ret->accounted_bytes = mapping->traits & MAPPED_ACCOUNT ? -bytes : 0;
	ret->committed_bytes = ret->accounted_bytes -
			       (last ? (int64_t)mapping->object_charge_bytes : 0);
	ret->nr_maps = (int)nr_splits - 1;
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
		unknown(ret, asks_each ? RULE_HEURISTIC : RULE_COMMIT_LIMIT,
			process->total_vm_bytes, 0, process->total_vm_bytes);
		return;
	}
	unfolded.folded = false;
	/* In mode never the copies add up: the last one asks with all the others charged. */
	if (!memory_permits(m, asked, ret))
		return;
	granted(ret);
	ret->asked_bytes = asked;
	ret->committed_bytes = (int64_t)process->accounted_bytes;
}

/* RAM: sure below what is available, sure above all that there is, open in between. */
static bool residence_permits(const struct model *m, uint64_t bytes, struct prediction *p)
{
	const struct host *host = m->host;
	uint64_t low = host->available_bytes + host->swap_free_bytes / 2;
	uint64_t high = host->ram_bytes + host->swap_free_bytes;

	if (bytes <= low - low / 16)
		return true;
	if (bytes > high) {
		end_with(p, VERDICT_DEFERRED, RULE_OUT_OF_MEMORY, bytes, high);
		return false;
	}
	return unknown(p, RULE_OUT_OF_MEMORY, bytes, low, high);
}

static bool touch_pool_permits(const struct model *m, const struct model_mapping *mapping,
			       uint64_t bytes, struct prediction *p)
{
	struct map_request request = { .huge_page_bytes = mapping->huge_page_bytes };
	int pool = pool_of(m->host, &request);
	const struct host_pool *h;
	uint64_t free;

	if (!(mapping->traits & MAPPED_NORESERVE) || pool < 0)
		return true;
	h = &m->host->pools[pool];
	free = (h->free > m->pool_reserved_pages[pool] ? h->free - m->pool_reserved_pages[pool]
						       : 0) *
	       h->page_bytes;
	if (round_up(bytes, h->page_bytes) <= free)
		return true;
	if (h->overcommit > h->surplus)
		return unknown(p, RULE_HUGE_PAGE_FAULT, bytes, free,
			       free + (h->overcommit - h->surplus) * h->page_bytes);
	return end_with(p, VERDICT_DEFERRED, RULE_HUGE_PAGE_FAULT, bytes, free);
}

/* Pages of memfd and tmpfs are charged at the fault; refusal is SIGBUS (mm/shmem.c). */
static bool touch_object_permits(const struct model *m, const struct model_mapping *mapping,
				 uint64_t bytes, struct prediction *p)
{
	bool charged = charged_by_page(mapping->backing, mapping->traits);
	struct prediction page;

	if (mapping->object_bytes && bytes > mapping->object_bytes)
		return end_with(p, VERDICT_DEFERRED, RULE_PAST_OBJECT, bytes,
				mapping->object_bytes);
	if (!charged || m->host->overcommit != OVERCOMMIT_NEVER)
		return true;
	if (memory_permits(m, bytes, &page))
		return true;
	if (page.verdict == VERDICT_INDETERMINATE) {
		*p = page;
		return false;
	}
	return end_with(p, VERDICT_DEFERRED, RULE_OBJECT_PAGES, page.asked_bytes, page.limit_bytes);
}

void model_touch(const struct model *m, const struct model_mapping *mapping, uint64_t bytes,
		 bool write, struct prediction *ret)
{
	int needed = write ? PROT_WRITE : PROT_READ;
	/* On x86 and aarch64 what is writable can be read. */
	int has = mapping->protection & PROT_WRITE ? PROT_READ | PROT_WRITE : mapping->protection;
	/* Reading private anonymous memory maps the one zero page. */
	bool fills = write || !(mapping->traits & MAPPED_ANONYMOUS);

	if (bytes > mapping->length_bytes)
		bytes = mapping->length_bytes;
	if (!(has & needed)) {
		end_with(ret, VERDICT_DEFERRED, RULE_PROTECTION_FAULT, bytes, 0);
		return;
	}
	if (mapping->traits & MAPPED_HUGETLB) {
		if (!touch_pool_permits(m, mapping, bytes, ret))
			return;
	} else if (!touch_object_permits(m, mapping, bytes, ret) ||
		   (fills && mapping->backing != BACKING_FILE &&
		    !residence_permits(m, bytes, ret))) {
		return;
	}
	granted(ret);
	ret->asked_bytes = bytes;
	ret->mapping = *mapping;
	if (write && (mapping->traits & MAPPED_ANONYMOUS))
		ret->mapping.traits |= MAPPED_TOUCHED;
	if (charged_by_page(mapping->backing, mapping->traits))
		ret->committed_bytes = (int64_t)round_up(bytes, m->host->page_bytes);
}
