/* SPDX-License-Identifier: MIT */
/* Axis `limits`: resource limits that a repetition sets for itself before it maps. */
#include "axes/rows.h"
#include "axes/words.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct value {
	bool given[LIMITS];
	struct size size[LIMITS];
};

/* In the order of enum limit. */
static const struct arg field_rows[] = {
	{ .name = "as",
	  .type = ARG_SIZE,
	  .initial = "",
	  .help = "RLIMIT_AS: address space, everything that is mapped" },
	{ .name = "data",
	  .type = ARG_SIZE,
	  .initial = "",
	  .help = "RLIMIT_DATA: private writable memory" },
	{ .name = "memlock",
	  .type = ARG_SIZE,
	  .initial = "",
	  .help = "RLIMIT_MEMLOCK: locked memory; no limit for CAP_IPC_LOCK" },
	{ .name = "stack", .type = ARG_SIZE, .initial = "", .help = "RLIMIT_STACK" },
	{ 0 },
};

static int parse(const struct field *fields, size_t n, void *value, size_t *ret_bad,
		 struct error *err)
{
	struct value *v = value;

	*ret_bad = 0;
	if (!fields[0].key && strcmp(fields[0].text, "none") != 0)
		return error_set(err, -EINVAL, "limits \"%s\": write none, or {as: 4GiB}",
				 fields[0].text);
	for (size_t i = 0; fields[0].key && i < n; i++) {
		ptrdiff_t row = arg_find(field_rows, fields[i].key) - field_rows;
		int r = size_parse(fields[i].text, &v->size[row], err);

		*ret_bad = i;
		if (!r && v->size[row].base == SIZE_MAPPING)
			r = error_set(err, -EINVAL, "a limit is no share of a mapping: try ram");
		if (r)
			return -EINVAL;
		v->given[row] = true;
	}
	return 0;
}

static void format(const void *value, char *ret, size_t length)
{
	const struct value *v = value;
	char size[96];
	size_t used = 0;

	snprintf(ret, length, "none");
	for (int i = 0; i < LIMITS && used < length; i++)
		if (v->given[i])
			used += (size_t)snprintf(ret + used, length - used, "%s%s %s",
						 used ? ", " : "", field_rows[i].name,
						 size_format(&v->size[i], size, sizeof(size)));
}

static uint64_t present_limit(const struct host *host, int limit)
{
	switch (limit) {
	case LIMIT_AS:
		return host->limit_as;
	case LIMIT_DATA:
		return host->limit_data;
	case LIMIT_MEMLOCK:
		return host->limit_memlock;
	default:
		return host->limit_stack;
	}
}

static int resolve_one(const struct value *v, int limit, const struct host *host,
		       const struct size_bases *bases, struct conditions *c, struct error *err)
{
	uint64_t bytes, present = present_limit(host, limit);
	char text[32];
	int r = size_resolve(&v->size[limit], bases, &bytes, err);

	if (r)
		return r == -ENODATA ? -ENOTSUP : r;
	if (bytes > present && !host->cap_sys_resource)
		return error_set(err, -ENOTSUP,
				 "%s is limited to %s already, and to raise it needs "
				 "CAP_SYS_RESOURCE",
				 field_rows[limit].name, bytes_format(present, text, sizeof(text)));
	c->limit_given[limit] = true;
	c->limit_bytes[limit] = bytes;
	return 0;
}

static int resolve(const void *value, const struct host *host, struct conditions *c,
		   struct error *err)
{
	const struct value *v = value;
	struct size_bases bases;
	int r = 0;

	host_size_bases(host, &bases);
	for (int i = 0; !r && i < LIMITS; i++)
		if (v->given[i])
			r = resolve_one(v, i, host, &bases, c, err);
	return r;
}

const struct axis axis_limits = {
	.name = "limits",
	.help = "resource limits of the process that maps",
	.forms = "none\n"
		 "{as: 4GiB, data: 1GiB, memlock: 64KiB, stack: 8MiB}: any of them",
	.fields = field_rows,
	.initial = "none",
	.value_bytes = sizeof(struct value),
	.parse = parse,
	.format = format,
	.resolve = resolve,
};
