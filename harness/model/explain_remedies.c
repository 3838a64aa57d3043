/* SPDX-License-Identifier: MIT */
/* What would help: each change is tried on the model before it is said. */
#include "model/ceiling.h"
#include "model/explain.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct remedies {
	const struct model *model;
	const struct map_request *request;
	struct remedy *list;
	unsigned int n;
};

/* Keep a remedy only if the model grants the request with it. */
static void try_remedy(struct remedies *r, const struct host *host,
		       const struct map_request *request, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

static void try_remedy(struct remedies *r, const struct host *host,
		       const struct map_request *request, const char *format, ...)
{
	struct model m = *r->model;
	struct remedy *remedy;
	va_list arguments;

	if (r->n == REMEDIES_MAX)
		return;
	remedy = &r->list[r->n];
	m.host = host;
	model_map(&m, request, &remedy->then);
	if (remedy->then.verdict != VERDICT_GRANTED)
		return;
	va_start(arguments, format);
	vsnprintf(remedy->text, sizeof(remedy->text), format, arguments);
	va_end(arguments);
	r->n++;
}

static void try_smaller(struct remedies *r)
{
	struct map_request smaller = *r->request;
	struct ceiling ceiling;
	char exact[40], size[40];

	model_ceiling(r->model, r->request, &ceiling);
	if (!ceiling.low_bytes || ceiling.low_bytes >= r->request->length_bytes)
		return;
	smaller.length_bytes = ceiling.low_bytes;
	try_remedy(r, r->model->host, &smaller, "ask for no more than %s (%s)",
		   bytes_format_exact(ceiling.low_bytes, exact, sizeof(exact)),
		   bytes_format(ceiling.low_bytes, size, sizeof(size)));
}

static void try_request(struct remedies *r)
{
	struct map_request changed = *r->request;

	changed.flags |= MAP_NORESERVE;
	if (!(r->request->flags & MAP_NORESERVE))
		try_remedy(r, r->model->host, &changed, "add noreserve (MAP_NORESERVE)");
	changed = *r->request;
	changed.protection &= ~PROT_WRITE;
	if (r->request->protection & PROT_WRITE)
		try_remedy(r, r->model->host, &changed,
			   "map it without write access; making parts of it writable later "
			   "charges those");
	changed = *r->request;
	changed.flags &= ~MAP_LOCKED;
	if (r->request->flags & MAP_LOCKED)
		try_remedy(r, r->model->host, &changed, "leave out locked (MAP_LOCKED)");
	changed = *r->request;
	changed.flags &= ~(MAP_FIXED_NOREPLACE | MAP_FIXED);
	changed.address = 0;
	if (r->request->flags & MAP_FIXED_NOREPLACE)
		try_remedy(r, r->model->host, &changed, "let the kernel choose the address");
}

/* The least overcommit_ratio with which it fits, where one up to 1000 % does. */
static void try_ratio(struct remedies *r)
{
	struct host host = *r->model->host;
	struct model m = *r->model;
	struct prediction p;
	uint64_t low = 0, high = 1000;

	m.host = &host;
	host.overcommit_kbytes = 0;
	while (low < high) {
		host.overcommit_ratio = low + (high - low) / 2;
		model_map(&m, r->request, &p);
		if (p.verdict == VERDICT_GRANTED)
			high = host.overcommit_ratio;
		else
			low = host.overcommit_ratio + 1;
	}
	host.overcommit_ratio = high;
	try_remedy(r, &host, r->request, "vm.overcommit_ratio=%" PRIu64, high);
}

/* The least swap more, in whole GiB, with which it fits. */
static void try_swap(struct remedies *r)
{
	const uint64_t gib = 1ull << 30;
	struct host host = *r->model->host;
	struct model m = *r->model;
	struct prediction p;
	uint64_t low = 0, high = 64 * 1024;

	m.host = &host;
	while (low < high) {
		uint64_t middle = low + (high - low) / 2;

		host.swap_bytes = r->model->host->swap_bytes + middle * gib;
		host.swap_free_bytes = r->model->host->swap_free_bytes + middle * gib;
		model_map(&m, r->request, &p);
		if (p.verdict == VERDICT_GRANTED)
			high = middle;
		else
			low = middle + 1;
	}
	host.swap_bytes = r->model->host->swap_bytes + high * gib;
	host.swap_free_bytes = r->model->host->swap_free_bytes + high * gib;
	try_remedy(r, &host, r->request, "%" PRIu64 " GiB more swap", high);
}

static void try_settings(struct remedies *r, const struct prediction *p)
{
	struct host host = *r->model->host;

	host.overcommit = OVERCOMMIT_ALWAYS;
	if (r->model->host->overcommit != OVERCOMMIT_ALWAYS)
		try_remedy(r, &host, r->request, "vm.overcommit_memory=1 (always)");
	host.overcommit = OVERCOMMIT_HEURISTIC;
	if (r->model->host->overcommit == OVERCOMMIT_NEVER)
		try_remedy(r, &host, r->request, "vm.overcommit_memory=0 (heuristic)");
	if (p->rule == RULE_COMMIT_LIMIT)
		try_ratio(r);
	if (p->rule == RULE_COMMIT_LIMIT || p->rule == RULE_HEURISTIC)
		try_swap(r);
}

static void try_limits(struct remedies *r)
{
	const struct host *now = r->model->host;
	struct host host = *now;

	host.limit_as = HOST_UNLIMITED;
	if (now->limit_as != HOST_UNLIMITED)
		try_remedy(r, &host, r->request, "raise RLIMIT_AS (ulimit -v)");
	host = *now;
	host.limit_data = HOST_UNLIMITED;
	if (now->limit_data != HOST_UNLIMITED)
		try_remedy(r, &host, r->request, "raise RLIMIT_DATA (ulimit -d)");
	host = *now;
	host.limit_memlock = HOST_UNLIMITED;
	if (now->limit_memlock != HOST_UNLIMITED)
		try_remedy(r, &host, r->request, "raise RLIMIT_MEMLOCK (ulimit -l)");
	host = *now;
	host.max_map_count = r->model->process.nr_maps + 1;
	if (now->max_map_count < host.max_map_count)
		try_remedy(r, &host, r->request, "vm.max_map_count=%" PRIu64, host.max_map_count);
}

static void try_pool(struct remedies *r, const struct prediction *p)
{
	struct host host = *r->model->host;

	for (unsigned int i = 0; i < host.nr_pools; i++) {
		struct host_pool *h = &host.pools[i];
		uint64_t need, used = h->total - h->free, after;
		char size[40];

		if (!h->page_bytes ||
		    h->page_bytes != (r->request->huge_page_bytes ? r->request->huge_page_bytes
								  : host.hugetlb_default_bytes))
			continue;
		need = (p->asked_bytes + h->page_bytes - 1) / h->page_bytes;
		after = need + r->model->pool_reserved_pages[i] + used;
		if (after > h->total && after - h->total > host.available_bytes / h->page_bytes)
			continue; /* no memory to make it of */
		h->total = after;
		h->free = after - used;
		try_remedy(r, &host, r->request,
			   "hugetlb.%s=%" PRIu64 " (the pool's nr_hugepages; a run enlarges it by "
			   "itself)",
			   bytes_format_exact(h->page_bytes, size, sizeof(size)), after);
	}
}

unsigned int prediction_remedies(const struct model *m, const struct map_request *request,
				 const struct prediction *p, struct remedy ret[REMEDIES_MAX])
{
	struct remedies r = { .model = m, .request = request, .list = ret };

	if (p->verdict == VERDICT_GRANTED)
		return 0;
	try_smaller(&r);
	try_request(&r);
	try_limits(&r);
	if (p->rule == RULE_HUGE_PAGE_POOL)
		try_pool(&r, p);
	try_settings(&r, p);
	return r.n;
}

/* The remedies that a reader can take up at once: neither less memory nor none that is written. */
static bool is_telling(const struct remedy *remedy)
{
	return strncmp(remedy->text, "ask for", 7) != 0 && strncmp(remedy->text, "map it", 6) != 0;
}

char *remedies_sentence(const struct remedy *remedies, unsigned int n, char *ret, size_t length)
{
	const struct remedy *chosen[2] = { NULL, NULL };
	unsigned int found = 0;

	for (unsigned int i = 0; i < n && found < 2; i++) {
		if (is_telling(&remedies[i]))
			chosen[found++] = &remedies[i];
	}
	if (!found && n)
		chosen[found++] = &remedies[0];
	snprintf(ret, length, "%s%s%s%s", found ? chosen[0]->text : "", found > 1 ? ", or " : "",
		 found > 1 ? chosen[1]->text : "", found ? "." : "");
	if (found && strncmp(ret, "vm.", 3) != 0 && ret[0] >= 'a' && ret[0] <= 'z')
		ret[0] = (char)(ret[0] - 'a' + 'A');
	return ret;
}
