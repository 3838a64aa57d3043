/* SPDX-License-Identifier: MIT */
#include "model/outcome.h"

#include "base/cleanup.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4 /* Linux 5.7 */
#endif

/* What is followed through the steps: each worker has the same mapping, so one stands for all. */
struct course {
	struct model model;
	const struct conditions *conditions;
	uint64_t nr_mappings;
	struct model_mapping mapping;
	bool mapped;
};

static bool wanted_number(const struct conditions *c, const char *name, uint64_t *ret)
{
	const char *text = conditions_wanted(c, name);

	if (text)
		*ret = strtoull(text, NULL, 10);
	return text != NULL;
}

static void wanted_pools(const struct conditions *c, struct host *host)
{
	for (unsigned int i = 0; i < host->nr_pools; i++) {
		struct host_pool *pool = &host->pools[i];
		char size[32], name[64];
		uint64_t pages;

		bytes_format_exact(pool->page_bytes, size, sizeof(size));
		snprintf(name, sizeof(name), "hugetlb.%s", size);
		if (wanted_number(c, name, &pages)) {
			uint64_t used = pool->total - pool->free;

			pool->total = pages > used ? pages : used;
			pool->free = pool->total - used;
		}
		snprintf(name, sizeof(name), "hugetlb.%s.overcommit", size);
		wanted_number(c, name, &pool->overcommit);
	}
}

static void limits_under(const struct conditions *c, struct host *host)
{
	uint64_t *const places[LIMITS] = {
		[LIMIT_AS] = &host->limit_as,
		[LIMIT_DATA] = &host->limit_data,
		[LIMIT_MEMLOCK] = &host->limit_memlock,
		[LIMIT_STACK] = &host->limit_stack,
	};

	for (unsigned int i = 0; i < LIMITS; i++) {
		if (c->limit_given[i])
			*places[i] = c->limit_bytes[i];
	}
}

void model_host_under(const struct host *host, const struct conditions *c, struct host *ret)
{
	uint64_t mode, ratio, kbytes;

	*ret = *host;
	if (wanted_number(c, "vm.overcommit_memory", &mode) && mode <= OVERCOMMIT_NEVER)
		ret->overcommit = (enum overcommit_mode)mode;
	/* Each of the two zeroes the other when it is written. */
	if (wanted_number(c, "vm.overcommit_ratio", &ratio)) {
		ret->overcommit_ratio = ratio;
		ret->overcommit_kbytes = 0;
	} else if (wanted_number(c, "vm.overcommit_kbytes", &kbytes)) {
		ret->overcommit_kbytes = kbytes;
		ret->overcommit_ratio = 0;
	}
	wanted_number(c, "vm.admin_reserve_kbytes", &ret->admin_reserve_kbytes);
	wanted_number(c, "vm.user_reserve_kbytes", &ret->user_reserve_kbytes);
	wanted_number(c, "vm.max_map_count", &ret->max_map_count);
	wanted_pools(c, ret);
	limits_under(c, ret);
	ret->commit_limit_bytes = model_commit_limit(ret);
}

/* The value of an operation's argument by its name, or otherwise. */
static uint64_t argument(const struct op_call *call, const char *name, uint64_t otherwise)
{
	for (unsigned int i = 0; call->op->args && call->op->args[i].name; i++) {
		if (strcmp(call->op->args[i].name, name) == 0)
			return call->args[i];
	}
	return otherwise;
}

static bool chosen(const struct op_call *call, const char *name, const char *word)
{
	for (unsigned int i = 0; call->op->args && call->op->args[i].name; i++) {
		const struct arg *arg = &call->op->args[i];

		if (strcmp(arg->name, name) == 0 && arg->type == ARG_CHOICE)
			return strcmp(arg->choices[call->args[i]], word) == 0;
	}
	return false;
}

/* One mapping for each worker; in processes of their own each asks by itself. */
static void step_map(struct course *c, const struct op_call *call, struct prediction *ret)
{
	struct map_request request = c->conditions->map;
	bool threads = c->conditions->workers == WORKER_THREAD;
	struct process_memory process = c->model.process;

	request.address = argument(call, "address", request.address);
	for (uint64_t i = 0; i < c->nr_mappings; i++) {
		if (!threads) {
			c->model.process = process;
		}
		model_map(&c->model, &request, ret);
		if (ret->verdict != VERDICT_GRANTED)
			return;
		model_apply(&c->model, ret);
		/* The others are placed elsewhere: their place is the runner's matter. */
		request.flags &= ~MAP_FIXED_NOREPLACE;
		request.address = 0;
	}
	c->mapping = ret->mapping;
	c->mapped = true;
}

static void step_touch(struct course *c, const struct op_call *call, struct prediction *ret)
{
	uint64_t bytes = argument(call, "amount", c->mapping.length_bytes);
	bool write = !chosen(call, "access", "read");
	struct model_mapping all = c->mapping;

	if (bytes > all.length_bytes)
		bytes = all.length_bytes;
	model_touch(&c->model, &all, bytes, write, ret);
	/* What all workers touch together must fit into memory too. */
	if (ret->verdict == VERDICT_GRANTED && c->nr_mappings > 1) {
		all.length_bytes *= c->nr_mappings;
		all.object_bytes *= c->nr_mappings;
		model_touch(&c->model, &all, bytes * c->nr_mappings, write, ret);
	}
	if (ret->verdict == VERDICT_GRANTED && write && (c->mapping.traits & MAPPED_ANONYMOUS))
		c->mapping.traits |= MAPPED_TOUCHED;
}

