/* SPDX-License-Identifier: MIT */
/* What all operations share: finding them by name, and arguments as plain numbers. */
#include "ops/op.h"

#include "base/cleanup.h"

#include <string.h>

#define OPS_MAX 64

const struct op *op_find(const char *name)
{
	for (size_t i = 0; ops[i]; i++)
		if (strcmp(ops[i]->name, name) == 0)
			return ops[i];
	return NULL;
}

bool op_counts_faults(const struct op *op)
{
	for (const struct metric *m = op->metrics; m && m->name; m++)
		if (m->count == COUNT_FAULTS &&
		    (m->kind == METRIC_RATE || m->kind == METRIC_TOTAL ||
		     m->kind == METRIC_TIME_PER))
			return true;
	return false;
}

const char *const *op_names(void)
{
	static const char *names[OPS_MAX + 1];

	for (size_t i = 0; i < OPS_MAX && ops[i]; i++)
		names[i] = ops[i]->name;
	return names;
}

static int resolve_size(const struct size *size, const struct conditions *c,
			const struct host *host, uint64_t *ret, struct error *err)
{
	struct size_bases bases;

	host_size_bases(host, &bases);
	bases.bytes[SIZE_MAPPING] = c->map.length_bytes;
	/* A share of a mapping of length 0 is 0, not "this machine has no mapping". */
	if (size->base == SIZE_MAPPING && !c->map.length_bytes && !size->subtract) {
		*ret = size->add_bytes + size->add_pages * bases.page_bytes;
		return 0;
	}
	return size_resolve(size, &bases, ret, err);
}

int op_call_resolve(const struct op *op, const struct arg_value *values, const struct conditions *c,
		    const struct host *host, struct op_call *ret, struct error *err)
{
	struct op_call call = { .op = op };
	int r;

	for (unsigned int i = 0; op->args && op->args[i].name; i++) {
		const struct arg_value *value = &values[i];

		switch (op->args[i].type) {
		case ARG_SIZE:
		case ARG_ADDRESS:
			r = resolve_size(&value->size, c, host, &call.args[i], err);
			if (r)
				return error_prefix(err, r, "%s %s", op->name, op->args[i].name);
			break;
		case ARG_COUNT:
			call.args[i] = value->count;
			break;
		case ARG_CHOICE:
			call.args[i] = value->choice;
			break;
		case ARG_DURATION:
			call.args[i] = value->duration_ns;
			break;
		case ARG_WORDS:
			call.words[i] = value->words;
			break;
		}
	}
	*ret = call;
	return 0;
}

const char *better_name(enum better better)
{
	static const char *const names[] = {
		[BETTER_LOWER] = "lower",
		[BETTER_HIGHER] = "higher",
		[BETTER_NEITHER] = "neither",
	};

	return names[better];
}
