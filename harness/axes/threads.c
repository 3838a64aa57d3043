/* SPDX-License-Identifier: MIT */
/* Axis `threads`: how many workers, whether they are threads or processes. */
#include "axes/rows.h"
#include "axes/words.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

struct value {
	enum { COUNT, CORES, ALL } kind;
	uint64_t count; /* COUNT */
};

static const char *const names[] = { "cores", "all", NULL };

static const struct arg count_row = {
	.name = "threads", .type = ARG_COUNT, .minimum = 1, .maximum = WORKERS_MAX
};

static int parse(const struct field *fields, size_t n, void *value, size_t *ret_bad,
		 struct error *err)
{
	struct value *v = value;
	struct arg_value parsed;
	int r;

	(void)n;
	*ret_bad = 0;
	if (isalpha((unsigned char)fields[0].text[0])) {
		r = word_index(fields[0].text, "number of threads", names, err);
		if (r < 0)
			return r;
		v->kind = r == 0 ? CORES : ALL;
		return 0;
	}
	if (arg_parse(&count_row, fields[0].text, &parsed, err))
		return -EINVAL;
	v->count = parsed.count;
	return 0;
}

static void format(const void *value, char *ret, size_t length)
{
	const struct value *v = value;

	if (v->kind == COUNT)
		snprintf(ret, length, "%" PRIu64, v->count);
	else
		snprintf(ret, length, "%s", names[v->kind - CORES]);
}

static unsigned int number(const struct value *v, const struct host *host)
{
	switch (v->kind) {
	case CORES:
		return host->nr_cores;
	case ALL:
		return host->nr_cpus_allowed;
	default:
		return (unsigned int)v->count;
	}
}

/* At least one, whatever the host could not tell. */
static int resolve(const void *value, const struct host *host, struct conditions *c,
		   struct error *err)
{
	unsigned int n = number(value, host);

	(void)err;
	n = n ? n : 1;
	c->nr_workers = n < WORKERS_MAX ? n : WORKERS_MAX;
	return 0;
}

const struct axis axis_threads = {
	.name = "threads",
	.help = "number of workers",
	.forms = "1 to 1024\n"
		 "cores: one a physical core\n"
		 "all: one a CPU that this process may use",
	.initial = "1",
	.value_bytes = sizeof(struct value),
	.parse = parse,
	.format = format,
	.resolve = resolve,
};