/* The choice of a call as an index into words, or −1. */
static int choice_of(const struct op_call *call, const char *name, const char *const *words)
{
	for (int i = 0; words[i]; i++) {
		if (chosen(call, name, words[i]))
			return i;
	}
	return -1;
}

/* The mappings of one process, one after the other. */
static void step_protect(struct course *c, const struct op_call *call, struct prediction *ret)
{
	static const char *const words[] = { "none", "read", "read-write", "read-exec", NULL };
	static const int protections[] = { PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE,
					   PROT_READ | PROT_EXEC };
	int to = choice_of(call, "to", words);

	if (to < 0)
		BUG("protect knows more protections than the model");
	for (uint64_t i = 0; i < c->nr_mappings; i++) {
		model_protect(&c->model, &c->mapping, c->mapping.length_bytes, 0, protections[to],
			      ret);
		if (ret->verdict != VERDICT_GRANTED)
			return;
		model_apply(&c->model, ret);
	}
	c->mapping = ret->mapping;
}

/* What lies behind the mapping is not known: growing in place may be refused for that alone. */
static void step_remap(struct course *c, const struct op_call *call, struct prediction *ret)
{
	static const char *const words[] = { "may-move", "in-place", "move", "dontunmap", NULL };
	static const int flags[] = { MREMAP_MAYMOVE, 0, MREMAP_MAYMOVE | MREMAP_FIXED,
				     MREMAP_MAYMOVE | MREMAP_DONTUNMAP };
	int how = choice_of(call, "how", words);
	struct remap_request request = {
		.old_bytes = c->mapping.length_bytes,
		.new_bytes = argument(call, "to", c->mapping.length_bytes),
		.to_end = true,
	};

	if (how < 0)
		BUG("remap knows more ways than the model");
	request.flags = flags[how];
	for (uint64_t i = 0; i < c->nr_mappings; i++) {
		model_remap(&c->model, &c->mapping, &request, ret);
		if (ret->rule == RULE_REMAP_IN_PLACE)
			ret->verdict = VERDICT_INDETERMINATE;
		if (ret->verdict != VERDICT_GRANTED)
			return;
		model_apply(&c->model, ret);
	}
	c->mapping = ret->mapping;
}

static void step_unmap(struct course *c, struct prediction *ret)
{
	for (uint64_t i = 0; i < c->nr_mappings; i++) {
		model_unmap(&c->model, &c->mapping, c->mapping.length_bytes, 0, true, ret);
		model_apply(&c->model, ret);
	}
	c->mapped = false;
}

static void step_fork(struct course *c, struct prediction *ret)
{
	struct model with = c->model;

	with.process.accounts_known = true;
	model_fork(&with, ret);
}

/* false: an operation that the rules know nothing of. */
static bool take_step(struct course *c, const struct op_call *call, struct prediction *ret)
{
	const char *name = call->op->name;

	if (strcmp(name, "map") == 0)
		step_map(c, call, ret);
	else if (!c->mapped)
		return false;
	else if (strcmp(name, "touch") == 0)
		step_touch(c, call, ret);
	else if (strcmp(name, "unmap") == 0)
		step_unmap(c, ret);
	else if (strcmp(name, "protect") == 0)
		step_protect(c, call, ret);
	else if (strcmp(name, "remap") == 0)
		step_remap(c, call, ret);
	else if (strcmp(name, "fork") == 0)
		step_fork(c, ret);
	else
		return false;
	return true;
}

static void name_outcome(struct outlook *o)
{
	const struct rule *rule = rule_get(o->rule);

	switch (o->verdict) {
	case VERDICT_GRANTED:
		snprintf(o->outcome, sizeof(o->outcome), "ok");
		break;
	case VERDICT_REFUSED:
		snprintf(o->outcome, sizeof(o->outcome), "%s", errno_name(o->prediction.error));
		break;
	case VERDICT_DEFERRED:
		snprintf(o->outcome, sizeof(o->outcome), "%s",
			 rule->signal == SIGKILL ? "oom-killed" : signal_name(rule->signal));
		break;
	case VERDICT_INDETERMINATE:
		o->outcome[0] = '\0';
		break;
	}
}

void model_outcome_under(const struct host *under, const struct process_memory *process,
			 const struct conditions *c, const struct op_call *calls,
			 const bool *active, unsigned int nr_calls, struct outlook *ret,
			 struct model *ret_before)
{
	struct course course = { .conditions = c, .nr_mappings = conditions_mappings(c) };

	memset(ret, 0, sizeof(*ret));
	ret->step = -1;
	model_init(&course.model, under, process);
	if (ret_before)
		*ret_before = course.model;
	for (unsigned int i = 0; i < nr_calls; i++) {
		struct model before = course.model;
		bool maps = strcmp(calls[i].op->name, "map") == 0;
		struct prediction p;

		if ((active && !active[i]) || !take_step(&course, &calls[i], &p))
			continue;
		if (ret_before && (maps || p.verdict != VERDICT_GRANTED))
			*ret_before = before;
		if (maps)
			ret->prediction = p;
		if (p.verdict == VERDICT_GRANTED)
			continue;
		ret->prediction = p;
		ret->verdict = p.verdict;
		ret->rule = p.rule;
		ret->step = (int)i;
		break;
	}
	name_outcome(ret);
}

void model_outcome(const struct host *host, const struct process_memory *process,
		   const struct conditions *c, const struct op_call *calls, const bool *active,
		   unsigned int nr_calls, struct outlook *ret)
{
	struct host under;

	model_host_under(host, c, &under);
	model_outcome_under(&under, process, c, calls, active, nr_calls, ret, NULL);
}
