/* SPDX-License-Identifier: MIT */
/* Axis `placement`: which CPU each worker is bound to. The order is made by sys/topology. */
#include "axes/rows.h"
#include "axes/words.h"

#include <stdio.h>

static const char *const names[] = {
	[PLACEMENT_NONE] = "none", [PLACEMENT_COMPACT] = "compact", [PLACEMENT_SCATTER] = "scatter",
	[PLACEMENT_CORE] = "core", [PLACEMENT_NODE] = "node",       NULL
};

struct value {
	enum placement placement;
};

static int parse(const struct field *fields, size_t n, void *value, size_t *ret_bad,
		 struct error *err)
{
	struct value *v = value;
	int r = word_index(fields[0].text, "placement", names, err);

	(void)n;
	*ret_bad = 0;
	if (r < 0)
		return r;
	v->placement = (enum placement)r;
	return 0;
}

static void format(const void *value, char *ret, size_t length)
{
	const struct value *v = value;

	snprintf(ret, length, "%s", names[v->placement]);
}

static int resolve(const void *value, const struct host *host, struct conditions *c,
		   struct error *err)
{
	const struct value *v = value;

	(void)host;
	(void)err;
	c->placement = v->placement;
	return 0;
}

const struct axis axis_placement = {
	.name = "placement",
	.help = "which CPU each worker is bound to",
	.forms = "none: the scheduler decides\n"
		 "compact: fill a core, then the next core of the same package\n"
		 "scatter: spread over packages, then cores, then threads of a core\n"
		 "core: one worker a physical core\n"
		 "node: each worker on all CPUs of one NUMA node, in turn",
	.words = names,
	.initial = "none",
	.value_bytes = sizeof(struct value),
	.parse = parse,
	.format = format,
	.resolve = resolve,
};
