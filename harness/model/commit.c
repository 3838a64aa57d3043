/* SPDX-License-Identifier: MIT */
/* What may be charged: the kernel's __vm_enough_memory() and the counter that it compares. */
#include "model/check.h"

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
	uint64_t batch = batch_pages(host), pages = check_pages(m, request_bytes);
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
	return m->folded && check_pages(m, bytes) < batch_pages(m->host) ? 0 : bytes;
}

/*
 * mm/util.c __vm_enough_memory(): cap_sys_admin spares the administrator's reserve and nothing
 * else; the user's is taken from root's processes too. total_vm is that before the request.
 */
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
		return check_refuse(p, RULE_COMMIT_LIMIT, after, 0);
	most = (uint64_t)terms.allowed_bytes - m->host->page_bytes;
	if (after + slack <= most)
		return true;
	if (after > most + slack)
		return check_refuse(p, RULE_COMMIT_LIMIT, after, most);
	return check_unknown(p, RULE_COMMIT_LIMIT, after, most > slack ? most - slack : 0,
			     most + slack);
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
		return check_refuse(p, RULE_HEURISTIC_FREE, bytes, high - host->page_bytes);
	return check_unknown(p, RULE_HEURISTIC_FREE, bytes, low, high);
}

/* mm/util.c __vm_enough_memory() */
bool check_memory(const struct model *m, uint64_t bytes, struct prediction *p)
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
		return check_refuse(p, RULE_HEURISTIC, bytes, model_heuristic_limit(host));
	return true;
}
