/* SPDX-License-Identifier: MIT */
/* Axis `layout`: one mapping for all workers, or one each. */
#include "axes/rows.h"
#include "axes/words.h"

#include <errno.h>
#include <stdio.h>

static const char *const names[] = {
	[LAYOUT_PER_WORKER] = "per-worker",
	[LAYOUT_ADJACENT] = "adjacent",
	[LAYOUT_SHARED] = "shared",
	NULL,
};

struct value {
	enum layout layout;
};

static int parse(const struct field *fields, size_t n, void *value, size_t *ret_bad,
		 struct error *err)
{
	struct value *v = value;
	int r = word_index(fields[0].text, "layout", names, err);

	(void)n;
	*ret_bad = 0;
	if (r < 0)
		return r;
	v->layout = (enum layout)r;
	return 0;
}

static void format(const void *value, char *ret, size_t length)
{
	const struct value *v = value;

	snprintf(ret, length, "%s", names[v->layout]);
}

/* A skip, not an error: a matrix of flags and workers has such cells without anyone's mistake. */
static int resolve(const void *value, const struct host *host, struct conditions *c,
		   struct error *err)
{
	const struct value *v = value;

	(void)host;
	c->layout = v->layout;
	if (v->layout == LAYOUT_SHARED && c->workers == WORKER_PROCESS &&
	    !(c->map.flags & MAP_SHARED))
		return error_set(err, -ENOTSUP,
				 "processes cannot share a private mapping: use flags shared, or "
				 "workers threads");
	return 0;
}

const struct axis axis_layout = {
	.name = "layout",
	.help = "one mapping for all workers, or one each",
	.forms = "per-worker: every worker maps `size` for itself, with a gap between them\n"
		 "adjacent: the same, where the kernel puts it: neighbours may be merged\n"
		 "shared: one mapping of `size`, each worker works on its slice",
	.words = names,
	.initial = "per-worker",
	.of_mapping = true,
	.value_bytes = sizeof(struct value),
	.parse = parse,
	.format = format,
	.resolve = resolve,
};
