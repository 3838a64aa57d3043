/* SPDX-License-Identifier: MIT */
/* Axis `size`: the length of a mapping. 0 is a value like others: EINVAL is the kernel's to say. */
#include "axes/overcommit.h"
#include "axes/rows.h"

#include <errno.h>

static int parse(const struct field *fields, size_t n, void *value, size_t *ret_bad,
		 struct error *err)
{
	struct size *size = value;
	int r = size_parse(fields[0].text, size, err);

	(void)n;
	*ret_bad = 0;
	if (!r && size->base == SIZE_MAPPING)
		return error_set(err, -EINVAL,
				 "size \"%s\": the mapping cannot be a share of itself: try ram",
				 fields[0].text);
	return r == -ERANGE ? -EINVAL : r;
}

static void format(const void *value, char *ret, size_t length)
{
	size_format(value, ret, length);
}

/* A share of the commit limit is one of the limit that the cell's own settings will make. */
static int resolve(const void *value, const struct host *host, struct conditions *c,
		   struct error *err)
{
	struct size_bases bases;
	int r;

	host_size_bases(host, &bases);
	bases.bytes[SIZE_COMMIT_LIMIT] = overcommit_limit_bytes(c, host);
	r = size_resolve(value, &bases, &c->map.length_bytes, err);
	return r == -ENODATA ? -ENOTSUP : r;
}

const struct axis axis_size = {
	.name = "size",
	.help = "length of a mapping",
	.forms = "64MiB, 3 pages, 0\n"
		 "50% ram, 4x ram+swap, 100% ram+swap + 1 page\n"
		 "shares of: ram, swap, ram+swap, available, commit-limit, node, llc",
	.initial = "64MiB",
	.of_mapping = true,
	.value_bytes = sizeof(struct size),
	.parse = parse,
	.format = format,
	.resolve = resolve,
};
