/* SPDX-License-Identifier: MIT */
#include "model/explain.h"

#include "model/ceiling.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

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

char *request_describe(const struct map_request *request, char *ret, size_t length)
{
	static const char *const backings[] = { "anonymous", "memfd", "file", "tmpfs", "hugetlb" };
	int type = request->flags & MAP_TYPE, p = request->protection;
	const char *access = p == PROT_NONE   ? "inaccessible"
			     : p & PROT_WRITE ? "writable"
			     : p & PROT_READ  ? "read-only"
					      : "execute-only";

	snprintf(ret, length, "%s %s %s%s%s%s",
		 type == MAP_PRIVATE     ? "private"
		 : type == MAP_DROPPABLE ? "droppable"
					 : "shared",
		 request->flags & MAP_HUGETLB ? "hugetlb" : backings[request->backing], access,
		 request->flags & MAP_NORESERVE ? ", noreserve" : "",
		 request->flags & MAP_LOCKED ? ", locked" : "",
		 request->flags & MAP_POPULATE ? ", populated" : "");
	return ret;
}

char *rule_versions(const struct rule *rule, char *ret, size_t length)
{
	if (rule->since)
		snprintf(ret, length, "Linux %u.%u and later", rule->since >> 16,
			 rule->since >> 8 & 0xff);
	else if (rule->until)
		snprintf(ret, length, "up to Linux %u.%u", rule->until >> 16,
			 rule->until >> 8 & 0xff);
	else
		snprintf(ret, length, "every Linux since 4.19");
	return ret;
}

/* The sizes, and the digits where the sizes read alike. */
static void format_pair(uint64_t a, uint64_t b, char *ret_a, char *ret_b, size_t length)
{
	bytes_format(a, ret_a, length);
	bytes_format(b, ret_b, length);
	if (strcmp(ret_a, ret_b) == 0 && a != b) {
		snprintf(ret_a, length, "%" PRIu64 " B", a);
		snprintf(ret_b, length, "%" PRIu64 " B", b);
	}
}

/* The figures that belong to the rule's sentence: " (60 GiB, at most 23.5 GiB)". */
static void figures(const struct prediction *p, char *ret, size_t length)
{
	char asked[40], limit[40];

	ret[0] = '\0';
	if (p->rule == RULE_MAP_COUNT)
		snprintf(ret, length, " (%" PRIu64 ")", p->limit_bytes);
	if (!p->limit_bytes || p->rule == RULE_MAP_COUNT || p->rule == RULE_ADDRESS_TAKEN)
		return;
	if (p->verdict == VERDICT_INDETERMINATE) {
		uint64_t low = p->limit_bytes > p->band_bytes ? p->limit_bytes - p->band_bytes : 0;

		format_pair(low, p->limit_bytes + p->band_bytes, asked, limit, sizeof(asked));
		snprintf(ret, length, " (open between %s and %s)", asked, limit);
		return;
	}
	format_pair(p->asked_bytes, p->limit_bytes, asked, limit, sizeof(asked));
	snprintf(ret, length, " (%s, at most %s)", asked, limit);
}

char *prediction_sentence(const struct model *m, const struct map_request *request,
			  const struct prediction *p, char *ret, size_t length)
{
	const struct rule *rule = rule_get(p->rule);
	char size[40], words[96], more[128];

	(void)m;
	bytes_format(request->length_bytes, size, sizeof(size));
	request_describe(request, words, sizeof(words));
	figures(p, more, sizeof(more));
	switch (p->verdict) {
	case VERDICT_GRANTED:
		snprintf(ret, length, "mmap of %s, %s, is granted: %s", size, words, rule->text);
		break;
	case VERDICT_REFUSED:
		snprintf(ret, length, "mmap of %s, %s, is refused with %s: %s%s", size, words,
			 errno_name(p->error), rule->text, more);
		break;
	case VERDICT_DEFERRED:
		snprintf(ret, length, "mmap of %s, %s, is granted, but %s%s", size, words,
			 rule->text, more);
		break;
	case VERDICT_INDETERMINATE:
		snprintf(ret, length, "mmap of %s, %s, may be granted or refused: %s%s", size,
			 words, rule->text, more);
		break;
	}
	return ret;
}

/* What an operation does to memory, with the noun that follows. */
static const char *deed(const char *op)
{
	static const struct {
		const char *op, *words;
	} deeds[] = {
		{ "map", "mmap of" },       { "protect", "mprotect of" }, { "remap", "mremap of" },
		{ "lock", "mlock of" },     { "fork", "fork with" },      { "unmap", "munmap of" },
		{ "touch", "touching" },    { "fill", "filling" },        { "verify", "reading" },
		{ "advise", "madvise of" }, { "brk", "brk beside" },      { NULL, NULL },
	};

	for (size_t i = 0; deeds[i].op; i++) {
		if (strcmp(deeds[i].op, op) == 0)
			return deeds[i].words;
	}
	return NULL;
}

char *happening_sentence(const struct map_request *request, const struct prediction *p,
			 const char *op, const char *outcome, char *ret, size_t length)
{
	const char *does = deed(op), *how = "was refused with";
	char size[40], words[96], more[128], limit[40];

	bytes_format(request->length_bytes, size, sizeof(size));
	request_describe(request, words, sizeof(words));
	figures(p, more, sizeof(more));
	/* Said once: what was asked for is the mapping's own size. */
	if (p->asked_bytes == request->length_bytes && p->limit_bytes &&
	    bytes_format(p->limit_bytes, limit, sizeof(limit)) && strcmp(limit, size) != 0 &&
	    p->verdict == VERDICT_REFUSED)
		snprintf(more, sizeof(more), " (%s)", limit);
	if (strncmp(outcome, "SIG", 3) == 0)
		how = "ended in";
	else if (strcmp(outcome, "oom-killed") == 0)
		how = "ended as";
	snprintf(ret, length, "%s%s %s %s %s %s: %s%s.", does ? "" : op, does ? does : " of", size,
		 words, how, outcome, rule_get(p->rule)->text, more);
	return ret;
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

/* ---- The arithmetic ---- */

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

/* ---- What would help ---- */

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
