/* SPDX-License-Identifier: MIT */
/* munmap() of the whole mapping. */
#include "ops/op.h"

static const struct metric unmap_metrics[] = {
	{ "time", "ns", BETTER_LOWER, METRIC_TIME, .help = "one munmap()" },
	{ NULL },
};

static int unmap_step(struct worker *w, const struct op_call *call)
{
	(void)call;
	return mapping_unmap(w->mapping);
}

static int unmap_after(struct worker *w, const struct op_call *call)
{
	(void)call;
	mapping_close(w->mapping);
	return 0;
}

static bool unmap_plain(const struct op_call *call, const struct conditions *c)
{
	(void)call;
	return !mapping_has_object(&c->map);
}

const struct op op_unmap = {
	.name = "unmap",
	.help = "munmap() the range",
	.metrics = unmap_metrics,
	.traits = OP_UNMAPS | OP_NEEDS_MAPPING | OP_ONCE,
	.plain = unmap_plain,
	.step = unmap_step,
	.after = unmap_after,
};
