/* SPDX-License-Identifier: MIT */
/* What one cell asks for: put together from its axes, and taken on by the process that runs it. */
#include "axes/axis.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#define THP_EXCEPT_ADVISED (1 << 1) /* PR_THP_DISABLE_EXCEPT_ADVISED: Linux 6.18 */

int params_resolve(const struct params *p, const struct host *host, struct conditions *c,
		   struct error *err)
{
	memset(c, 0, sizeof(*c));
	c->pool_as_it_is = p->pool_as_it_is;
	c->copied = p->copied;
	for (int i = 0; axes[i]; i++) {
		int r = axes[i]->resolve(p->value[i]->data, host, c, err);

		if (r)
			return error_prefix(err, r, "%s", axes[i]->name);
	}
	return 0;
}

const char *conditions_wanted(const struct conditions *c, const char *name)
{
	for (unsigned int i = 0; i < c->nr_wanted; i++)
		if (strcmp(c->wanted[i].name, name) == 0)
			return c->wanted[i].value;
	return NULL;
}

int conditions_want(struct conditions *c, const char *name, const char *value, struct error *err)
{
	const char *present = conditions_wanted(c, name);
	struct wanted *w;

	if (present && strcmp(present, value) == 0)
		return 0;
	if (present)
		return error_set(err, -EEXIST, "%s cannot be both %s and %s", name, present, value);
	if (c->nr_wanted == WANTED_MAX)
		return error_set(err, -ENOSPC, "more than %d settings in one cell", WANTED_MAX);
	w = &c->wanted[c->nr_wanted];
	if (strlen(name) >= sizeof(w->name) || strlen(value) >= sizeof(w->value))
		return error_set(err, -ENOSPC, "%s = %s is too long for a setting", name, value);
	snprintf(w->name, sizeof(w->name), "%s", name);
	snprintf(w->value, sizeof(w->value), "%s", value);
	c->nr_wanted++;
	return 0;
}

void conditions_unwant(struct conditions *c, const char *name)
{
	for (unsigned int i = 0; i < c->nr_wanted; i++) {
		if (strcmp(c->wanted[i].name, name) != 0)
			continue;
		c->nr_wanted--;
		memmove(&c->wanted[i], &c->wanted[i + 1],
			(c->nr_wanted - i) * sizeof(c->wanted[0]));
		return;
	}
}

unsigned int conditions_mappings(const struct conditions *c)
{
	return c->layout == LAYOUT_SHARED ? 1 : c->nr_workers;
}

uint64_t conditions_huge_pages(const struct conditions *c)
{
	unsigned int children = c->workers == WORKER_THREAD ? c->nr_workers : 1;
	uint64_t page = c->map.huge_page_bytes, copied = c->copied_bytes, each;

	if (!page)
		return 0;
	if (copied > c->map.length_bytes)
		copied = c->map.length_bytes;
	each = c->map.length_bytes / page + (c->map.length_bytes % page > 0);
	each += (copied / page + (copied % page > 0)) * children;
	/* Half of all numbers: who adds to it must not come out at little. */
	return __builtin_mul_overflow(each, conditions_mappings(c), &each) || each > UINT64_MAX / 2
		       ? UINT64_MAX / 2
		       : each;
}

static int enter_thp(const struct conditions *c, struct error *err)
{
	unsigned long flags = c->thp_process_advised ? THP_EXCEPT_ADVISED : 0;

	if (!c->thp_process_never && !c->thp_process_advised)
		return 0;
	if (prctl(PR_SET_THP_DISABLE, 1ul, flags, 0ul, 0ul))
		return error_set_errno(err, -errno, "prctl(PR_SET_THP_DISABLE)");
	return 0;
}

int conditions_enter(const struct conditions *c, struct error *err)
{
	static const struct {
		int resource;
		const char *name;
	} limits[LIMITS] = {
		[LIMIT_AS] = { RLIMIT_AS, "RLIMIT_AS" },
		[LIMIT_DATA] = { RLIMIT_DATA, "RLIMIT_DATA" },
		[LIMIT_MEMLOCK] = { RLIMIT_MEMLOCK, "RLIMIT_MEMLOCK" },
		[LIMIT_STACK] = { RLIMIT_STACK, "RLIMIT_STACK" },
	};
	int r = enter_thp(c, err);

	if (r)
		return r;
	for (int i = 0; i < LIMITS; i++) {
		struct rlimit limit;

		if (!c->limit_given[i])
			continue;
		if (getrlimit(limits[i].resource, &limit))
			return error_set_errno(err, -errno, "getrlimit(%s)", limits[i].name);
		limit.rlim_cur = c->limit_bytes[i];
		if (limit.rlim_max < limit.rlim_cur)
			limit.rlim_max = limit.rlim_cur;
		if (setrlimit(limits[i].resource, &limit))
			return error_set_errno(err, -errno, "setrlimit(%s)", limits[i].name);
	}
	return 0;
}
