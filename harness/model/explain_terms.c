/* SPDX-License-Identifier: MIT */
/* The arithmetic: the comparison that decided, summed up line by line. */
#include "model/explain.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

struct sum {
	struct term *terms;
	unsigned int n;
};

static void add_term(struct sum *s, char sign, uint64_t value, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

static void add_term(struct sum *s, char sign, uint64_t value, const char *format, ...)
{
	struct term *t;
	va_list arguments;

	if (s->n == TERMS_MAX)
		return;
	t = &s->terms[s->n++];
	*t = (struct term){ .sign = sign, .value = value };
	va_start(arguments, format);
	vsnprintf(t->label, sizeof(t->label), format, arguments);
	va_end(arguments);
}

static void heuristic_terms(const struct model *m, const struct prediction *p, struct sum *s)
{
	const struct host *host = m->host;

	add_term(s, ' ', host->ram_bytes, "RAM");
	add_term(s, '+', host->swap_bytes, "swap");
	add_term(s, '=', model_heuristic_limit(host), "most that one request may ask for");
	add_term(s, '?', p->asked_bytes, "this request");
}

static void free_memory_terms(const struct model *m, const struct prediction *p, struct sum *s)
{
	add_term(s, ' ', m->host->available_bytes, "available (free, and caches that can go)");
	add_term(s, '+', m->host->swap_free_bytes, "free swap");
	add_term(s, '=', m->host->available_bytes + m->host->swap_free_bytes, "surely granted");
	add_term(s, '=', m->host->ram_bytes + m->host->swap_free_bytes, "surely refused from");
	add_term(s, '?', p->asked_bytes, "this request");
}

static void commit_terms(const struct model *m, const struct map_request *request,
			 const struct prediction *p, struct sum *s)
{
	struct commit_terms t;
	uint64_t request_bytes = p->asked_bytes - m->committed_bytes;

	(void)request;
	model_commit_terms(m, &t);
	if (t.by_kbytes)
		add_term(s, ' ', t.base_bytes, "vm.overcommit_kbytes");
	else if (t.hugetlb_bytes)
		add_term(s, ' ', t.base_bytes, "%" PRIu64 " %% of RAM without hugetlb pages",
			 m->host->overcommit_ratio);
	else
		add_term(s, ' ', t.base_bytes, "%" PRIu64 " %% of RAM (vm.overcommit_ratio)",
			 m->host->overcommit_ratio);
	add_term(s, '+', t.swap_bytes, "swap");
	add_term(s, '=', t.limit_bytes, "CommitLimit");
	if (t.admin_bytes)
		add_term(s, '-', t.admin_bytes, "vm.admin_reserve_kbytes (no CAP_SYS_ADMIN)");
	add_term(s, '-', t.user_bytes,
		 "least of vm.user_reserve_kbytes and 1/32 of what is mapped");
	add_term(s, '=', t.allowed_bytes > 0 ? (uint64_t)t.allowed_bytes : 0,
		 "Committed_AS must stay below");
	add_term(s, ' ', m->committed_bytes, "Committed_AS now");
	add_term(s, '+', request_bytes, "this request");
	add_term(s, '?', p->asked_bytes, "Committed_AS then");
	if (model_slack(m, request_bytes))
		add_term(s, '~', model_slack(m, request_bytes),
			 "how far the kernel's per-CPU counter may be off");
}

static void used_terms(uint64_t used, const char *what, const struct prediction *p,
		       const char *limit, struct sum *s)
{
	add_term(s, ' ', used, "%s", what);
	add_term(s, '+', p->asked_bytes - used, "this request");
	add_term(s, '?', p->asked_bytes, "then");
	add_term(s, '=', p->limit_bytes, "%s", limit);
}

static void pool_terms(const struct model *m, const struct map_request *request,
		       const struct prediction *p, struct sum *s)
{
	const struct host *host = m->host;

	for (unsigned int i = 0; i < host->nr_pools; i++) {
		const struct host_pool *h = &host->pools[i];
		uint64_t more = h->overcommit > h->surplus ? h->overcommit - h->surplus : 0;

		if (h->page_bytes != (request->huge_page_bytes ? request->huge_page_bytes
							       : host->hugetlb_default_bytes))
			continue;
		add_term(s, ' ', h->free * h->page_bytes, "free in the pool");
		add_term(s, '-', m->pool_reserved_pages[i] * h->page_bytes,
			 "reserved by mappings that have not touched theirs");
		add_term(s, '+', more * h->page_bytes, "surplus pages still permitted");
		add_term(s, '?', p->asked_bytes, "this request");
	}
}

unsigned int prediction_terms(const struct model *m, const struct map_request *request,
			      const struct prediction *p, struct term ret[TERMS_MAX])
{
	struct sum s = { .terms = ret };
	const struct process_memory *process = &m->process;

	switch (p->rule) {
	case RULE_HEURISTIC:
		heuristic_terms(m, p, &s);
		break;
	case RULE_HEURISTIC_FREE:
		free_memory_terms(m, p, &s);
		break;
	case RULE_COMMIT_LIMIT:
	case RULE_OBJECT_PAGES:
		commit_terms(m, request, p, &s);
		break;
	case RULE_LIMIT_AS:
		used_terms(process->total_vm_bytes, "mapped by the process", p, "RLIMIT_AS", &s);
		break;
	case RULE_LIMIT_DATA:
		used_terms(process->data_vm_bytes, "private and writable in the process", p,
			   "RLIMIT_DATA", &s);
		break;
	case RULE_LIMIT_MEMLOCK:
		used_terms(process->locked_vm_bytes, "locked by the process", p, "RLIMIT_MEMLOCK",
			   &s);
		break;
	case RULE_ADDRESS_SPACE:
		add_term(&s, ' ', p->limit_bytes, "largest hole that the request can use");
		add_term(&s, '?', p->asked_bytes, "this request");
		break;
	case RULE_HUGE_PAGE_POOL:
	case RULE_HUGE_PAGE_FAULT:
		pool_terms(m, request, p, &s);
		break;
	default:
		break;
	}
	return s.n;
}
