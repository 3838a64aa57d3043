/* SPDX-License-Identifier: MIT */
/* What happens when memory is used: a mapping that was granted need not be there. */
#include "model/check.h"

/*
 * RAM, and what the control groups leave of it: sure below what is available there, sure above all
 * that there is, open in between.
 */
static bool residence_permits(const struct model *m, uint64_t bytes, struct prediction *p)
{
	const struct host *host = m->host;
	uint64_t swap = host->swap_free_bytes - host->group_swap_withheld_bytes;
	uint64_t low = host_usable_bytes(host), high = host->ram_bytes;
	enum rule_id rule = RULE_OUT_OF_MEMORY;

	if (low < host->available_bytes) {
		rule = RULE_GROUP_MEMORY;
		high = host->group_limit_bytes < high ? host->group_limit_bytes : high;
	}
	low += swap / 2;
	high += swap;
	if (bytes <= low - low / 16)
		return true;
	if (bytes > high)
		return check_end(p, VERDICT_DEFERRED, rule, bytes, high);
	return check_unknown(p, rule, bytes, low, high);
}

static bool touch_pool_permits(const struct model *m, const struct model_mapping *mapping,
			       uint64_t bytes, struct prediction *p)
{
	struct map_request request = { .huge_page_bytes = mapping->huge_page_bytes };
	int pool = check_pool_of(m->host, &request);
	const struct host_pool *h;
	uint64_t free;

	if (!(mapping->traits & MAPPED_NORESERVE) || pool < 0)
		return true;
	h = &m->host->pools[pool];
	free = h->free > m->pool_reserved_pages[pool] ? h->free - m->pool_reserved_pages[pool] : 0;
	free = (free + mapping->pool_pages) * h->page_bytes; /* what is there already */
	if (check_round_up(bytes, h->page_bytes) <= free)
		return true;
	if (h->overcommit > h->surplus)
		return check_unknown(p, RULE_HUGE_PAGE_FAULT, bytes, free,
				     free + (h->overcommit - h->surplus) * h->page_bytes);
	return check_end(p, VERDICT_DEFERRED, RULE_HUGE_PAGE_FAULT, bytes, free);
}

/* Pages of memfd and tmpfs are charged at the fault; refusal is SIGBUS (mm/shmem.c). */
static bool touch_object_permits(const struct model *m, const struct model_mapping *mapping,
				 uint64_t bytes, struct prediction *p)
{
	bool charged = check_charged_by_page(mapping->backing, mapping->traits);
	struct prediction page;

	if (mapping->object_bytes && bytes > mapping->object_bytes)
		return check_end(p, VERDICT_DEFERRED, RULE_PAST_OBJECT, bytes,
				 mapping->object_bytes);
	if (!charged || m->host->overcommit != OVERCOMMIT_NEVER)
		return true;
	if (check_memory(m, bytes, &page))
		return true;
	if (page.verdict == VERDICT_INDETERMINATE) {
		*p = page;
		return false;
	}
	return check_end(p, VERDICT_DEFERRED, RULE_OBJECT_PAGES, page.asked_bytes,
			 page.limit_bytes);
}

/* A page at a time, and only those that are not there yet, as far as that is followed. */
static void touch_charges(const struct model *m, const struct model_mapping *mapping,
			  uint64_t bytes, struct prediction *p)
{
	uint64_t charge = check_round_up(bytes, m->host->page_bytes);
	uint64_t before = mapping->object_charge_bytes;

	p->committed_bytes = charge > before ? (int64_t)(charge - before) : 0;
	/* A file's pages stay with the file. */
	if (mapping->backing == BACKING_ANONYMOUS && charge > before)
		p->mapping.object_charge_bytes = charge;
}

/* Without a reservation the pool has fewer pages from the touch on. */
static void pool_loses(const struct model *m, const struct model_mapping *mapping, uint64_t bytes,
		       struct prediction *p)
{
	struct map_request request = { .huge_page_bytes = mapping->huge_page_bytes };
	uint64_t pages;

	if (!mapping->huge_page_bytes || !(mapping->traits & MAPPED_NORESERVE))
		return;
	pages = check_round_up(bytes, mapping->huge_page_bytes) / mapping->huge_page_bytes;
	if (pages <= mapping->pool_pages)
		return;
	p->pool = check_pool_of(m->host, &request);
	p->pool_reserved_pages = (int64_t)(pages - mapping->pool_pages);
	p->mapping.pool_pages = pages;
}

void model_touch(const struct model *m, const struct model_mapping *mapping, uint64_t bytes,
		 bool write, struct prediction *ret)
{
	int needed = write ? PROT_WRITE : PROT_READ;
	/* On x86 and aarch64 what is writable can be read. */
	int has = mapping->protection & PROT_WRITE ? PROT_READ | PROT_WRITE : mapping->protection;
	/* Reading private anonymous memory maps the one zero page. */
	bool fills = write || !(mapping->traits & MAPPED_ANONYMOUS);
	uint64_t asked;

	if (bytes > mapping->length_bytes)
		bytes = mapping->length_bytes;
	asked = bytes;
	if (mapping->hole_bytes && bytes > mapping->hole_offset)
		bytes = mapping->hole_offset;
	if (!(has & needed)) {
		check_end(ret, VERDICT_DEFERRED, RULE_PROTECTION_FAULT, bytes, 0);
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
	if (asked > bytes) {
		check_end(ret, VERDICT_DEFERRED, RULE_HOLE, asked, bytes);
		return;
	}
	check_granted(ret);
	ret->asked_bytes = bytes;
	ret->mapping = *mapping;
	if (write && (mapping->traits & MAPPED_ANONYMOUS))
		ret->mapping.traits |= MAPPED_TOUCHED;
	if (check_charged_by_page(mapping->backing, mapping->traits))
		touch_charges(m, mapping, bytes, ret);
	pool_loses(m, mapping, bytes, ret);
}
