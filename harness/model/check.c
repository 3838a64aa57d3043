/* SPDX-License-Identifier: MIT */
#include "model/check.h"

#include <errno.h>
#include <string.h>

#define SHIFT_HUGE_SIZE 26 /* MAP_HUGE_SHIFT */
#define RANDOM_32BIT    (32ull << 20)

uint64_t check_pages(const struct model *m, uint64_t bytes)
{
	return bytes / m->host->page_bytes;
}

uint64_t check_round_up(uint64_t bytes, uint64_t unit)
{
	uint64_t rest = bytes % unit;

	return rest ? bytes - rest + unit : bytes; /* wraps to 0 at 2^64, as the kernel's does */
}

void check_granted(struct prediction *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->pool = -1;
}

/* All of these return false, so that a check can `return check_refuse(…)`. */
bool check_end(struct prediction *p, enum verdict verdict, enum rule_id rule, uint64_t asked,
	       uint64_t limit)
{
	check_granted(p);
	p->verdict = verdict;
	p->rule = rule;
	p->error = verdict == VERDICT_REFUSED ? rule_get(rule)->error : 0;
	p->asked_bytes = asked;
	p->limit_bytes = limit;
	return false;
}

bool check_refuse(struct prediction *p, enum rule_id rule, uint64_t asked, uint64_t limit)
{
	return check_end(p, VERDICT_REFUSED, rule, asked, limit);
}

/* Granted up to low_bytes for sure, refused above high_bytes for sure. */
bool check_unknown(struct prediction *p, enum rule_id rule, uint64_t asked, uint64_t low_bytes,
		   uint64_t high_bytes)
{
	uint64_t half = (high_bytes - low_bytes) / 2;

	check_end(p, VERDICT_INDETERMINATE, rule, asked, low_bytes + half);
	p->band_bytes = half;
	return false;
}

/* include/linux/mm.h is_data_mapping() */
bool check_is_data(unsigned int traits, int protection)
{
	return (protection & PROT_WRITE) && !(traits & (MAPPED_SHARED | MAPPED_STACK));
}

static uint64_t limit_pages(const struct model *m, uint64_t limit)
{
	return limit == HOST_UNLIMITED ? UINT64_MAX >> 8 : check_pages(m, limit);
}

/* mm/vma.c may_expand_vm(); with_as and with_data choose the halves. */
static bool data_permits(const struct model *m, uint64_t bytes, struct prediction *p)
{
	uint64_t limit = limit_pages(m, m->host->limit_data);
	uint64_t after = m->process.data_vm_bytes + bytes;

	if (check_pages(m, after) <= limit)
		return true;
	/* A soft limit of 0 falls back to the hard one, for old valgrinds. */
	if (m->host->limit_data == 0 &&
	    check_pages(m, after) <= limit_pages(m, m->process.limit_data_hard))
		return true;
	return check_refuse(p, RULE_LIMIT_DATA, after, limit * m->host->page_bytes);
}

bool check_limits(const struct model *m, uint64_t bytes, bool data, struct prediction *p)
{
	uint64_t limit = limit_pages(m, m->host->limit_as);
	uint64_t after = m->process.total_vm_bytes + bytes;

	if (check_pages(m, after) > limit)
		return check_refuse(p, RULE_LIMIT_AS, after, limit * m->host->page_bytes);
	return !data || data_permits(m, bytes, p);
}

/* mm/mlock.c can_do_mlock(), mm/mmap.c mlock_future_ok() */
bool check_lock(const struct model *m, uint64_t bytes, bool ask_permission, struct prediction *p)
{
	uint64_t limit = limit_pages(m, m->host->limit_memlock);
	uint64_t after = m->process.locked_vm_bytes + bytes;

	if (m->host->cap_ipc_lock)
		return true;
	if (ask_permission && m->host->limit_memlock == 0)
		return check_refuse(p, RULE_LOCK_PERMISSION, bytes, 0);
	if (check_pages(m, after) > limit)
		return check_refuse(p, RULE_LIMIT_MEMLOCK, after, limit * m->host->page_bytes);
	return true;
}

bool check_count(uint64_t after, uint64_t most, struct prediction *p)
{
	return after <= most || check_refuse(p, RULE_MAP_COUNT, after, most);
}

/* The hole that [start, start + bytes) must lie in is free, is not, or was not kept in the list. */
static bool place_permits(const struct model *m, uint64_t start, uint64_t bytes,
			  struct prediction *p)
{
	const struct process_memory *process = &m->process;
	uint64_t end = start + bytes;

	if (start % m->host->page_bytes)
		return check_refuse(p, RULE_FLAGS, start, 0);
	if (start < process->lowest_address) /* CAP_SYS_RAWIO may */
		return check_unknown(p, RULE_LOWEST_ADDRESS, start, 0, process->lowest_address);
	for (unsigned int i = 0; i < process->nr_holes; i++) {
		const struct process_hole *h = &process->holes[i];

		if (start >= h->start && end <= h->end)
			return true;
		/* Holes end where a mapping begins: to overlap an end is to overlap that. */
		if (start < h->end && end > h->start)
			return check_refuse(p, RULE_ADDRESS_TAKEN, bytes,
					    start < h->start ? 0 : h->end - start);
	}
	if (process->nr_holes < PROCESS_HOLES_MAX)
		return check_refuse(p, RULE_ADDRESS_TAKEN, bytes, 0);
	return check_unknown(p, RULE_ADDRESS_TAKEN, bytes, 0, bytes);
}

