/* SPDX-License-Identifier: MIT */
/* Axis `workers`: threads share one address space and its lock, processes do not. */
#include "axes/rows.h"
#include "axes/words.h"

#include <stdio.h>

static const char *const names[] = {
	[WORKER_THREAD] = "threads", [WORKER_PROCESS] = "processes", NULL
};

struct value {
	enum worker_kind kind;
};

static int parse(const struct field *fields, size_t n, void *value, size_t *ret_bad,
		 struct error *err)
{
	struct value *v = value;
	int r = word_index(fields[0].text, "kind of worker", names, err);

	(void)n;
	*ret_bad = 0;
	if (r < 0)
		return r;
	v->kind = (enum worker_kind)r;
	return 0;
}

static void format(const void *value, char *ret, size_t length)
{
	const struct value *v = value;

	snprintf(ret, length, "%s", names[v->kind]);
}

static int resolve(const void *value, const struct host *host, struct conditions *c,
		   struct error *err)
{
	const struct value *v = value;

	(void)host;
	(void)err;
	c->workers = v->kind;
	return 0;
}

const struct axis axis_workers = {
	.name = "workers",
	.help = "whether workers are threads of one process or processes",
	.forms = "threads, processes",
	.words = names,
	.initial = "threads",
	.value_bytes = sizeof(struct value),
	.parse = parse,
	.format = format,
	.resolve = resolve,
};
