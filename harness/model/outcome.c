/* SPDX-License-Identifier: MIT */
#include "model/outcome.h"

#include "model/course.h"

#include "base/cleanup.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

		if ((active && !active[i]) || !course_step(&course, &calls[i], &p))
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