/* The largest hole from an address on, for an alignment: hugetlb's or the base page's. */
static uint64_t largest_hole_from(const struct process_memory *process, uint64_t from,
				  uint64_t align)
{
	uint64_t best = 0;

	for (unsigned int i = 0; i < process->nr_holes; i++) {
		const struct process_hole *h = &process->holes[i];
		uint64_t start = check_round_up(h->start > from ? h->start : from, align);
		uint64_t end = h->end - h->end % align;

		if (end > start && end - start > best)
			best = end - start;
	}
	return best;
}

uint64_t check_largest_hole(const struct process_memory *process, uint64_t align)
{
	return largest_hole_from(process, 0, align);
}

/* A search that begins below the lowest address may find a place that then is refused. */
static bool low_place_permits(const struct model *m, uint64_t bytes, uint64_t align,
			      struct prediction *p)
{
	uint64_t hole = largest_hole_from(&m->process, m->process.lowest_address, align);

	return m->host->cap_sys_rawio || bytes <= hole ||
	       check_refuse(p, RULE_LOWEST_ADDRESS, bytes, hole);
}

/*
 * MAP_32BIT: the search begins up to 32 MiB above 1 GiB, at another place each time
 * (arch/x86/kernel/sys_x86_64.c find_start_end()).
 */
static bool low_hole_permits(const struct model *m, uint64_t bytes, struct prediction *p)
{
	uint64_t hole = m->process.hole_32bit_bytes;
	uint64_t sure = hole > RANDOM_32BIT ? hole - RANDOM_32BIT : 0;

	if (bytes <= sure)
		return true;
	if (bytes > hole)
		return check_refuse(p, RULE_ADDRESS_SPACE, bytes, hole);
	return check_unknown(p, RULE_ADDRESS_SPACE, bytes, sure, hole);
}

/* hugetlb had a search of its own up to 6.12 (arch/x86/mm/hugetlbpage.c). */
static bool heeds_32bit(const struct model *m, const struct map_request *r)
{
	return !request_is_huge(r) || m->host->kernel_version >= KERNEL(6, 13);
}

/* mm/mmap.c __get_unmapped_area() and the architectures' searches */
bool check_space(const struct model *m, const struct map_request *r, uint64_t bytes, uint64_t align,
		 struct prediction *p)
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
		return check_refuse(p, RULE_ADDRESS_SPACE, bytes,
				    check_largest_hole(process, align));
	if (r->flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) {
		if (r->address > window - bytes)
			return check_refuse(p, RULE_ADDRESS_SPACE, bytes,
					    window > r->address ? window - r->address : 0);
		return !(r->flags & MAP_FIXED_NOREPLACE) || place_permits(m, r->address, bytes, p);
	}
	if ((r->flags & MAP_32BIT) && heeds_32bit(m, r))
		return low_hole_permits(m, bytes, p);
	hole = check_largest_hole(process, align);
	if (bytes > hole)
		return check_refuse(p, RULE_ADDRESS_SPACE, bytes, hole);
	return low_place_permits(m, bytes, align, p);
}

/*
 * Each may begin only where a huge page does (mm/huge_memory.c thp_get_unmapped_area()), which
 * costs up to one; the largest is arm64's, with base pages of 64 KiB.
 */
bool check_places(const struct process_memory *process, uint64_t n, uint64_t bytes)
{
	uint64_t each, fit = 0;

	if (__builtin_add_overflow(bytes, 512ull << 20, &each))
		return false;
	for (unsigned int i = 0; i < process->nr_holes; i++)
		fit += (process->holes[i].end - process->holes[i].start) / each;
	return fit >= n;
}

/* Which pool: the size asked for, the size in the flags, or the default; −1: none. */
int check_pool_of(const struct host *host, const struct map_request *r)
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
bool check_pool(const struct model *m, int pool, uint64_t bytes, struct prediction *p)
{
	const struct host_pool *h = &m->host->pools[pool];
	uint64_t need = bytes / h->page_bytes, reserved = m->pool_reserved_pages[pool];
	uint64_t free = h->free > reserved ? h->free - reserved : 0;
	uint64_t more = h->overcommit > h->surplus ? h->overcommit - h->surplus : 0;

	if (need <= free)
		return true;
	if (need > free + more)
		return check_refuse(p, RULE_HUGE_PAGE_POOL, bytes, (free + more) * h->page_bytes);
	/* Surplus pages have to be found in memory that may be in pieces. */
	return check_unknown(p, RULE_HUGE_PAGE_POOL, bytes, free * h->page_bytes,
			     (free + more) * h->page_bytes);
}
